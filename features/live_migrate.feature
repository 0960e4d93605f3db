Feature: Live migrating a server moves its charge to the destination
  While the guest moves, both hosts are paid for; once it has arrived, only the destination is.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: A live migration that has finished is charged on the destination only

    Scenario: The scheduler's destination is charged and the source is free
      When server "web" is live migrated
      Then server "web" is ACTIVE on another host "beta"
      And the last migration of server "web" is completed
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: A named destination is charged and the source is free
      When server "web" is live migrated to host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the last migration of server "web" is completed
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: A destination forced past the scheduler is charged all the same
      When server "web" is live migrated by force to host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the last migration of server "web" is completed
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

  Rule: A server that has arrived can be deleted like any other

    Scenario: Both hosts are free when it is deleted
      Given server "web" has been live migrated to host "beta"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs
