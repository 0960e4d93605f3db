@lab
Feature: Operators find and repair wrong allocations with nova-manage
  nova-manage compares the allocations in Placement with the servers in Nova. It creates missing allocations, deletes
  orphaned ones and leaves correct ones alone.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: Missing allocations are healed

    @id-3d8023
    Scenario: A server without allocations is healed
      Given server "web" has lost its allocations
      And the audit has reported "holds nothing on host"
      When nova-manage heals the allocations of server "web"
      Then nova-manage exits with status 0
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @id-5655ea
    Scenario: A server with correct allocations needs no healing
      When nova-manage heals the allocations of server "web"
      Then nova-manage exits with status 4
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

  Rule: Orphaned allocations are found, and deleted on request

    @id-67a5db
    Scenario: An orphaned allocation is found and left alone
      Given orphaned consumer "ghost" holds 2 VCPU on host "alpha"
      When nova-manage audits host "alpha"
      Then nova-manage exits with status 3
      And the audit reports "Nova has neither a server nor a migration with that id"
      And the allocations are
        | consumer       | host  | VCPU | MEMORY_MB | DISK_GB |
        | consumer ghost | alpha |    2 |         0 |       0 |
        | server web     | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +3 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |

    @id-8e5510
    Scenario: An orphaned allocation is deleted, and servers keep theirs
      Given orphaned consumer "ghost" holds 2 VCPU on host "alpha"
      When nova-manage deletes the orphaned allocations on host "alpha"
      Then nova-manage exits with status 4
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @id-9d8efe
    Scenario: A host without orphaned allocations is left alone
      When nova-manage deletes the orphaned allocations on host "alpha"
      Then nova-manage exits with status 0
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @id-338470
    Scenario: The allocations of an unconfirmed migration are not orphaned
      Given server "web" has an unconfirmed resize to flavor "large" on host "beta"
      When nova-manage deletes the orphaned allocations on host "alpha"
      Then nova-manage exits with status 0
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    2 |      1024 |       2 |
