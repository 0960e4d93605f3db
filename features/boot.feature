Feature: Booting a server charges its host for the flavor
  A running server holds exactly what its flavor asks of Placement, on the host it runs on and on no other.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |

  Rule: Only the host that runs the server pays for it

    Scenario: A server booted on a named host is charged there
      When server "web" is booted from flavor "small" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: A server booted in a host's zone is charged on that host
      When server "web" is booted from flavor "small" in the zone of host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: Two servers are charged where each of them runs
      Given server "db" runs flavor "small" on host "beta"
      When server "web" is booted from flavor "small" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server db  | beta  |    1 |       512 |       1 |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

  Rule: What a flavor costs is decided by all of it, extra specs included

    Scenario Outline: A flavor <with> costs what it asks of Placement
      Given these flavors
        | flavor   | VCPU | MEMORY_MB | DISK_GB | ephemeral GB | swap MB | extra specs   |
        | peculiar |    2 |      1024 |       3 | <ephemeral>  | <swap>  | <extra specs> |
      When server "web" is booted from flavor "peculiar" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU   | MEMORY_MB   | DISK_GB   |
        | server web | alpha | <VCPU> | <MEMORY_MB> | <DISK_GB> |
      And the usages have changed by
        | host  | VCPU   | MEMORY_MB   | DISK_GB   |
        | alpha | <VCPU> | <MEMORY_MB> | <DISK_GB> |
        | beta  |      0 |           0 |         0 |
      And nothing changes when the periodic runs

      Examples: Disks beside the root disk
        | with                         | ephemeral | swap | extra specs | VCPU | MEMORY_MB | DISK_GB |
        | with an ephemeral disk       |         4 |    0 |             |    2 |      1024 |       7 |
        | with swap of whole GB        |         0 | 2048 |             |    2 |      1024 |       5 |
        | with swap of part of a GB    |         0 |  100 |             |    2 |      1024 |       4 |
        | with ephemeral disk and swap |         4 | 1025 |             |    2 |      1024 |       9 |

      Examples: Amounts that the operator overrides
        | with                        | ephemeral | swap | extra specs                               | VCPU | MEMORY_MB | DISK_GB |
        | that names a larger amount  |         0 |    0 | resources:VCPU=3                          |    3 |      1024 |       3 |
        | that names a smaller amount |         0 |    0 | resources:MEMORY_MB=256                   |    2 |       256 |       3 |
        | that names zero disk        |         4 |    0 | resources:DISK_GB=0                       |    2 |      1024 |       0 |
        | that names two classes      |         0 |    0 | resources:VCPU=1, resources:MEMORY_MB=128 |    1 |       128 |       3 |

  Rule: A boot that finds no host is charged to nobody

    Scenario: A flavor larger than every host leaves nothing behind
      Given these flavors
        | flavor | VCPU | MEMORY_MB  | DISK_GB |
        | huge   |    1 | 1000000000 |       1 |
      When server "web" is booted from flavor "huge"
      Then server "web" is ERROR because "No valid host was found"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs
