Feature: An operation on one server does not affect its neighbours
  Servers share hosts. Nova allocates and frees only the share of one server, never the shares of others on the host.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
    And server "web" runs flavor "small" on host "alpha"
    And server "near" runs flavor "large" on host "alpha"
    And server "far" runs flavor "small" on host "beta"

  Rule: A server that leaves a host frees only its own share

    @id-9fb13b
    Scenario: Confirming a resize keeps the allocations of neighbours
      Given server "web" has an unconfirmed resize to flavor "large" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer    | host  | VCPU | MEMORY_MB | DISK_GB |
        | server near | alpha |    2 |      1024 |       2 |
        | server web  | beta  |    2 |      1024 |       2 |
        | server far  | beta  |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +2 |     +1024 |      +2 |
        | beta  |   +3 |     +1536 |      +3 |

    @id-5439ef
    Scenario: Reverting a resize keeps the allocations of neighbours
      Given server "web" has an unconfirmed resize to flavor "large" on host "beta"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer    | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web  | alpha |    1 |       512 |       1 |
        | server near | alpha |    2 |      1024 |       2 |
        | server far  | beta  |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +3 |     +1536 |      +3 |
        | beta  |   +1 |      +512 |      +1 |

    @id-0962dd
    Scenario: A live migration keeps the allocations of neighbours
      When server "web" is live migrated to host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer    | host  | VCPU | MEMORY_MB | DISK_GB |
        | server near | alpha |    2 |      1024 |       2 |
        | server web  | beta  |    1 |       512 |       1 |
        | server far  | beta  |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +2 |     +1024 |      +2 |
        | beta  |   +2 |     +1024 |      +2 |

    @id-13324f
    Scenario: Offloading a server keeps the allocations of neighbours
      When server "web" is shelved and offloaded
      Then server "web" is SHELVED_OFFLOADED without a host
      And the allocations are
        | consumer    | host  | VCPU | MEMORY_MB | DISK_GB |
        | server near | alpha |    2 |      1024 |       2 |
        | server far  | beta  |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +2 |     +1024 |      +2 |
        | beta  |   +1 |      +512 |      +1 |

  Rule: Confirming one resize does not confirm another

    @id-70f73e
    Scenario: The unconfirmed resize of a neighbour keeps both hosts charged
      Given server "web" has an unconfirmed resize to flavor "large" on host "beta"
      And server "far" has an unconfirmed resize to flavor "large" on host "alpha"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And server "far" is VERIFY_RESIZE on host "alpha"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | server near      | alpha |    2 |      1024 |       2 |
        | server far       | alpha |    2 |      1024 |       2 |
        | server web       | beta  |    2 |      1024 |       2 |
        | migration of far | beta  |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +4 |     +2048 |      +4 |
        | beta  |   +3 |     +1536 |      +3 |

  Rule: A host that returns frees the evacuated servers and no others

    @disruptive @id-b1f8a8
    Scenario: A server that was not evacuated stays charged
      Given host "alpha" is down
      And server "near" has been evacuated to host "beta"
      When host "alpha" returns
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer    | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web  | alpha |    1 |       512 |       1 |
        | server near | beta  |    2 |      1024 |       2 |
        | server far  | beta  |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +3 |     +1536 |      +3 |

    @disruptive @id-39f8c1
    Scenario: Every evacuated server is freed from the host that returns
      Given host "alpha" is down
      And server "web" has been evacuated to host "beta"
      And server "near" has been evacuated to host "beta"
      When host "alpha" returns
      Then server "near" is on host "beta"
      And the allocations are
        | consumer    | host | VCPU | MEMORY_MB | DISK_GB |
        | server web  | beta |    1 |       512 |       1 |
        | server near | beta |    2 |      1024 |       2 |
        | server far  | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +4 |     +2048 |      +4 |
