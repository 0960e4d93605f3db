@whole-cloud
Feature: A resize that nobody decides is confirmed by Nova
  Where the operator says how long a resize may wait for its owner, Nova confirms it then. Until that time both hosts are
  charged, and afterwards the new one only.

  Background:
    Given hosts "alpha" and "beta"
    And Nova decides undecided resizes after a day
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: A resize that can still be decided is charged on both hosts

    Scenario: Nova leaves a resize alone that has waited for less
      Given server "web" awaits a decision on flavor "large" on host "beta"
      When the host of server "web" looks for undecided resizes
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +2 |     +1024 |      +2 |
      And nothing changes when the periodic runs

  Rule: Once its time is over a move is charged on the new host only

    Scenario: The source of a resize that nobody decided is free
      Given server "web" awaits a decision on flavor "large" on host "beta"
      When the time to decide on server "web" is over
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +2 |     +1024 |      +2 |
      And nothing changes when the periodic runs

    Scenario: The source of a cold migration that nobody decided is free
      Given server "web" awaits a decision on its migration to host "beta"
      When the time to decide on server "web" is over
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs
