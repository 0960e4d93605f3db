@lab
Feature: Processors that a server has to itself are charged as PCPU
  A dedicated processor is shared with nobody, so Placement counts it apart from the shared ones (VCPU).

  Background:
    Given a host "alpha" that has dedicated processors
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs             |
      | shared |    2 |       512 |       1 |                         |
      | pinned |    2 |       512 |       1 | hw:cpu_policy=dedicated |

  Rule: The policy of the flavor says which processors are charged

    Scenario Outline: A server <with> is charged accordingly
      Given these flavors
        | flavor   | VCPU | MEMORY_MB | DISK_GB | extra specs   |
        | peculiar |    4 |       512 |       1 | <extra specs> |
      When server "web" is booted from flavor "peculiar" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU   | MEMORY_MB | DISK_GB | PCPU   |
        | server web | alpha | <VCPU> |       512 |       1 | <PCPU> |
      And the usages have changed by
        | host  | VCPU   | MEMORY_MB | DISK_GB | PCPU   |
        | alpha | <VCPU> |      +512 |      +1 | <PCPU> |
      And nothing changes when the periodic runs

      Examples: Policies that Nova translates
        | with                           | extra specs                                                 | VCPU | PCPU |
        | without a policy               |                                                             |    4 |    0 |
        | with dedicated processors      | hw:cpu_policy=dedicated                                     |    0 |    4 |
        | with one more for the emulator | hw:cpu_policy=dedicated, hw:emulator_threads_policy=isolate |    0 |    5 |
        | with one of four dedicated     | hw:cpu_policy=mixed, hw:cpu_dedicated_mask=3                |    3 |    1 |

  Rule: A move to other processors frees those it leaves

    Scenario: Both kinds are charged while a resize is undecided
      Given a host "beta" that has dedicated processors
      And server "web" runs flavor "pinned" on host "alpha"
      When server "web" is resized to flavor "shared"
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB | PCPU |
        | migration of web | alpha |    0 |       512 |       1 |    2 |
        | server web       | beta  |    2 |       512 |       1 |    0 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB | PCPU |
        | alpha |    0 |      +512 |      +1 |   +2 |
        | beta  |   +2 |      +512 |      +1 |    0 |
      And nothing changes when the periodic runs

    Scenario: The dedicated processors are free once the resize is confirmed
      Given a host "beta" that has dedicated processors
      And server "web" runs flavor "pinned" on host "alpha"
      And server "web" awaits a decision on flavor "shared" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB | PCPU |
        | server web | beta |    2 |       512 |       1 |    0 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB | PCPU |
        | alpha |    0 |         0 |       0 |    0 |
        | beta  |   +2 |      +512 |      +1 |    0 |
      And nothing changes when the periodic runs
