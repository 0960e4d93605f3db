@lab
Feature: A live migration that does not arrive is charged on the source only
  However a live migration ends, the server is paid for once, where it runs.

  Background:
    Given these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |

  Rule: While the guest moves, both hosts are charged

    Scenario: The migration holds the source and the server the destination
      Given a host "slow" that takes its time to live migrate
      And host "beta"
      And server "web" runs flavor "small" on host "slow"
      When server "web" begins to live migrate to host "beta"
      Then server "web" is MIGRATING on host "slow"
      And the allocations are
        | consumer         | host | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | slow |    1 |       512 |       1 |
        | server web       | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | slow |   +1 |      +512 |      +1 |
        | beta |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: A server that waits for another is charged on both hosts as well
      Given a host "slow" that takes its time to live migrate
      And host "beta"
      And server "web" runs flavor "small" on host "slow"
      And server "db" runs flavor "small" on host "slow"
      And server "web" is live migrating to host "beta"
      When server "db" waits to live migrate to host "beta"
      Then server "db" is MIGRATING on host "slow"
      And the last migration of server "db" is queued
      And the allocations are
        | consumer         | host | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | slow |    1 |       512 |       1 |
        | migration of db  | slow |    1 |       512 |       1 |
        | server web       | beta |    1 |       512 |       1 |
        | server db        | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | slow |   +2 |     +1024 |      +2 |
        | beta |   +2 |     +1024 |      +2 |
      And nothing changes when the periodic runs

  Rule: Whoever ends a migration decides which host stays charged

    Scenario: An aborted migration frees the destination
      Given a host "slow" that takes its time to live migrate
      And host "beta"
      And server "web" runs flavor "small" on host "slow"
      And server "web" is live migrating to host "beta"
      When the live migration of server "web" is aborted
      Then server "web" is ACTIVE on host "slow"
      And the last migration of server "web" is cancelled
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | slow |    1 |       512 |       1 |
      And the usages have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | slow |   +1 |      +512 |      +1 |
        | beta |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: A migration that is aborted in the queue frees the destination
      Given a host "slow" that takes its time to live migrate
      And host "beta"
      And server "web" runs flavor "small" on host "slow"
      And server "db" runs flavor "small" on host "slow"
      And server "web" is live migrating to host "beta"
      And server "db" waits to live migrate to host "beta"
      When the live migration of server "db" is aborted
      Then server "db" is ACTIVE on host "slow"
      And the last migration of server "db" is cancelled
      And the allocations are
        | consumer         | host | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | slow |    1 |       512 |       1 |
        | server db        | slow |    1 |       512 |       1 |
        | server web       | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | slow |   +2 |     +1024 |      +2 |
        | beta |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: A migration that is forced to complete frees the source
      Given a host "slow" that takes its time to live migrate
      And host "beta"
      And server "web" runs flavor "small" on host "slow"
      And server "web" is live migrating to host "beta"
      When the live migration of server "web" is forced to complete
      Then server "web" is ACTIVE on host "beta"
      And the last migration of server "web" is completed
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | slow |    0 |         0 |       0 |
        | beta |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

  Rule: A migration that fails frees the destination

    Scenario: A destination that fails its check is not charged
      Given a host "unfit" that is tried first and fails the check of a live migration
      And host "alpha"
      And server "web" runs flavor "small" on host "alpha"
      When server "web" is live migrated to host "unfit"
      Then server "web" is ACTIVE on host "alpha"
      And the last migration of server "web" is error
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | unfit |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: A destination that fails to prepare is not charged
      Given a host "unready" that fails to prepare for a live migration
      And host "alpha"
      And server "web" runs flavor "small" on host "alpha"
      When server "web" is live migrated to host "unready"
      Then server "web" is ACTIVE on host "alpha"
      And the last migration of server "web" is failed
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host    | VCPU | MEMORY_MB | DISK_GB |
        | alpha   |   +1 |      +512 |      +1 |
        | unready |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: A migration that breaks off halfway frees the destination
      Given a host "shaky" that breaks off live migrations
      And host "beta"
      And server "web" runs flavor "small" on host "shaky"
      When server "web" is live migrated to host "beta"
      Then server "web" is ACTIVE on host "shaky"
      And the last migration of server "web" is error
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | shaky |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | shaky |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

  Rule: A migration that tries another host is charged only where it ends

    Scenario: The host that failed the check is free
      Given a host "unfit" that is tried first and fails the check of a live migration
      And hosts "alpha" and "beta"
      And server "web" runs flavor "small" on host "alpha"
      When server "web" is live migrated
      Then server "web" is ACTIVE on host "beta"
      And the last migration of server "web" is completed
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |
        | unfit |    0 |         0 |       0 |
      And nothing changes when the periodic runs
