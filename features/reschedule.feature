@lab
Feature: A move that one host refuses is charged only where it ends
  A host may turn a server away after the scheduler has sent it there; the next one is tried, and the first one
  owes nothing.

  Background:
    Given these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |

  Rule: A host that refused a move is not charged for it

    Scenario: A resize that the first host refuses is charged on the next one
      Given a host "full" that is tried first and has no room for a move
      And hosts "alpha" and "beta"
      And server "web" runs flavor "small" on host "alpha"
      When server "web" is resized to flavor "large"
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +2 |     +1024 |      +2 |
        | full  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: A migration that the first host refuses is charged on the next one
      Given a host "full" that is tried first and has no room for a move
      And hosts "alpha" and "beta"
      And server "web" runs flavor "small" on host "alpha"
      When server "web" is cold migrated
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +1 |      +512 |      +1 |
        | full  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

  Rule: A move that was rescheduled ends like any other

    Scenario: The source is free once a rescheduled resize is confirmed
      Given a host "full" that is tried first and has no room for a move
      And hosts "alpha" and "beta"
      And server "web" runs flavor "small" on host "alpha"
      And server "web" awaits a decision on flavor "large" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +2 |     +1024 |      +2 |
        | full  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: The destination is free once a rescheduled resize is reverted
      Given a host "full" that is tried first and has no room for a move
      And hosts "alpha" and "beta"
      And server "web" runs flavor "small" on host "alpha"
      And server "web" awaits a decision on flavor "large" on host "beta"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
        | full  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

  Rule: A move that every host refuses leaves the server its old charge

    Scenario: There is no other host to try
      Given a host "full" that is tried first and has no room for a move
      And host "alpha"
      And server "web" runs flavor "small" on host "alpha"
      When server "web" is resized to flavor "large"
      Then server "web" is ERROR on host "alpha"
      And action resize of server "web" has failed
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | full  |    0 |         0 |       0 |
      And nothing changes when the periodic runs
