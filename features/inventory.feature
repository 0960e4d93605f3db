Feature: A host gives away what it has, less what it keeps, times what the operator dares
  Of every resource class a host offers (total - reserved) x allocation ratio, and not a unit more. Totals come from
  the hypervisor, reserved amounts from Nova's configuration, ratios from either the configuration or Placement.

  Background:
    Given hosts "alpha" and "beta"

  Rule: A host has in Placement what its hypervisor has

    Scenario: The totals of a host are its hypervisor's
      When the periodic runs on host "alpha"
      Then the inventory of host "alpha" has the totals of its hypervisor

    @lab
    Scenario: A host of the lab offers all its processors, memory and disk
      When the periodic runs on host "alpha"
      Then the inventory of host "alpha" is
        | resource class | total | reserved | min_unit | max_unit | step_size | allocation_ratio |
        | VCPU           |    32 |        0 |        1 |       32 |         1 |              4.0 |
        | MEMORY_MB      | 65536 |      512 |        1 |    65536 |         1 |              1.0 |
        | DISK_GB        |  2000 |        0 |        1 |     2000 |         1 |              1.0 |

  Rule: What a host keeps for itself follows the configuration

    @whole-cloud
    Scenario: Memory that is reserved shows in the inventory
      Given Nova is configured to reserve 1024 MB of memory on each host
      When the periodic runs on host "alpha"
      Then host "alpha" reserves 1024 MEMORY_MB
      And the hypervisor figures of host "alpha" are its usages and what it reserves

    @whole-cloud
    Scenario: Processors that are reserved show in the inventory
      Given Nova is configured to reserve 2 VCPU on each host
      When the periodic runs on host "alpha"
      Then host "alpha" reserves 2 VCPU
      And the hypervisor figures of host "alpha" are its usages and what it reserves

  Rule: A ratio set through Placement stays, unless the configuration names one

    Scenario: The periodic leaves a ratio as it was set
      Given the allocation ratio of VCPU on host "alpha" has been set to 2.0
      When the periodic runs on host "alpha"
      Then the allocation ratio of VCPU on host "alpha" is 2.0

    @disruptive
    Scenario: A restart of the compute service leaves a ratio as it was set
      Given the allocation ratio of VCPU on host "alpha" has been set to 2.0
      And host "alpha" is down
      When host "alpha" returns
      Then the allocation ratio of VCPU on host "alpha" is 2.0

    @whole-cloud
    Scenario: The periodic sets the ratio that the configuration names
      Given the allocation ratio of VCPU on host "alpha" has been set to 2.0
      And Nova is configured with a VCPU allocation ratio of 3.0
      When the periodic runs on host "alpha"
      Then the allocation ratio of VCPU on host "alpha" is 3.0

  Rule: Nobody gets more than is left

    Background:
      Given host "alpha" has room for 3 more VCPU
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | single |    1 |       512 |       1 |
        | pair   |    2 |       512 |       1 |
        | triple |    3 |       512 |       1 |

    Scenario: A server that takes all that is left is built
      When server "web" is booted from flavor "triple" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    3 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +3 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: A server that needs more than is left is not built there
      Given server "web" runs flavor "pair" on host "alpha"
      When server "db" is booted from flavor "pair" on host "alpha"
      Then server "db" is ERROR because "No valid host was found"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    2 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +2 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: A server that may go elsewhere does
      Given server "web" runs flavor "pair" on host "alpha"
      When server "db" is booted from flavor "pair"
      Then server "db" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    2 |       512 |       1 |
        | server db  | beta  |    2 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +2 |      +512 |      +1 |
        | beta  |   +2 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: What a deleted server held is left again
      Given server "web" runs flavor "triple" on host "alpha"
      And server "web" has been deleted
      When server "db" is booted from flavor "triple" on host "alpha"
      Then server "db" is ACTIVE on host "alpha"
      And the allocations are
        | consumer  | host  | VCPU | MEMORY_MB | DISK_GB |
        | server db | alpha |    3 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +3 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: What an undecided resize may return to stays taken
      Given server "web" runs flavor "pair" on host "alpha"
      And server "web" awaits a decision on flavor "single" on host "beta"
      When server "db" is booted from flavor "pair" on host "alpha"
      Then server "db" is ERROR because "No valid host was found"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    2 |       512 |       1 |
        | server web       | beta  |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +2 |      +512 |      +1 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs
