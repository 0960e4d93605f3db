Feature: Booting a server allocates its flavor on its host
  A running server holds exactly the resources that its flavor requests, on the host that it runs on and nowhere else.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |

  Rule: Only the host that runs the server is charged

    @id-69ecb0
    Scenario: A server booted on a specified host holds its flavor there
      When server "web" is booted with flavor "small" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |

    @id-06fe64
    Scenario: A server booted in a host's zone holds its flavor on that host
      When server "web" is booted with flavor "small" in the zone of host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |

    @id-980660
    Scenario: Two servers hold their flavors on their own hosts
      Given server "db" runs flavor "small" on host "beta"
      When server "web" is booted with flavor "small" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server db  | beta  |    1 |       512 |       1 |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +1 |      +512 |      +1 |

    @known-scheduler-hint-avoids-placement @id-1459b4
    Scenario: A server booted with an internal scheduler hint holds its flavor
      When server "web" is booted with flavor "small" on host "alpha" with scheduler hint "_nova_check_type=rebuild"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |

  Rule: Sizes, disks and extra specs of a flavor determine the amounts

    @id-86ae1c
    Scenario Outline: A flavor <with> allocates what it requests
      Given these flavors
        | flavor   | VCPU | MEMORY_MB | DISK_GB | ephemeral GB | swap MB | extra specs   |
        | peculiar |    2 |      1024 |       3 | <ephemeral>  | <swap>  | <extra specs> |
      When server "web" is booted with flavor "peculiar" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU   | MEMORY_MB   | DISK_GB   |
        | server web | alpha | <VCPU> | <MEMORY_MB> | <DISK_GB> |
      And the usages have changed by
        | host  | VCPU   | MEMORY_MB   | DISK_GB   |
        | alpha | <VCPU> | <MEMORY_MB> | <DISK_GB> |
        | beta  |      0 |           0 |         0 |

      Examples: Disks besides the root disk
        | with                         | ephemeral | swap | extra specs | VCPU | MEMORY_MB | DISK_GB |
        | with an ephemeral disk       |         4 |    0 |             |    2 |      1024 |       7 |
        | with swap of whole GB        |         0 | 2048 |             |    2 |      1024 |       5 |
        | with swap of part of a GB    |         0 |  100 |             |    2 |      1024 |       4 |
        | with ephemeral disk and swap |         4 | 1025 |             |    2 |      1024 |       9 |

      Examples: Amounts that extra specs override
        | with                        | ephemeral | swap | extra specs                               | VCPU | MEMORY_MB | DISK_GB |
        | that names a larger amount  |         0 |    0 | resources:VCPU=3                          |    3 |      1024 |       3 |
        | that names a smaller amount |         0 |    0 | resources:MEMORY_MB=256                   |    2 |       256 |       3 |
        | that names zero disk        |         4 |    0 | resources:DISK_GB=0                       |    2 |      1024 |       0 |
        | that names two classes      |         0 |    0 | resources:VCPU=1, resources:MEMORY_MB=128 |    1 |       128 |       3 |

  Rule: A boot that finds no valid host allocates nothing

    @id-4d1640
    Scenario: A flavor larger than every host leaves no allocations
      Given these flavors
        | flavor | VCPU | MEMORY_MB  | DISK_GB |
        | huge   |    1 | 1000000000 |       1 |
      When server "web" is booted with flavor "huge"
      Then server "web" is ERROR with fault "No valid host was found"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |
