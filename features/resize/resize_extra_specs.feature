Feature: A resize holds exactly what each flavor requests
  The old and the new flavor may differ in more than their sizes. Until the resize is confirmed or reverted, each is held
  with its own disks and overrides.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor  | VCPU | MEMORY_MB | DISK_GB | extra specs                           |
      | small   |    1 |       512 |       1 |                                       |
      | bargain |    4 |      2048 |       1 | resources:VCPU=1, resources:DISK_GB=0 |

  Rule: An unconfirmed resize holds each flavor with its own overrides

    @id-8e1a39
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

      Examples: Disks and overrides that the old flavor does not have
        | with                         | ephemeral | swap | extra specs             | VCPU | MEMORY_MB | DISK_GB |
        | with ephemeral disk and swap |         4 | 1025 |                         |    2 |      1024 |       9 |
        | that overrides its memory    |         0 |    0 | resources:MEMORY_MB=256 |    2 |       256 |       3 |
        | that names zero disk         |         4 |    0 | resources:DISK_GB=0     |    2 |      1024 |       0 |

    @id-84ecf3
    Scenario: The migration holds the old flavor with its overrides
      Given server "web" runs flavor "bargain" on host "alpha"
      When server "web" is resized to flavor "small"
      Then server "web" is VERIFY_RESIZE on another host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |      2048 |       0 |
        | server web       | beta  |    1 |       512 |       1 |

  Rule: Confirming or reverting leaves one flavor with its overrides

    @id-fc022d
    Scenario: Confirming the resize keeps the overrides of the new flavor
      Given server "web" runs flavor "small" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "bargain" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |      2048 |       0 |

    @id-4a0f54
    Scenario: Reverting the resize restores the overrides of the old flavor
      Given server "web" runs flavor "bargain" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "small" on host "beta"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |      2048 |       0 |

    @id-8a843b
    Scenario: A stopped server stays stopped after confirmation and is charged once
      Given server "web" runs flavor "bargain" on host "alpha"
      And server "web" is stopped
      And server "web" has an unconfirmed resize to flavor "small" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is SHUTOFF on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
