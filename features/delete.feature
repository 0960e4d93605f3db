Feature: Deleting a server returns everything held for it
  Whatever state a server is in when it is deleted, neither it nor a migration of it holds anything afterwards.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB  | DISK_GB |
      | small  |    1 |        512 |       1 |
      | large  |    2 |       1024 |       2 |
      | huge   |    1 | 1000000000 |       1 |

  Rule: A deleted server holds nothing

    Scenario: The host of a deleted server is free
      Given server "web" runs flavor "small" on host "alpha"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: Deleting one server leaves the charge of another
      Given server "web" runs flavor "small" on host "alpha"
      And server "db" runs flavor "large" on host "alpha"
      When server "web" is deleted
      Then server "web" is gone
      And the allocations are
        | consumer  | host  | VCPU | MEMORY_MB | DISK_GB |
        | server db | alpha |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +2 |     +1024 |      +2 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: A server that never found a host leaves nothing
      Given server "web" found no host for flavor "huge"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

  Rule: The migration of a deleted server holds nothing either

    Scenario: Both hosts are free when a server is deleted with its resize undecided
      Given server "web" runs flavor "small" on host "alpha"
      And server "web" awaits a decision on flavor "large" on host "beta"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    @disruptive
    Scenario: Both hosts are free when it is deleted with its new host down
      Given server "web" runs flavor "small" on host "alpha"
      And server "web" awaits a decision on flavor "large" on host "beta"
      And host "beta" is down
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |
