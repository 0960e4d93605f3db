Feature: Live migrating a server moves its allocations to the destination
  During the migration both hosts are charged; after it, only the destination is.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: A completed live migration holds only the destination

    @id-1dcb9c
    Scenario: A destination selected by the scheduler is charged
      When server "web" is live migrated
      Then server "web" is ACTIVE on another host "beta"
      And the last migration of server "web" has status completed
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |

    @id-5a7359
    Scenario: A specified destination is charged
      When server "web" is live migrated to host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the last migration of server "web" has status completed
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |

    @id-83adf9
    Scenario: A destination forced past the scheduler is charged
      When server "web" is forcibly live migrated to host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the last migration of server "web" has status completed
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |

  Rule: A migrated server can be deleted like any other

    @id-b287d2
    Scenario: Deleting a migrated server frees both hosts
      Given server "web" has been live migrated to host "beta"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |
