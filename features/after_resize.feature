Feature: A server that was resized is moved with the flavor it has now
  The scheduler keeps a request for every server, to place it again whenever it moves. It must ask for what the server is
  now: the new flavor once a resize was confirmed, the old one after a revert.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: After a confirmed resize the new flavor moves

    Scenario: A live migration is charged for the new flavor
      Given server "web" has been resized to flavor "large" and confirmed on host "beta"
      When server "web" is live migrated to host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +2 |     +1024 |      +2 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: A cold migration is charged for the new flavor on both hosts
      Given server "web" has been resized to flavor "large" and confirmed on host "beta"
      When server "web" is cold migrated to host "alpha"
      Then server "web" is VERIFY_RESIZE on host "alpha"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web       | alpha |    2 |      1024 |       2 |
        | migration of web | beta  |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +2 |     +1024 |      +2 |
        | beta  |   +2 |     +1024 |      +2 |
      And nothing changes when the periodic runs

    Scenario: A resize back is charged for the flavor that each host has
      Given server "web" has been resized to flavor "large" and confirmed on host "beta"
      When server "web" is resized to flavor "small"
      Then server "web" is VERIFY_RESIZE on host "alpha"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web       | alpha |    1 |       512 |       1 |
        | migration of web | beta  |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +2 |     +1024 |      +2 |
      And nothing changes when the periodic runs

    Scenario: A server that comes back from the shelf is charged for the new flavor
      Given server "web" has been resized to flavor "large" and confirmed on host "beta"
      And server "web" has been offloaded
      When server "web" is unshelved on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +2 |     +1024 |      +2 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    @disruptive
    Scenario: An evacuation is charged for the new flavor on both hosts
      Given server "web" has been resized to flavor "large" and confirmed on host "beta"
      And host "beta" is down
      When server "web" is evacuated
      Then server "web" is on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    2 |      1024 |       2 |
        | server web | beta  |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +2 |     +1024 |      +2 |
        | beta  |   +2 |     +1024 |      +2 |
      And nothing changes when the periodic runs

  Rule: After a reverted resize the old flavor moves

    Scenario: A live migration is charged for the old flavor
      Given server "web" has been resized to flavor "large" and reverted
      When server "web" is live migrated to host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: A server that comes back from the shelf is charged for the old flavor
      Given server "web" has been resized to flavor "large" and reverted
      And server "web" has been offloaded
      When server "web" is unshelved on host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    @disruptive
    Scenario: An evacuation is charged for the old flavor on both hosts
      Given server "web" has been resized to flavor "large" and reverted
      And host "alpha" is down
      When server "web" is evacuated
      Then server "web" is on host "beta"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
        | server web | beta  |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs
