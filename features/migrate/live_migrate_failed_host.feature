@disruptive
Feature: A live migration to or from a failed host leaves the server charged where it runs
  Nova believes that a host which has failed unnoticed is up. The live migration fails when that host does not answer,
  and whatever was charged for it is released.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: A host that does not answer is not charged

    @id-c3f173
    Scenario: A specified destination that does not answer is freed
      Given host "beta" has failed unnoticed
      When server "web" is live migrated to host "beta"
      Then server "web" is ACTIVE on host "alpha"
      And the last migration of server "web" has status error
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |

  Rule: A source that does not answer stays charged, and no destination is

    @id-0439ee
    Scenario: A live migration from a host that does not answer
      Given host "alpha" has failed unnoticed
      When server "web" is live migrated to host "beta"
      Then server "web" is ACTIVE on host "alpha"
      And the last migration of server "web" has status error
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
