@lab
Feature: Dedicated CPUs are counted as PCPU
  A dedicated CPU is not shared between servers, so Placement counts it separately from shared CPUs (VCPU).

  Background:
    Given a host "alpha" that has dedicated CPUs
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs             |
      | shared |    2 |       512 |       1 |                         |
      | pinned |    2 |       512 |       1 | hw:cpu_policy=dedicated |

  Rule: The CPU policy of the flavor determines the resource class

    @id-06257a
    Scenario Outline: A server <with> holds the matching resource classes
      Given these flavors
        | flavor   | VCPU | MEMORY_MB | DISK_GB | extra specs   |
        | peculiar |    4 |       512 |       1 | <extra specs> |
      When server "web" is booted with flavor "peculiar" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU   | MEMORY_MB | DISK_GB | PCPU   |
        | server web | alpha | <VCPU> |       512 |       1 | <PCPU> |

      Examples: Policies that Nova translates
        | with                           | extra specs                                                 | VCPU | PCPU |
        | without a policy               |                                                             |    4 |    0 |
        | with dedicated CPUs            | hw:cpu_policy=dedicated                                     |    0 |    4 |
        | with one more for the emulator | hw:cpu_policy=dedicated, hw:emulator_threads_policy=isolate |    0 |    5 |
        | with one of four dedicated     | hw:cpu_policy=mixed, hw:cpu_dedicated_mask=3                |    3 |    1 |

  Rule: Resizing between CPU policies frees the CPUs of the old flavor

    @id-1aef96
    Scenario: An unconfirmed resize holds both kinds of CPU
      Given a host "beta" that has dedicated CPUs
      And server "web" runs flavor "pinned" on host "alpha"
      When server "web" is resized to flavor "shared"
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB | PCPU |
        | migration of web | alpha |    0 |       512 |       1 |    2 |
        | server web       | beta  |    2 |       512 |       1 |    0 |

    @id-2a7586
    Scenario: Confirming the resize frees the dedicated CPUs
      Given a host "beta" that has dedicated CPUs
      And server "web" runs flavor "pinned" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "shared" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB | PCPU |
        | server web | beta |    2 |       512 |       1 |    0 |
