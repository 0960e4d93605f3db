@lab
Feature: nova-manage repairs the allocations of servers on shared storage
  The provider of shared storage has servers of many hosts, and no compute node. nova-manage has to look for a server on
  all of these hosts before it calls an allocation orphaned, and to heal the disk where the host uses it.

  Background:
    Given shared storage "nfs" with 100 GB
    And a host "alpha" that has no disk of its own and is preferred by the scheduler
    And host "alpha" uses shared storage "nfs"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small"

  Rule: The disk of a server on shared storage is not orphaned

    @known-audit-calls-shared-disks-orphaned @id-7c692b
    Scenario: The audit of the shared storage finds nothing
      When nova-manage audits shared storage "nfs"
      Then nova-manage exits with status 0

    @known-audit-calls-shared-disks-orphaned @id-613484
    Scenario: Deleting orphaned allocations leaves the server its disk
      When nova-manage deletes the orphaned allocations on shared storage "nfs"
      Then nova-manage exits with status 0
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       0 |
        | server web | nfs   |    0 |         0 |       1 |

    @id-524918
    Scenario: The audit of the host leaves the server its disk
      When nova-manage deletes the orphaned allocations on host "alpha"
      Then nova-manage exits with status 0
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       0 |
        | server web | nfs   |    0 |         0 |       1 |

  Rule: Missing allocations are healed on both providers

    @known-heal-ignores-shared-storage @id-78bcfe
    Scenario: A server without allocations is healed
      Given server "web" has lost its allocations
      When nova-manage heals the allocations of server "web"
      Then nova-manage exits with status 0
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       0 |
        | server web | nfs   |    0 |         0 |       1 |

    @id-41c472
    Scenario: A server with correct allocations needs no healing
      When nova-manage heals the allocations of server "web"
      Then nova-manage exits with status 4
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       0 |
        | server web | nfs   |    0 |         0 |       1 |
