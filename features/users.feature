Feature: Users see their own servers and nothing of the cloud behind them
  The accounts of a cloud are its operators'. Who only uses it is charged by the same rules, may read what the own
  project holds, and learns nothing of hosts, services or other projects.

  Background:
    Given host "alpha"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
    And user "bob" without the admin role

  Rule: A user's server is charged like anybody's

    Scenario: A server that a user boots holds its flavor
      When user "bob" boots server "own" from flavor "small"
      Then server "own" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server own | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: A server that a user deletes holds nothing
      Given user "bob" runs server "own" of flavor "small"
      When user "bob" deletes server "own"
      Then server "own" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
      And nothing changes when the periodic runs

  Rule: Users may read what their own project holds

    Scenario: Placement tells each user the usages of the own project
      Given user "eve" without the admin role
      And server "web" runs flavor "large" on host "alpha"
      And user "bob" runs server "own" of flavor "small"
      When user "eve" boots server "other" from flavor "large"
      Then server "other" is ACTIVE on host "alpha"
      And the users read these usages of their projects in Placement
        | user | VCPU | MEMORY_MB | DISK_GB |
        | bob  |    1 |       512 |       1 |
        | eve  |    2 |      1024 |       2 |

  Rule: A project holds no more than its quota

    Scenario: A server that exceeds the quota is refused and charged to nobody
      Given user "bob" may use 1 VCPU
      When user "bob" boots server "own" from flavor "large"
      Then the answer is 403
      And the answer is a JSON fault that says "Quota exceeded"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |

    Scenario: A resize that exceeds the quota is refused and changes nothing
      Given user "bob" may use 1 VCPU
      And user "bob" runs server "own" of flavor "small"
      When user "bob" resizes server "own" to flavor "large"
      Then the answer is 403
      And the answer is a JSON fault that says "Quota exceeded"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server own | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

  Rule: Users see their own servers only

    Scenario: A list of servers holds the user's own
      Given server "web" runs flavor "small" on host "alpha"
      When user "bob" boots server "own" from flavor "small"
      Then user "bob" is shown these servers
        | server |
        | own    |

    Scenario: Another project's server is a 404
      Given server "web" runs flavor "small" on host "alpha"
      When user "bob" asks for server "web"
      Then the answer is 404
      And the answer is a JSON fault that says "could not be found"

    Scenario: Another project's server cannot be deleted
      Given server "web" runs flavor "small" on host "alpha"
      When user "bob" deletes server "web"
      Then the answer is 404
      And server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |

  Rule: Users are told nothing of hosts

    Scenario: A server and its actions name no host
      When user "bob" boots server "own" from flavor "small"
      Then server "own" is ACTIVE on host "alpha"
      And user "bob" is told no host of server "own"

    Scenario: A user cannot choose the host of a server
      When user "bob" boots server "own" from flavor "small" on host "alpha"
      Then the answer is 403
      And there are no allocations

    Scenario: A user cannot choose the host of a server by its zone
      When user "bob" boots server "own" from flavor "small" in the zone of host "alpha"
      Then the answer is 403
      And there are no allocations

    Scenario Outline: A user may not list the <what>
      When user "bob" asks for the <what>
      Then the answer is 403

      Examples: Kept by Nova
        | what                        |
        | compute services            |
        | hypervisors                 |
        | host aggregates             |
        | migrations                  |
        | servers of every project    |
        | hosts of availability zones |

      Examples: Kept by Placement
        | what                  |
        | resource providers    |
        | resource classes      |
        | traits                |
        | allocation candidates |

  Rule: Users may not do an operator's work

    Scenario Outline: A user may not <operation> a server, even their own
      Given user "bob" runs server "own" of flavor "small"
      When user "bob" asks to <operation> server "own"
      Then the answer is 403
      And server "own" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server own | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |

      Examples: Moves and repairs that are for administrators
        | operation                |
        | cold migrate             |
        | live migrate             |
        | evacuate                 |
        | reset the state of       |
        | inject network data into |
