Feature: A resize is charged for what each flavor asks of Placement
  Old and new flavor may differ in more than their size: while the resize is undecided each counts with its own disks
  and overrides.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor  | VCPU | MEMORY_MB | DISK_GB | extra specs                           |
      | small   |    1 |       512 |       1 |                                       |
      | bargain |    4 |      2048 |       1 | resources:VCPU=1, resources:DISK_GB=0 |

  Rule: While undecided, each flavor is charged with its own overrides

    Scenario Outline: The server holds a flavor <with>, its migration the old one
      Given these flavors
        | flavor   | VCPU | MEMORY_MB | DISK_GB | ephemeral GB | swap MB | extra specs   |
        | peculiar |    2 |      1024 |       3 | <ephemeral>  | <swap>  | <extra specs> |
      And server "web" runs flavor "small" on host "alpha"
      When server "web" is resized to flavor "peculiar"
      Then server "web" is VERIFY_RESIZE on another host "beta"
      And the allocations are
        | consumer         | host  | VCPU   | MEMORY_MB   | DISK_GB   |
        | migration of web | alpha |      1 |         512 |         1 |
        | server web       | beta  | <VCPU> | <MEMORY_MB> | <DISK_GB> |
      And the usages have changed by
        | host  | VCPU   | MEMORY_MB   | DISK_GB   |
        | alpha |     +1 |        +512 |        +1 |
        | beta  | <VCPU> | <MEMORY_MB> | <DISK_GB> |
      And nothing changes when the periodic runs

      Examples: Disks and overrides that the old flavor lacks
        | with                         | ephemeral | swap | extra specs             | VCPU | MEMORY_MB | DISK_GB |
        | with ephemeral disk and swap |         4 | 1025 |                         |    2 |      1024 |       9 |
        | that overrides its memory    |         0 |    0 | resources:MEMORY_MB=256 |    2 |       256 |       3 |
        | that names zero disk         |         4 |    0 | resources:DISK_GB=0     |    2 |      1024 |       0 |

    Scenario: The migration holds an old flavor with its overrides
      Given server "web" runs flavor "bargain" on host "alpha"
      When server "web" is resized to flavor "small"
      Then server "web" is VERIFY_RESIZE on another host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |      2048 |       0 |
        | server web       | beta  |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |     +2048 |       0 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

  Rule: A decision leaves one flavor with its own overrides

    Scenario: The new flavor counts with its overrides once confirmed
      Given server "web" runs flavor "small" on host "alpha"
      And server "web" awaits a decision on flavor "bargain" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |      2048 |       0 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |     +2048 |       0 |
      And nothing changes when the periodic runs

    Scenario: The old flavor counts with its overrides again once reverted
      Given server "web" runs flavor "bargain" on host "alpha"
      And server "web" awaits a decision on flavor "small" on host "beta"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |      2048 |       0 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |     +2048 |       0 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: A stopped server that is confirmed stays stopped and is charged once
      Given server "web" runs flavor "bargain" on host "alpha"
      And server "web" is stopped
      And server "web" awaits a decision on flavor "small" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is SHUTOFF on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs
