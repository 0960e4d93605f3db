Feature: Users see their own servers and nothing of the infrastructure
  Users without the admin role are charged by the same rules as administrators. They can read the usage of their own
  project, and learn nothing about hosts, services or other projects.

  Background:
    Given host "alpha"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
    And user "bob" without the admin role

  Rule: A user's server is charged like any other

    @id-2aef8d
    Scenario: A server booted by a user holds its flavor
      When user "bob" boots server "own" with flavor "small"
      Then server "own" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server own | alpha |    1 |       512 |       1 |

    @id-effd4f
    Scenario: A server deleted by a user holds no allocations
      Given user "bob" runs server "own" with flavor "small"
      When user "bob" deletes server "own"
      Then server "own" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |

  Rule: Users can read the usage of their own project

    @id-4cc32b
    Scenario: Placement reports to each user the usage of their own project
      Given user "eve" without the admin role
      And server "web" runs flavor "large" on host "alpha"
      And user "bob" runs server "own" with flavor "small"
      When user "eve" boots server "other" with flavor "large"
      Then server "other" is ACTIVE on host "alpha"
      And the users see these project usages in Placement
        | user | VCPU | MEMORY_MB | DISK_GB |
        | bob  |    1 |       512 |       1 |
        | eve  |    2 |      1024 |       2 |

  Rule: A project never exceeds its quota

    @id-952cf5
    Scenario: A server that exceeds the quota is rejected without allocations
      Given user "bob" has a quota of 1 VCPU
      When user "bob" boots server "own" with flavor "large"
      Then the response status is 403
      And the response is a JSON fault that says "Quota exceeded"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |

    @id-2c0967
    Scenario: A resize that exceeds the quota is rejected and changes nothing
      Given user "bob" has a quota of 1 VCPU
      And user "bob" runs server "own" with flavor "small"
      When user "bob" resizes server "own" to flavor "large"
      Then the response status is 403
      And the response is a JSON fault that says "Quota exceeded"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server own | alpha |    1 |       512 |       1 |

  Rule: Users see only their own servers

    @id-efc05d
    Scenario: A list of servers contains only the user's own
      Given server "web" runs flavor "small" on host "alpha"
      When user "bob" boots server "own" with flavor "small"
      Then user "bob" sees these servers
        | server |
        | own    |

    @id-6e9148
    Scenario: Requesting a server of another project returns 404
      Given server "web" runs flavor "small" on host "alpha"
      When user "bob" requests server "web"
      Then the response status is 404
      And the response is a JSON fault that says "could not be found"

    @id-73b267
    Scenario: A server of another project cannot be deleted
      Given server "web" runs flavor "small" on host "alpha"
      When user "bob" deletes server "web"
      Then the response status is 404
      And server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

  Rule: Users cannot see hosts

    @id-5db6c2
    Scenario: A server and its actions do not show the host
      When user "bob" boots server "own" with flavor "small"
      Then server "own" is ACTIVE on host "alpha"
      And user "bob" cannot see the host of server "own"

    @id-a7ab57
    Scenario: A user cannot specify the host of a server
      When user "bob" boots server "own" with flavor "small" on host "alpha"
      Then the response status is 403
      And there are no allocations

    @id-31cd06
    Scenario: A user cannot specify the host of a server by its zone
      When user "bob" boots server "own" with flavor "small" in the zone of host "alpha"
      Then the response status is 403
      And there are no allocations

    @id-305ab2
    Scenario Outline: A user cannot list the <what>
      When user "bob" lists the <what>
      Then the response status is 403

      Examples: Listed by Nova
        | what                        |
        | compute services            |
        | hypervisors                 |
        | host aggregates             |
        | migrations                  |
        | servers of every project    |
        | hosts of availability zones |

      Examples: Listed by Placement
        | what                  |
        | resource providers    |
        | resource classes      |
        | traits                |
        | allocation candidates |

  Rule: Users cannot perform operator tasks

    @id-4621be
    Scenario Outline: A user cannot <operation> a server, even their own
      Given user "bob" runs server "own" with flavor "small"
      When user "bob" tries to <operation> server "own"
      Then the response status is 403
      And server "own" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server own | alpha |    1 |       512 |       1 |

      Examples: Moves and repairs that require the admin role
        | operation                |
        | cold migrate             |
        | live migrate             |
        | evacuate                 |
        | reset the state of       |
        | inject network data into |
