@lab @whole-cloud
Feature: A change of the accounts that somebody else got ahead of does not corrupt them
  Placement refuses a change that missed another one. Nova tries again where that is safe; where it gives up, the
  server ends in a documented state and nothing is charged twice, except for leaks that Nova itself logs.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |

  Rule: A conflict about the provider alone is tried again

    Scenario: A boot goes on when the provider changed meanwhile
      Given Placement refuses the next change of one consumer, because the provider changed
      When server "web" is booted from flavor "small" on host "alpha"
      Then Placement has refused it
      And server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

  Rule: A claim that conflicts is given up, and what was held before stays

    Scenario: A boot fails and is charged to nobody
      Given Placement refuses the next change of one consumer, because somebody else got ahead
      When server "web" is booted from flavor "small" on host "alpha"
      Then Placement has refused it
      And server "web" is ERROR because "Failed to update allocations for consumer"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario Outline: A cold migration is given up at the <conflict>
      Given server "web" runs flavor "small" on host "alpha"
      And Placement refuses the next <conflict>, because somebody else got ahead
      When server "web" is cold migrated
      Then Placement has refused it
      And server "web" is ACTIVE on host "alpha"
      And action migrate of server "web" has failed
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

      Examples: The two changes that begin a move
        | conflict                   |
        | exchange between consumers |
        | change of one consumer     |

    Scenario Outline: A live migration is given up at the <conflict>
      Given server "web" runs flavor "small" on host "alpha"
      And Placement refuses the next <conflict>, because somebody else got ahead
      When server "web" is live migrated
      Then Placement has refused it
      And server "web" is <status> on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

      Examples: The two changes that begin a move
        | conflict                   | status |
        | exchange between consumers | ERROR  |
        | change of one consumer     | ERROR  |

    @disruptive
    Scenario: An evacuation is given up and the dead host keeps the server
      Given server "web" runs flavor "small" on host "alpha"
      And host "alpha" is down
      And Placement refuses the next change of one consumer, because somebody else got ahead
      When server "web" is evacuated
      Then Placement has refused it
      And server "web" is ERROR because "Failed to update allocations for consumer"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

  Rule: A decision that conflicts leaves the server in ERROR and too much charged

    Scenario: A confirmation that conflicts leaks the source, and Nova says so
      Given server "web" runs flavor "small" on host "alpha"
      And server "web" awaits a decision on its migration to host "beta"
      And Nova is known to leak what the migration of server "web" holds
      And Placement refuses the next change of one consumer, because somebody else got ahead
      When the migration of server "web" is confirmed
      Then Placement has refused it
      And server "web" is ERROR because "Failed to delete allocations"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +1 |      +512 |      +1 |
      And the audit says "still holds"
      And the log of Nova says "is leaked" of server "web"

    Scenario: A revert that conflicts leaves both charged, and Nova says so
      Given server "web" runs flavor "small" on host "alpha"
      And server "web" awaits a decision on flavor "large" on host "beta"
      And Nova is known to leak what server "web" and its migration hold
      And Placement refuses the next exchange between consumers, because somebody else got ahead
      When the resize of server "web" is reverted
      Then Placement has refused it
      And server "web" is ERROR because "Failed to move allocations"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +2 |     +1024 |      +2 |
      And the audit says "but is on host"
      And the log of Nova says "is leaked" of server "web"
