@disruptive
Feature: A resize that waits for a failed host charges both hosts until it goes on
  The new flavor is charged on the destination as soon as the scheduler selects it, and the migration holds the old one
  on the source. Neither is released while one of the hosts has failed unnoticed.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: Both hosts are charged while either has failed

    @id-7f566d
    Scenario Outline: Both hosts are charged while the <side> has failed
      Given host "<host>" has failed unnoticed
      When the resize of server "web" to flavor "large" is requested
      Then server "web" is RESIZE with task resize_prep
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    2 |      1024 |       2 |

      Examples: Either host of the resize
        | side        | host  |
        | source      | alpha |
        | destination | beta  |

  Rule: The resize goes on when the destination returns

    @id-9fdbf3
    Scenario: The resize is finished when the destination returns
      Given host "beta" has failed unnoticed
      And the resize of server "web" to flavor "large" has been requested
      When host "beta" returns
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +2 |     +1024 |      +2 |

  Rule: A source that returns has forgotten the resize, and is the only host that is charged

    @id-7bca1e
    Scenario: A request that reaches the returned source fails the resize
      Given host "alpha" has failed unnoticed
      And the resize of server "web" to flavor "large" has been requested
      When host "alpha" returns
      Then server "web" is ERROR with task resize_migrating
      And the last migration of server "web" has status error
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |

    @known-interrupted-resize-keeps-destination @id-f87d51
    Scenario: A server whose resize its source forgot is charged on the source only
      Given host "alpha" has failed unnoticed
      And the resize of server "web" to flavor "large" has been requested
      And the messages that wait for host "alpha" are lost
      When host "alpha" returns
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

  Rule: Deleting the server frees both hosts

    @known-deleted-during-resize-keeps-source @id-53dd6d
    Scenario: Deleting the server while the destination has failed
      Given host "beta" has failed unnoticed
      And the resize of server "web" to flavor "large" has been requested
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
