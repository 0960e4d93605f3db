@lab
Feature: A rescheduled move is charged only on the host where it ends
  A host may refuse a server that the scheduler selected it for. Nova then tries the next host, and the first one is not
  charged.

  Background:
    Given these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |

  Rule: A host that refused a move is not charged

    @id-de6340
    Scenario: A resize that the first host refuses is charged on the next one
      Given a host "full" that is preferred by the scheduler but refuses the claim of a move
      And hosts "alpha" and "beta"
      And server "web" runs flavor "small" on host "alpha"
      When server "web" is resized to flavor "large"
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +2 |     +1024 |      +2 |
        | full  |    0 |         0 |       0 |

    @id-0c19d1
    Scenario: A migration that the first host refuses is charged on the next one
      Given a host "full" that is preferred by the scheduler but refuses the claim of a move
      And hosts "alpha" and "beta"
      And server "web" runs flavor "small" on host "alpha"
      When server "web" is cold migrated
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +1 |      +512 |      +1 |
        | full  |    0 |         0 |       0 |

  Rule: A rescheduled move ends like any other

    @id-d4c9ae
    Scenario: Confirming a rescheduled resize frees the source
      Given a host "full" that is preferred by the scheduler but refuses the claim of a move
      And hosts "alpha" and "beta"
      And server "web" runs flavor "small" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "large" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +2 |     +1024 |      +2 |
        | full  |    0 |         0 |       0 |

    @id-587ead
    Scenario: Reverting a rescheduled resize frees the destination
      Given a host "full" that is preferred by the scheduler but refuses the claim of a move
      And hosts "alpha" and "beta"
      And server "web" runs flavor "small" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "large" on host "beta"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
        | full  |    0 |         0 |       0 |

  Rule: A move that every host refuses keeps the old allocations

    @id-66ec38
    Scenario: No alternative host remains
      Given a host "full" that is preferred by the scheduler but refuses the claim of a move
      And host "alpha"
      And server "web" runs flavor "small" on host "alpha"
      When server "web" is resized to flavor "large"
      Then server "web" is ERROR on host "alpha"
      And the resize action of server "web" failed
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | full  |    0 |         0 |       0 |
