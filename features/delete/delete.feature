Feature: Deleting a server frees everything held for it
  Whatever the state of a server when it is deleted, neither the server nor its migration holds allocations afterwards.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB  | DISK_GB |
      | small  |    1 |        512 |       1 |
      | large  |    2 |       1024 |       2 |
      | huge   |    1 | 1000000000 |       1 |

  Rule: A deleted server holds no allocations

    @id-bdfd2b
    Scenario: Deleting a server frees its host
      Given server "web" runs flavor "small" on host "alpha"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |

    @id-14dee4
    Scenario: Deleting one server keeps the allocations of another
      Given server "web" runs flavor "small" on host "alpha"
      And server "db" runs flavor "large" on host "alpha"
      When server "web" is deleted
      Then server "web" is gone
      And the allocations are
        | consumer  | host  | VCPU | MEMORY_MB | DISK_GB |
        | server db | alpha |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +2 |     +1024 |      +2 |
        | beta  |    0 |         0 |       0 |

    @id-6e24ed
    Scenario: Deleting a server that found no valid host leaves no allocations
      Given no valid host was found for server "web" with flavor "huge"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |

  Rule: The migration of a deleted server holds no allocations

    @id-3e471c
    Scenario: Deleting a server with an unconfirmed resize frees both hosts
      Given server "web" runs flavor "small" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "large" on host "beta"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |

    @disruptive @id-f0870a
    Scenario: Deleting a resized server whose new host is down frees both hosts
      Given server "web" runs flavor "small" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "large" on host "beta"
      And host "beta" is down
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |

    @disruptive @known-deletion-waits-for-dead-source @id-f58c4d
    Scenario: Deleting a server frees the dead host that it has migrated from
      Given server "web" runs flavor "small" on host "alpha"
      And server "web" has an unconfirmed migration to host "beta"
      And host "alpha" is down
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
