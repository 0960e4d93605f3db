Feature: An operation on one server leaves the accounts of its neighbours alone
  Servers share hosts. Whatever Nova frees or charges is one server's share, never what else the host holds.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
    And server "web" runs flavor "small" on host "alpha"
    And server "near" runs flavor "large" on host "alpha"
    And server "far" runs flavor "small" on host "beta"

  Rule: A server that leaves a host frees its own share of it

    Scenario: The neighbours of a confirmed resize stay charged
      Given server "web" awaits a decision on flavor "large" on host "beta"
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
      And nothing changes when the periodic runs

    Scenario: The neighbours of a reverted resize stay charged
      Given server "web" awaits a decision on flavor "large" on host "beta"
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
      And nothing changes when the periodic runs

    Scenario: The neighbours of a live migration stay charged
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
      And nothing changes when the periodic runs

    Scenario: The neighbours of an offloaded server stay charged
      When server "web" is shelved and offloaded
      Then server "web" is SHELVED_OFFLOADED on no host
      And the allocations are
        | consumer    | host  | VCPU | MEMORY_MB | DISK_GB |
        | server near | alpha |    2 |      1024 |       2 |
        | server far  | beta  |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +2 |     +1024 |      +2 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

  Rule: A decision about one resize leaves the other undecided

    Scenario: The undecided resize of a neighbour stays charged on both hosts
      Given server "web" awaits a decision on flavor "large" on host "beta"
      And server "far" awaits a decision on flavor "large" on host "alpha"
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
      And nothing changes when the periodic runs

  Rule: A host that was evacuated is free of all who left, and keeps the share of who stayed

    @disruptive
    Scenario: A neighbour that stayed is still charged when the host returns
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
      And nothing changes when the periodic runs

    @disruptive
    Scenario: A host that returns is free of every server that was evacuated
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
      And nothing changes when the periodic runs
