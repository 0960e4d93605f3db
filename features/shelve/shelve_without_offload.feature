@whole-cloud
Feature: A shelved server that is not offloaded keeps its allocations
  Where shelved servers are not offloaded automatically, they hold their allocations until they leave their host.

  Background:
    Given host "alpha"
    And shelved servers are not offloaded automatically
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: A shelved server is charged like a running one

    @id-06b4fb
    Scenario: A shelved server keeps its allocations
      When server "web" is shelved
      Then server "web" is SHELVED on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @id-345a3d
    Scenario: An unshelved server is charged once
      Given server "web" has been shelved
      When server "web" is unshelved
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @id-b03d68
    Scenario: An unshelved server is cold migrated like any other
      Given host "beta"
      And server "web" has been shelved
      And server "web" has been unshelved
      When server "web" is cold migrated
      Then server "web" is VERIFY_RESIZE on another host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    1 |       512 |       1 |

  Rule: A shelved server frees its host when it leaves

    @id-e97883
    Scenario: Offloading the shelved server frees the host
      Given server "web" has been shelved
      When server "web" is offloaded
      Then server "web" is SHELVED_OFFLOADED without a host
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |

    @id-98a3e2
    Scenario: Deleting the shelved server frees the host
      Given server "web" has been shelved
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |

    @id-423957
    Scenario: A server that was offloaded on request holds its new host
      Given server "web" has been shelved
      And server "web" has been offloaded
      When server "web" is unshelved to host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
