@disruptive
Feature: An evacuated server holds both hosts until its old host returns
  A host that is down cannot free anything. The new host is charged at once; the old host is freed only when it returns
  and finds that its guest was evacuated.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small" on host "alpha"
    And host "alpha" is down

  Rule: A host that is down stays charged

    @id-b40134
    Scenario: The evacuated server holds both hosts
      When server "web" is evacuated
      Then server "web" is on another host "beta"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
        | server web | beta  |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +1 |      +512 |      +1 |

  Rule: A host that returns is freed

    @id-df84aa
    Scenario: The old host is freed when it returns
      Given server "web" has been evacuated to host "beta"
      When host "alpha" returns
      Then server "web" is on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |

    @id-0a4683
    Scenario: The old host is freed when it returns without its guests
      Given server "web" has been evacuated to host "beta"
      When host "alpha" returns without its guests
      Then server "web" is on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |

  Rule: A server that was not evacuated keeps its host

    @id-5734c3
    Scenario: A host that returns resumes the servers that stayed on it
      When host "alpha" returns
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
