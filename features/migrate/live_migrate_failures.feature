@lab
Feature: However a live migration ends, only the host of the server is charged
  A live migration may fail, be aborted or be forced to complete. Afterwards only the host that runs the server is
  charged.

  Background:
    Given these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |

  Rule: During the migration both hosts are charged

    @id-735198
    Scenario: The migration holds the source and the server the destination
      Given a host "slow" that live migrates slowly
      And a host "beta" that behaves normally
      And server "web" runs flavor "small" on host "slow"
      When server "web" starts live migrating to host "beta"
      Then server "web" is MIGRATING on host "slow"
      And the allocations are
        | consumer         | host | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | slow |    1 |       512 |       1 |
        | server web       | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | slow |   +1 |      +512 |      +1 |
        | beta |   +1 |      +512 |      +1 |

    @known-aborted-queued-live-migration-keeps-destination @id-3324f7
    Scenario: A queued migration also holds both hosts
      Given a host "slow" that live migrates slowly
      And a host "beta" that behaves normally
      And server "web" runs flavor "small" on host "slow"
      And server "db" runs flavor "small" on host "slow"
      And server "web" is live migrating to host "beta"
      When server "db" is queued for live migration to host "beta"
      Then server "db" is MIGRATING on host "slow"
      And the last migration of server "db" has status queued
      And the allocations are
        | consumer         | host | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | slow |    1 |       512 |       1 |
        | migration of db  | slow |    1 |       512 |       1 |
        | server web       | beta |    1 |       512 |       1 |
        | server db        | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | slow |   +2 |     +1024 |      +2 |
        | beta |   +2 |     +1024 |      +2 |

  Rule: Aborting or completing decides which host stays charged

    @id-c4c8fd
    Scenario: Aborting a running migration frees the destination
      Given a host "slow" that live migrates slowly
      And a host "beta" that behaves normally
      And server "web" runs flavor "small" on host "slow"
      And server "web" is live migrating to host "beta"
      When the live migration of server "web" is aborted
      Then server "web" is ACTIVE on host "slow"
      And the last migration of server "web" has status cancelled
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | slow |    1 |       512 |       1 |
      And the usages have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | slow |   +1 |      +512 |      +1 |
        | beta |    0 |         0 |       0 |

    @known-aborted-queued-live-migration-keeps-destination @id-8bdd5b
    Scenario: Aborting a queued migration frees the destination
      Given a host "slow" that live migrates slowly
      And a host "beta" that behaves normally
      And server "web" runs flavor "small" on host "slow"
      And server "db" runs flavor "small" on host "slow"
      And server "web" is live migrating to host "beta"
      And server "db" is queued for live migration to host "beta"
      When the live migration of server "db" is aborted
      Then server "db" is ACTIVE on host "slow"
      And the last migration of server "db" has status cancelled
      And the allocations are
        | consumer         | host | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | slow |    1 |       512 |       1 |
        | server db        | slow |    1 |       512 |       1 |
        | server web       | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | slow |   +2 |     +1024 |      +2 |
        | beta |   +1 |      +512 |      +1 |

    @id-3c5102
    Scenario: Forcing a migration to complete frees the source
      Given a host "slow" that live migrates slowly
      And a host "beta" that behaves normally
      And server "web" runs flavor "small" on host "slow"
      And server "web" is live migrating to host "beta"
      When the live migration of server "web" is forced to complete
      Then server "web" is ACTIVE on host "beta"
      And the last migration of server "web" has status completed
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | slow |    0 |         0 |       0 |
        | beta |   +1 |      +512 |      +1 |

  Rule: A failed migration frees the destination

    @id-713b5a
    Scenario: A destination that fails its check is not charged
      Given a host "unfit" that is preferred by the scheduler but fails the live migration check
      And a host "alpha" that behaves normally
      And server "web" runs flavor "small" on host "alpha"
      When server "web" is live migrated to host "unfit"
      Then server "web" is ACTIVE on host "alpha"
      And the last migration of server "web" has status error
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | unfit |    0 |         0 |       0 |

    @id-e997c9
    Scenario: A destination that fails to prepare is not charged
      Given a host "unready" that fails to prepare for live migration
      And a host "alpha" that behaves normally
      And server "web" runs flavor "small" on host "alpha"
      When server "web" is live migrated to host "unready"
      Then server "web" is ACTIVE on host "alpha"
      And the last migration of server "web" has status failed
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host    | VCPU | MEMORY_MB | DISK_GB |
        | alpha   |   +1 |      +512 |      +1 |
        | unready |    0 |         0 |       0 |

    @id-0d869a
    Scenario: A migration that fails midway frees the destination
      Given a host "shaky" that fails live migrations midway
      And a host "beta" that behaves normally
      And server "web" runs flavor "small" on host "shaky"
      When server "web" is live migrated to host "beta"
      Then server "web" is ACTIVE on host "shaky"
      And the last migration of server "web" has status error
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | shaky |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | shaky |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |

  Rule: A migration retried on another host charges only that host

    @id-337258
    Scenario: The host that failed the check is freed
      Given a host "unfit" that is preferred by the scheduler but fails the live migration check
      And a host "alpha" that behaves normally
      And a host "beta" that behaves normally
      And server "web" runs flavor "small" on host "alpha"
      When server "web" is live migrated
      Then server "web" is ACTIVE on host "beta"
      And the last migration of server "web" has status completed
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |
        | unfit |    0 |         0 |       0 |

  Rule: Whatever a live migration came to, the next move is charged like the first

    @id-bf6606
    Scenario: A server is cold migrated after its live migration failed
      Given a host "unready" that fails to prepare for live migration
      And a host "alpha" that behaves normally
      And server "web" runs flavor "small" on host "alpha"
      And server "web" failed to live migrate to host "unready"
      When server "web" is cold migrated
      Then server "web" is VERIFY_RESIZE on another host "unready"
      And the allocations are
        | consumer         | host    | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha   |    1 |       512 |       1 |
        | server web       | unready |    1 |       512 |       1 |

    @id-06fd1b
    Scenario: A server is cold migrated after its live migration was aborted
      Given a host "slow" that live migrates slowly
      And a host "beta" that behaves normally
      And server "web" runs flavor "small" on host "slow"
      And server "web" is live migrating to host "beta"
      And the live migration of server "web" has been aborted
      When server "web" is cold migrated
      Then server "web" is VERIFY_RESIZE on another host "beta"
      And the allocations are
        | consumer         | host | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | slow |    1 |       512 |       1 |
        | server web       | beta |    1 |       512 |       1 |

    @id-a43824
    Scenario: A server is cold migrated back after a live migration that was forced
      Given a host "slow" that live migrates slowly
      And a host "beta" that behaves normally
      And server "web" runs flavor "small" on host "slow"
      And server "web" is live migrating to host "beta"
      And the live migration of server "web" has been forced to complete
      When server "web" is cold migrated
      Then server "web" is VERIFY_RESIZE on another host "slow"
      And the allocations are
        | consumer         | host | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | beta |    1 |       512 |       1 |
        | server web       | slow |    1 |       512 |       1 |
