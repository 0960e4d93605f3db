Feature: Servers booted together are charged one by one
  One request may ask for several servers: each of them holds its own flavor on the host it runs on.

  Background:
    Given host "alpha"
    And these flavors
      | flavor | VCPU | MEMORY_MB  | DISK_GB |
      | small  |    1 |        512 |       1 |
      | pair   |    2 |        512 |       1 |
      | huge   |    1 | 1000000000 |       1 |

  Rule: Each server of a request is a consumer of its own

    Scenario: Three servers of one request hold three flavors
      When 3 servers "web" are booted together from flavor "small"
      Then server "web-3" is ACTIVE on host "alpha"
      And the allocations are
        | consumer     | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web-1 | alpha |    1 |       512 |       1 |
        | server web-2 | alpha |    1 |       512 |       1 |
        | server web-3 | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +3 |     +1536 |      +3 |
      And nothing changes when the periodic runs

    Scenario: Deleting one of them leaves the charge of the others
      Given 3 servers "web" run flavor "small"
      When server "web-2" is deleted
      Then server "web-2" is gone
      And the allocations are
        | consumer     | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web-1 | alpha |    1 |       512 |       1 |
        | server web-3 | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +2 |     +1024 |      +2 |
      And nothing changes when the periodic runs

  Rule: A request that finds no host is charged to nobody

    Scenario: None of the servers holds anything
      When 2 servers "web" are booted together from flavor "huge"
      Then server "web-1" is ERROR because "No valid host was found"
      And server "web-2" is ERROR because "No valid host was found"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: Those for which there was room hold nothing either
      Given host "alpha" has room for 3 more VCPU
      When 2 servers "web" are booted together from flavor "pair"
      Then server "web-1" is ERROR because "No valid host was found"
      And server "web-2" is ERROR because "No valid host was found"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
      And nothing changes when the periodic runs
