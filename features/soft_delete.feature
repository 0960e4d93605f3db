@whole-cloud
Feature: A soft-deleted server keeps its charge until it is reclaimed
  Where the operator keeps deleted servers for a while, their owner can have them back, so their place is kept.

  Background:
    Given host "alpha"
    And deleted servers can be restored
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: A server that can come back is charged

    Scenario: The host keeps the charge of a soft-deleted server
      When server "web" is soft deleted
      Then server "web" is SOFT_DELETED on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: A restored server is charged once
      Given server "web" has been soft deleted
      When server "web" is restored
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: A server that is soft deleted undecided is charged where it is
      Given host "beta"
      And server "web" awaits a decision on its migration to host "beta"
      When server "web" is soft deleted
      Then server "web" is SOFT_DELETED on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

  Rule: A server that cannot come back holds nothing

    Scenario: The host is free once the server is deleted for good
      Given server "web" has been soft deleted
      When server "web" is deleted for good
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: The host is free once the server is reclaimed
      Given server "web" has been soft deleted
      When the time to restore server "web" is over
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
      And nothing changes when the periodic runs
