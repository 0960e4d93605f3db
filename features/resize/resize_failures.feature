@lab
Feature: A failed resize leaves one host charged
  Whichever host fails, and at whatever stage, the server is charged once, on the host that Nova reports.

  Background:
    Given these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |

  Rule: A resize that fails before it is finished is charged where it stopped

    @id-b46ac8
    Scenario: The source fails to start the resize
      Given a host "stuck" that fails to start outgoing resizes
      And host "beta"
      And server "web" runs flavor "small" on host "stuck"
      When server "web" is resized to flavor "large"
      Then server "web" is ERROR on host "stuck"
      And the resize action of server "web" failed
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | stuck |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | stuck |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |

    @id-836002
    Scenario: The destination fails to finish the resize
      Given a host "broken" that fails to finish resizes
      And host "alpha"
      And server "web" runs flavor "small" on host "alpha"
      When server "web" is resized to flavor "large"
      Then server "web" is ERROR on host "broken"
      And the resize action of server "web" failed
      And the allocations are
        | consumer   | host   | VCPU | MEMORY_MB | DISK_GB |
        | server web | broken |    2 |      1024 |       2 |
      And the usages have changed by
        | host   | VCPU | MEMORY_MB | DISK_GB |
        | alpha  |    0 |         0 |       0 |
        | broken |   +2 |     +1024 |      +2 |

    @id-a817b7
    Scenario: The destination fails to finish a cold migration
      Given a host "broken" that fails to finish resizes
      And host "alpha"
      And server "web" runs flavor "small" on host "alpha"
      When server "web" is cold migrated
      Then server "web" is ERROR on host "broken"
      And the migrate action of server "web" failed
      And the allocations are
        | consumer   | host   | VCPU | MEMORY_MB | DISK_GB |
        | server web | broken |    1 |       512 |       1 |
      And the usages have changed by
        | host   | VCPU | MEMORY_MB | DISK_GB |
        | alpha  |    0 |         0 |       0 |
        | broken |   +1 |      +512 |      +1 |

  Rule: Allocations follow a confirm or revert that fails on the source

    @id-7a5b62
    Scenario: The source fails to confirm the resize
      Given a host "stuck" that fails to confirm resizes
      And host "beta"
      And server "web" runs flavor "small" on host "stuck"
      And server "web" has an unconfirmed resize to flavor "large" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is ERROR on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | stuck |    0 |         0 |       0 |
        | beta  |   +2 |     +1024 |      +2 |

    @id-1845da
    Scenario: The source fails to revert the resize
      Given a host "stuck" that fails to revert resizes
      And host "beta"
      And server "web" runs flavor "small" on host "stuck"
      And server "web" has an unconfirmed resize to flavor "large" on host "beta"
      When the resize of server "web" is reverted
      Then server "web" is ERROR on host "stuck"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | stuck |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | stuck |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |

  Rule: Deleting a server that failed to resize frees everything

    @id-7450eb
    Scenario: Deleting a server that failed to resize frees both hosts
      Given a host "broken" that fails to finish resizes
      And host "alpha"
      And server "web" runs flavor "small" on host "alpha"
      And server "web" failed to resize to flavor "large"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host   | VCPU | MEMORY_MB | DISK_GB |
        | alpha  |    0 |         0 |       0 |
        | broken |    0 |         0 |       0 |
