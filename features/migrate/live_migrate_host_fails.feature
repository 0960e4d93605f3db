@disruptive @lab
Feature: A host that fails during a live migration leaves only the host of the server charged
  The live migration of a server to host "beta" is running when one of the hosts fails. Whatever becomes of it, the
  server is charged where Nova says that it is, and its migration nowhere.

  Background:
    Given a host "slow" that live migrates slowly
    And a host "beta" that behaves normally
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small" on host "slow"
    And server "web" is live migrating to host "beta"

  Rule: A destination that fails is freed, or charged alone

    @id-308ae1
    Scenario: Aborting the migration frees a destination that has failed
      Given host "beta" has failed unnoticed
      When the live migration of server "web" is aborted
      Then server "web" is ACTIVE on host "slow"
      And the last migration of server "web" has status cancelled
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | slow |    1 |       512 |       1 |
      And the usages have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | slow |   +1 |      +512 |      +1 |
        | beta |    0 |         0 |       0 |

    @known-unanswered-live-migration-keeps-source @id-ff44e0
    Scenario: Completing the migration to a destination that has failed
      Given host "beta" has failed unnoticed
      When the live migration of server "web" is forced to complete
      Then server "web" is ERROR on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |

  Rule: A source that fails and returns is charged alone

    @known-interrupted-live-migration-keeps-destination @id-fbc8b8
    Scenario: A returned source gives the migration up and frees the destination
      Given host "slow" has failed unnoticed
      When host "slow" returns
      Then server "web" is ACTIVE on host "slow"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | slow |    1 |       512 |       1 |
