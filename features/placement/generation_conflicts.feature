@lab @whole-cloud
Feature: A Placement generation conflict never corrupts the accounts
  Placement rejects an update with a stale generation. Nova retries where that is safe; where it gives up, the server ends
  in a documented state and nothing is charged twice, except for leaks that Nova logs.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |

  Rule: A provider generation conflict is retried

    @id-970de2
    Scenario: A boot succeeds after a provider generation conflict
      Given Placement rejects the next update of one consumer with a provider generation conflict
      When server "web" is booted with flavor "small" on host "alpha"
      Then Placement has rejected the request
      And server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |

  Rule: After a consumer generation conflict, the old allocations remain

    @id-a79326
    Scenario: A boot fails and leaves no allocations
      Given Placement rejects the next update of one consumer with a consumer generation conflict
      When server "web" is booted with flavor "small" on host "alpha"
      Then Placement has rejected the request
      And server "web" is ERROR with fault "Failed to update allocations for consumer"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |

    @id-7747e5
    Scenario Outline: A cold migration fails at the <conflict>
      Given server "web" runs flavor "small" on host "alpha"
      And Placement rejects the next <conflict> with a consumer generation conflict
      When server "web" is cold migrated
      Then Placement has rejected the request
      And server "web" is ACTIVE on host "alpha"
      And the migrate action of server "web" failed
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |

      Examples: The two requests that start a move
        | conflict                   |
        | exchange between consumers |
        | update of one consumer     |

    @id-7b6985
    Scenario Outline: A live migration fails at the <conflict>
      Given server "web" runs flavor "small" on host "alpha"
      And Placement rejects the next <conflict> with a consumer generation conflict
      When server "web" is live migrated
      Then Placement has rejected the request
      And server "web" is <status> on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |

      Examples: The two requests that start a move
        | conflict                   | status |
        | exchange between consumers | ERROR  |
        | update of one consumer     | ERROR  |

    @disruptive @id-832afb
    Scenario: An evacuation fails and the server stays on the dead host
      Given server "web" runs flavor "small" on host "alpha"
      And host "alpha" is down
      And Placement rejects the next update of one consumer with a consumer generation conflict
      When server "web" is evacuated
      Then Placement has rejected the request
      And server "web" is ERROR with fault "Failed to update allocations for consumer"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |

  Rule: A conflict on confirm or revert leaks allocations and ends in ERROR

    @id-914245
    Scenario: A conflict on confirm leaks the source, and Nova logs it
      Given server "web" runs flavor "small" on host "alpha"
      And server "web" has an unconfirmed migration to host "beta"
      And Nova is known to leak the allocations of the migration of server "web"
      And Placement rejects the next update of one consumer with a consumer generation conflict
      When the migration of server "web" is confirmed
      Then Placement has rejected the request
      And server "web" is ERROR with fault "Failed to delete allocations"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +1 |      +512 |      +1 |
      And the audit reports "still holds"
      And Nova has logged "is leaked" for server "web"

    @id-25f11a
    Scenario: A conflict on revert leaves both hosts charged, and Nova logs it
      Given server "web" runs flavor "small" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "large" on host "beta"
      And Nova is known to leak the allocations of server "web" and its migration
      And Placement rejects the next exchange between consumers with a consumer generation conflict
      When the resize of server "web" is reverted
      Then Placement has rejected the request
      And server "web" is ERROR with fault "Failed to move allocations"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +2 |     +1024 |      +2 |
      And the audit reports "but is on host"
      And Nova has logged "is leaked" for server "web"
