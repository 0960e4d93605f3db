@disruptive @lab
Feature: A server runs in the availability zone it was requested in
  An availability zone is a host aggregate that Nova mirrors to Placement, so the scheduler requests only hosts of the
  zone.

  Background:
    Given hosts "alpha" and "beta"
    And zone "east" contains only host "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |

  Rule: The aggregate in Placement contains the hosts of the zone

    @id-c8908c
    Scenario: Only the hosts of a zone are in its aggregate
      When server "web" is booted with flavor "small" in zone "east"
      Then server "web" is ACTIVE on host "beta"
      And the resource provider of host "beta" is in the aggregate of zone "east"
      And the resource provider of host "alpha" is not in the aggregate of zone "east"

    @id-9ca4ea
    Scenario: A host removed from its zone is removed from the aggregate
      When host "beta" is removed from zone "east"
      Then the resource provider of host "beta" is not in the aggregate of zone "east"

    @id-e99710
    Scenario: A zone without hosts accepts no servers
      Given host "beta" has been removed from zone "east"
      When server "web" is booted with flavor "small" in zone "east"
      Then the response status is 400
      And the response is a JSON fault that says "availability zone"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |

  Rule: A server is charged on a host of its zone

    @id-365410
    Scenario: A server booted in a zone is charged on the host of the zone
      When server "web" is booted with flavor "small" in zone "east"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |

    @id-cfde9e
    Scenario: A server in an unknown zone is rejected without allocations
      When server "web" is booted with flavor "small" in an unknown zone
      Then the response status is 400
      And the response is a JSON fault that says "availability zone"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |

    @id-c8c0a2
    Scenario: A resize does not leave the zone of the server
      Given server "web" runs flavor "small" in zone "east"
      When server "web" is resized to flavor "large"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
