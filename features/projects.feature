Feature: A server is charged to its own project, whoever acts on it
  Placement says of every allocation whose it is, and the quota of a project may be counted by that. An administrator
  moves other people's servers about; what they hold stays on their owners' account.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
    And user "bob" without the admin role
    And user "bob" runs server "own" of flavor "small" on host "alpha"

  Rule: An administrator's move is charged to the owner of the server

    Scenario: A live migration stays on the owner's account
      When server "own" is live migrated to host "beta"
      Then server "own" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server own | beta |    1 |       512 |       1 |
      And the users read these usages of their projects in Placement
        | user | VCPU | MEMORY_MB | DISK_GB |
        | bob  |    1 |       512 |       1 |

    Scenario: Both halves of an undecided resize are on the owner's account
      When server "own" is resized to flavor "large"
      Then server "own" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | server own       | beta  |    2 |      1024 |       2 |
        | migration of own | alpha |    1 |       512 |       1 |
      And the users read these usages of their projects in Placement
        | user | VCPU | MEMORY_MB | DISK_GB |
        | bob  |    3 |      1536 |       3 |

    Scenario: A confirmed resize leaves the new flavor on the owner's account
      Given server "own" awaits a decision on flavor "large" on host "beta"
      When the resize of server "own" is confirmed
      Then server "own" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server own | beta |    2 |      1024 |       2 |
      And the users read these usages of their projects in Placement
        | user | VCPU | MEMORY_MB | DISK_GB |
        | bob  |    2 |      1024 |       2 |

    Scenario: A reverted resize leaves the old flavor on the owner's account
      Given server "own" awaits a decision on flavor "large" on host "beta"
      When the resize of server "own" is reverted
      Then server "own" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server own | alpha |    1 |       512 |       1 |
      And the users read these usages of their projects in Placement
        | user | VCPU | MEMORY_MB | DISK_GB |
        | bob  |    1 |       512 |       1 |

  Rule: An administrator's repair is charged to the owner of the server

    @disruptive
    Scenario: Both hosts of an evacuation are on the owner's account
      Given host "alpha" is down
      When server "own" is evacuated
      Then server "own" is on host "beta"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server own | alpha |    1 |       512 |       1 |
        | server own | beta  |    1 |       512 |       1 |
      And the users read these usages of their projects in Placement
        | user | VCPU | MEMORY_MB | DISK_GB |
        | bob  |    2 |      1024 |       2 |

    @disruptive
    Scenario: The host that returns leaves the owner's account
      Given host "alpha" is down
      And server "own" has been evacuated to host "beta"
      When host "alpha" returns
      Then server "own" is on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server own | beta |    1 |       512 |       1 |
      And the users read these usages of their projects in Placement
        | user | VCPU | MEMORY_MB | DISK_GB |
        | bob  |    1 |       512 |       1 |

    Scenario: A rebuilt server stays on the owner's account
      When server "own" is rebuilt
      Then server "own" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server own | alpha |    1 |       512 |       1 |
      And the users read these usages of their projects in Placement
        | user | VCPU | MEMORY_MB | DISK_GB |
        | bob  |    1 |       512 |       1 |

  Rule: A server that an administrator takes off its host leaves the account, and comes back to it

    Scenario: An offloaded server is on nobody's account
      When server "own" is shelved and offloaded
      Then server "own" is SHELVED_OFFLOADED on no host
      And there are no allocations
      And the users read these usages of their projects in Placement
        | user | VCPU | MEMORY_MB | DISK_GB |
        | bob  |    0 |         0 |       0 |

    Scenario: An unshelved server is on the owner's account again
      Given server "own" has been offloaded
      When server "own" is unshelved on host "beta"
      Then server "own" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server own | beta |    1 |       512 |       1 |
      And the users read these usages of their projects in Placement
        | user | VCPU | MEMORY_MB | DISK_GB |
        | bob  |    1 |       512 |       1 |
