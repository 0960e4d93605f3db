Feature: What a server has been through does not change its accounts
  Each operation leaves a server charged for its flavor on its host, and nothing elsewhere, so the next one begins like
  the first.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       1 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: Operations that do not move a server leave nothing behind for its moves

    @id-2cc604
    Scenario: A server is resized after a reboot, a rebuild and a restart
      Given server "web" has been rebooted
      And server "web" has been rebuilt
      And server "web" is stopped
      And server "web" has been started
      When server "web" is resized to flavor "large"
      Then server "web" is VERIFY_RESIZE on another host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    2 |      1024 |       1 |

  Rule: Every move is charged like the first

    @id-bf33ad
    Scenario: A server is live migrated after a resize and a reverted migration
      Given server "web" has an unconfirmed resize to flavor "large" on host "beta"
      And the resize of server "web" has been confirmed
      And server "web" has an unconfirmed migration to host "alpha"
      And the migration of server "web" has been reverted
      When server "web" is live migrated to host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    2 |      1024 |       1 |

    @id-9499fa
    Scenario: A server is deleted after both of its moves and an unshelve
      Given server "web" has an unconfirmed migration to host "beta"
      And the migration of server "web" has been confirmed
      And server "web" has an unconfirmed resize to flavor "large" on host "alpha"
      And the resize of server "web" has been reverted
      And the periodic task has run on host "beta"
      And server "web" has been offloaded
      And server "web" has been unshelved to host "alpha"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations

  @disruptive
  Rule: A host that was down is charged like any other

    @id-b524f7
    Scenario: A server stays charged on a host that goes down
      When host "alpha" goes down
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @id-986b58
    Scenario: A server is migrated to a host that has come back without guests
      Given host "beta" is down
      And host "beta" is back without its guests
      When server "web" is cold migrated to host "beta"
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    1 |       512 |       1 |
