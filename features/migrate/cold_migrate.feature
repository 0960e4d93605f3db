Feature: Cold migrating a server holds both hosts until confirmed or reverted
  A cold migration is a resize to the same flavor: the server holds the same amounts on another host.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: An unconfirmed migration holds both hosts

    @id-e95441
    Scenario: The migration holds the source and the server the destination
      When server "web" is cold migrated
      Then server "web" is VERIFY_RESIZE on another host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    1 |       512 |       1 |

    @id-ba699d
    Scenario: A migration to a specified host holds that host
      When server "web" is cold migrated to host "beta"
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    1 |       512 |       1 |

  Rule: Confirming or reverting frees one of the hosts

    @id-b4f189
    Scenario: Confirming the migration frees the source
      Given server "web" has an unconfirmed migration to host "beta"
      When the migration of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the last migration of server "web" has status confirmed
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |

    @id-94f294
    Scenario: Reverting the migration frees the destination
      Given server "web" has an unconfirmed migration to host "beta"
      When the migration of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the last migration of server "web" has status reverted
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @id-405bb9
    Scenario: A stopped server stays stopped after confirmation and is charged once
      Given server "web" is stopped
      And server "web" has an unconfirmed migration to host "beta"
      When the migration of server "web" is confirmed
      Then server "web" is SHUTOFF on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |

    @id-c21fda
    Scenario: Deleting a server with an unconfirmed migration frees both hosts
      Given server "web" has an unconfirmed migration to host "beta"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |
