Feature: A server is charged to its own project, whoever acts on it
  Every allocation in Placement belongs to a project, and quotas may be counted from them. When an administrator moves
  servers of other users, their allocations stay with the projects of the owners.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
    And user "bob" without the admin role
    And user "bob" runs server "own" with flavor "small" on host "alpha"

  Rule: Moves by an administrator are charged to the owner's project

    @id-9191f6
    Scenario: A live migration is charged to the owner's project
      When server "own" is live migrated to host "beta"
      Then server "own" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server own | beta |    1 |       512 |       1 |
      And the users see these project usages in Placement
        | user | VCPU | MEMORY_MB | DISK_GB |
        | bob  |    1 |       512 |       1 |

    @id-97ae85
    Scenario: An unconfirmed resize is charged to the owner's project
      When server "own" is resized to flavor "large"
      Then server "own" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | server own       | beta  |    2 |      1024 |       2 |
        | migration of own | alpha |    1 |       512 |       1 |
      And the users see these project usages in Placement
        | user | VCPU | MEMORY_MB | DISK_GB |
        | bob  |    3 |      1536 |       3 |

    @id-be9a18
    Scenario: Confirming a resize charges the new flavor to the owner's project
      Given server "own" has an unconfirmed resize to flavor "large" on host "beta"
      When the resize of server "own" is confirmed
      Then server "own" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server own | beta |    2 |      1024 |       2 |
      And the users see these project usages in Placement
        | user | VCPU | MEMORY_MB | DISK_GB |
        | bob  |    2 |      1024 |       2 |

    @id-1964c0
    Scenario: Reverting a resize charges the old flavor to the owner's project
      Given server "own" has an unconfirmed resize to flavor "large" on host "beta"
      When the resize of server "own" is reverted
      Then server "own" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server own | alpha |    1 |       512 |       1 |
      And the users see these project usages in Placement
        | user | VCPU | MEMORY_MB | DISK_GB |
        | bob  |    1 |       512 |       1 |

  Rule: Repairs by an administrator are charged to the owner's project

    @disruptive @id-0a6c58
    Scenario: Both hosts of an evacuation are charged to the owner's project
      Given host "alpha" is down
      When server "own" is evacuated
      Then server "own" is on host "beta"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server own | alpha |    1 |       512 |       1 |
        | server own | beta  |    1 |       512 |       1 |
      And the users see these project usages in Placement
        | user | VCPU | MEMORY_MB | DISK_GB |
        | bob  |    2 |      1024 |       2 |

    @disruptive @id-603aaa
    Scenario: A host that returns is no longer charged to the owner's project
      Given host "alpha" is down
      And server "own" has been evacuated to host "beta"
      When host "alpha" returns
      Then server "own" is on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server own | beta |    1 |       512 |       1 |
      And the users see these project usages in Placement
        | user | VCPU | MEMORY_MB | DISK_GB |
        | bob  |    1 |       512 |       1 |

    @id-d561ab
    Scenario: A rebuilt server is charged to the owner's project
      When server "own" is rebuilt
      Then server "own" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server own | alpha |    1 |       512 |       1 |
      And the users see these project usages in Placement
        | user | VCPU | MEMORY_MB | DISK_GB |
        | bob  |    1 |       512 |       1 |

  Rule: Offloading frees the owner's project, unshelving charges it again

    @id-c7bdb7
    Scenario: An offloaded server is charged to no project
      When server "own" is shelved and offloaded
      Then server "own" is SHELVED_OFFLOADED without a host
      And there are no allocations
      And the users see these project usages in Placement
        | user | VCPU | MEMORY_MB | DISK_GB |
        | bob  |    0 |         0 |       0 |

    @id-0d2a9b
    Scenario: An unshelved server is charged to the owner's project again
      Given server "own" has been offloaded
      When server "own" is unshelved to host "beta"
      Then server "own" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server own | beta |    1 |       512 |       1 |
      And the users see these project usages in Placement
        | user | VCPU | MEMORY_MB | DISK_GB |
        | bob  |    1 |       512 |       1 |
