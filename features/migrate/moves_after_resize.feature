Feature: After a resize, a server moves with its current flavor
  Nova keeps a request spec for every server and schedules later moves with it. The request spec must match the server's
  current flavor: the new one after a confirmed resize, the old one after a revert.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
      | lean   |    1 |       512 |       2 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: After a confirmed resize, moves use the new flavor

    @id-c20fac
    Scenario: A live migration allocates the new flavor
      Given server "web" has been resized to flavor "large" and confirmed on host "beta"
      When server "web" is live migrated to host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    2 |      1024 |       2 |

    @id-4199da
    Scenario: A cold migration holds the new flavor on both hosts
      Given server "web" has been resized to flavor "large" and confirmed on host "beta"
      When server "web" is cold migrated to host "alpha"
      Then server "web" is VERIFY_RESIZE on host "alpha"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web       | alpha |    2 |      1024 |       2 |
        | migration of web | beta  |    2 |      1024 |       2 |

    @id-0fd45e
    Scenario: Resizing back holds one flavor on each host
      Given server "web" has been resized to flavor "large" and confirmed on host "beta"
      When server "web" is resized to flavor "lean"
      Then server "web" is VERIFY_RESIZE on host "alpha"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web       | alpha |    1 |       512 |       2 |
        | migration of web | beta  |    2 |      1024 |       2 |

    @id-b5e5a1
    Scenario: Unshelving allocates the new flavor
      Given server "web" has been resized to flavor "large" and confirmed on host "beta"
      And server "web" has been offloaded
      When server "web" is unshelved to host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    2 |      1024 |       2 |

    @disruptive @id-8edb9f
    Scenario: An evacuation holds the new flavor on both hosts
      Given server "web" has been resized to flavor "large" and confirmed on host "beta"
      And host "beta" is down
      When server "web" is evacuated
      Then server "web" is on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    2 |      1024 |       2 |
        | server web | beta  |    2 |      1024 |       2 |

  Rule: After a reverted resize, moves use the old flavor

    @id-1b9885
    Scenario: A live migration allocates the old flavor
      Given server "web" has been resized to flavor "large" and reverted
      When server "web" is live migrated to host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |

    @id-eaeea3
    Scenario: Unshelving allocates the old flavor
      Given server "web" has been resized to flavor "large" and reverted
      And server "web" has been offloaded
      When server "web" is unshelved to host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |

    @disruptive @id-6d5139
    Scenario: An evacuation holds the old flavor on both hosts
      Given server "web" has been resized to flavor "large" and reverted
      And host "alpha" is down
      When server "web" is evacuated
      Then server "web" is on host "beta"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
        | server web | beta  |    1 |       512 |       1 |
