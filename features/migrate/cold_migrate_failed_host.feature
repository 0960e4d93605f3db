@disruptive
Feature: A cold migration that waits for a failed host charges both hosts until it goes on
  As during a resize, the server holds its flavor on the destination and the migration holds it on the source, until the
  host that has failed unnoticed returns and does its part.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: Both hosts are charged while either has failed

    @id-abb454
    Scenario Outline: Both hosts are charged while the <side> has failed
      Given host "<host>" has failed unnoticed
      When the cold migration of server "web" is requested
      Then server "web" is RESIZE with task resize_prep
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    1 |       512 |       1 |

      Examples: Either host of the migration
        | side        | host  |
        | source      | alpha |
        | destination | beta  |

  Rule: The migration goes on when the host returns

    @id-69731e
    Scenario: The migration is finished when the destination returns
      Given host "beta" has failed unnoticed
      And the cold migration of server "web" has been requested
      When host "beta" returns
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    1 |       512 |       1 |
