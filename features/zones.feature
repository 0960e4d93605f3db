@disruptive
Feature: A server is charged in the zone it was asked for
  A zone is an aggregate of hosts that Nova shares with Placement, so the scheduler asks only for hosts of the zone.

  Background:
    Given hosts "alpha" and "beta"
    And host "beta" alone is in zone "east"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |

  Rule: Placement knows which hosts a zone has

    Scenario: Only the zone's host is in its aggregate
      When server "web" is booted from flavor "small" in zone "east"
      Then server "web" is ACTIVE on host "beta"
      And the resource provider of host "beta" is in the aggregate of zone "east"
      And the resource provider of host "alpha" is not in the aggregate of zone "east"

    Scenario: A host that leaves its zone leaves the aggregate
      When host "beta" leaves zone "east"
      Then the resource provider of host "beta" is not in the aggregate of zone "east"
      And nothing changes when the periodic runs

    Scenario: A zone that its only host has left has room for nobody
      Given host "beta" has left zone "east"
      When server "web" is booted from flavor "small" in zone "east"
      Then the answer is 400
      And the answer is a JSON fault that says "availability zone"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |

  Rule: A server runs, and is charged, in its zone

    Scenario: A server in a zone is charged on the zone's host
      When server "web" is booted from flavor "small" in zone "east"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: A server in an unknown zone is refused and charged to nobody
      When server "web" is booted from flavor "small" in an unknown zone
      Then the answer is 400
      And the answer is a JSON fault that says "availability zone"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |

    Scenario: A server does not leave its zone to be resized
      Given server "web" runs flavor "small" in zone "east"
      When server "web" is resized to flavor "large"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs
