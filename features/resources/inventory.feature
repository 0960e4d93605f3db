Feature: Capacity is total minus reserved, times the allocation ratio
  Totals come from the hypervisor, reserved amounts from the configuration of Nova, and allocation ratios from either the
  configuration or Placement. Servers never hold more than the capacity.

  Background:
    Given hosts "alpha" and "beta"

  Rule: Inventory totals match the hypervisor

    @id-06b839
    Scenario: The totals of a host match its hypervisor
      When the periodic task runs on host "alpha"
      Then the inventory totals of host "alpha" match its hypervisor

    @lab @id-f9f008
    Scenario: A host of the lab reports all of its CPUs, memory and disk
      When the periodic task runs on host "alpha"
      Then the inventory of host "alpha" is
        | resource class | total | reserved | min_unit | max_unit | step_size | allocation_ratio |
        | VCPU           |    32 |        0 |        1 |       32 |         1 |              4.0 |
        | MEMORY_MB      | 65536 |      512 |        1 |    65536 |         1 |              1.0 |
        | DISK_GB        |  2000 |        0 |        1 |     2000 |         1 |              1.0 |

  Rule: Reserved amounts follow the configuration

    @whole-cloud @id-78647b
    Scenario: Reserved memory appears in the inventory
      Given Nova is configured to reserve 1024 MB of memory on each host
      When the periodic task runs on host "alpha"
      Then host "alpha" reserves 1024 MEMORY_MB
      And the hypervisor figures of host "alpha" match its usages plus reserved amounts

    @whole-cloud @id-53132d
    Scenario: Reserved CPUs appear in the inventory
      Given Nova is configured to reserve 2 VCPU on each host
      When the periodic task runs on host "alpha"
      Then host "alpha" reserves 2 VCPU
      And the hypervisor figures of host "alpha" match its usages plus reserved amounts

  Rule: An allocation ratio set in Placement is kept unless configured

    @disruptive @id-4aeeae
    Scenario: The periodic task keeps a ratio that was set in Placement
      Given the allocation ratio of VCPU on host "alpha" has been set to 2.0
      When the periodic task runs on host "alpha"
      Then the allocation ratio of VCPU on host "alpha" is 2.0

    @disruptive @id-a6dc89
    Scenario: Restarting the compute service keeps a ratio set in Placement
      Given the allocation ratio of VCPU on host "alpha" has been set to 2.0
      And host "alpha" is down
      When host "alpha" returns
      Then the allocation ratio of VCPU on host "alpha" is 2.0

    @disruptive @whole-cloud @id-c0bead
    Scenario: The periodic task applies the configured ratio
      Given the allocation ratio of VCPU on host "alpha" has been set to 2.0
      And Nova is configured with a VCPU allocation ratio of 3.0
      When the periodic task runs on host "alpha"
      Then the allocation ratio of VCPU on host "alpha" is 3.0

  @disruptive
  Rule: Servers never exceed the remaining capacity

    Background:
      Given host "alpha" has capacity for 3 more VCPU
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | single |    1 |       512 |       1 |
        | pair   |    2 |       512 |       1 |
        | triple |    3 |       512 |       1 |

    @id-332be3
    Scenario: A server that needs all the remaining capacity is built
      When server "web" is booted with flavor "triple" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    3 |       512 |       1 |

    @id-524899
    Scenario: A server that needs more than the remaining capacity is not built
      Given server "web" runs flavor "pair" on host "alpha"
      When server "db" is booted with flavor "pair" on host "alpha"
      Then server "db" is ERROR with fault "No valid host was found"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    2 |       512 |       1 |

    @id-b5b1a8
    Scenario: A server that fits on another host is built there
      Given server "web" runs flavor "pair" on host "alpha"
      When server "db" is booted with flavor "pair"
      Then server "db" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    2 |       512 |       1 |
        | server db  | beta  |    2 |       512 |       1 |

    @id-6806ba
    Scenario: Deleting a server frees its capacity
      Given server "web" runs flavor "triple" on host "alpha"
      And server "web" has been deleted
      When server "db" is booted with flavor "triple" on host "alpha"
      Then server "db" is ACTIVE on host "alpha"
      And the allocations are
        | consumer  | host  | VCPU | MEMORY_MB | DISK_GB |
        | server db | alpha |    3 |       512 |       1 |

    @id-44ca0b
    Scenario: An unconfirmed resize keeps its old capacity in use
      Given server "web" runs flavor "pair" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "single" on host "beta"
      When server "db" is booted with flavor "pair" on host "alpha"
      Then server "db" is ERROR with fault "No valid host was found"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    2 |       512 |       1 |
        | server web       | beta  |    1 |       512 |       1 |
