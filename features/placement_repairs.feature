@lab
Feature: An operator finds and repairs wrong accounts with nova-manage
  nova-manage compares what Placement says with what Nova knows, gives servers the allocations they lack and deletes
  those of nobody. What is right it leaves alone.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: A server that lost its allocations gets them back

    Scenario: A server that holds nothing is healed
      Given server "web" has lost its allocations
      And the audit has said "holds nothing on host"
      When nova-manage heals the allocations of server "web"
      Then nova-manage ends with status 0
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: A server that holds what it should needs no healing
      When nova-manage heals the allocations of server "web"
      Then nova-manage ends with status 4
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |

  Rule: An orphan is found, and deleted when the operator says so

    Scenario: An orphan is found and left alone
      Given an orphan "ghost" holds 2 VCPU of host "alpha"
      When nova-manage looks for orphans on host "alpha"
      Then nova-manage ends with status 3
      And the audit says "Nova knows no server and no migration of that id"
      And the allocations are
        | consumer       | host  | VCPU | MEMORY_MB | DISK_GB |
        | consumer ghost | alpha |    2 |         0 |       0 |
        | server web     | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +3 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |

    Scenario: An orphan is deleted, and the server keeps what it holds
      Given an orphan "ghost" holds 2 VCPU of host "alpha"
      When nova-manage deletes the orphans on host "alpha"
      Then nova-manage ends with status 4
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: A host without orphans is left alone
      When nova-manage deletes the orphans on host "alpha"
      Then nova-manage ends with status 0
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |

    Scenario: A migration that awaits a decision is no orphan
      Given server "web" awaits a decision on flavor "large" on host "beta"
      When nova-manage deletes the orphans on host "alpha"
      Then nova-manage ends with status 0
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +2 |     +1024 |      +2 |
      And nothing changes when the periodic runs
