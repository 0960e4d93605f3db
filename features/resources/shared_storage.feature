@lab
Feature: A server holds its disk on shared storage
  Storage that several hosts share is a resource provider of its own. Hosts without a disk of their own use its DISK_GB;
  everything else of a server is held on its host.

  Background:
    Given shared storage "nfs" with 100 GB
    And a host "alpha" that has no disk of its own and is preferred by the scheduler
    And host "alpha" uses shared storage "nfs"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |

  Rule: The shared storage is charged for the disk, not the host

    @id-c757f7
    Scenario: A server holds its host and the shared storage
      When server "web" is booted with flavor "large"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    2 |      1024 |       0 |
        | server web | nfs   |    0 |         0 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +2 |     +1024 |       0 |
        | nfs   |    0 |         0 |      +2 |

    @microversion-2.74 @known-named-host-excludes-shared-storage @id-755ee1
    Scenario: A server that is booted on a specified host holds the shared storage
      When server "web" is booted with flavor "small" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       0 |
        | server web | nfs   |    0 |         0 |       1 |

    @id-9e480e
    Scenario: Deleting a server frees the shared storage
      Given server "web" runs flavor "small"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | nfs   |    0 |         0 |       0 |

    @id-bf09f3
    Scenario: A server that does not fit on the shared storage holds nothing
      Given these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | huge   |    1 |       512 |     101 |
      When server "web" is booted with flavor "huge"
      Then server "web" is ERROR with fault "No valid host was found"
      And there are no allocations

    @id-7ad426
    Scenario: Offloading a server frees the shared storage
      Given server "web" runs flavor "small"
      When server "web" is shelved and offloaded
      Then server "web" is SHELVED_OFFLOADED without a host
      And there are no allocations

  Rule: A move between hosts that share storage ends with one disk there

    @id-10a173
    Scenario: An unconfirmed resize holds a disk for each flavor
      Given a host "beta" that has no disk of its own
      And host "beta" uses shared storage "nfs"
      And server "web" runs flavor "small"
      When server "web" is resized to flavor "large"
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       0 |
        | migration of web | nfs   |    0 |         0 |       1 |
        | server web       | beta  |    2 |      1024 |       0 |
        | server web       | nfs   |    0 |         0 |       2 |

    @id-78db09
    Scenario: Confirming the resize frees the disk of the old flavor
      Given a host "beta" that has no disk of its own
      And host "beta" uses shared storage "nfs"
      And server "web" runs flavor "small"
      And server "web" has an unconfirmed resize to flavor "large" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    2 |      1024 |       0 |
        | server web | nfs  |    0 |         0 |       2 |

    @id-13b676
    Scenario: Reverting the resize frees the disk of the new flavor
      Given a host "beta" that has no disk of its own
      And host "beta" uses shared storage "nfs"
      And server "web" runs flavor "small"
      And server "web" has an unconfirmed resize to flavor "large" on host "beta"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       0 |
        | server web | nfs   |    0 |         0 |       1 |

    @id-3447e8
    Scenario: A live migrated server holds its disk once
      Given a host "beta" that has no disk of its own
      And host "beta" uses shared storage "nfs"
      And server "web" runs flavor "small"
      When server "web" is live migrated
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       0 |
        | server web | nfs  |    0 |         0 |       1 |

    @id-9ce0e9
    Scenario: An evacuated server holds both hosts, and its disk once
      Given a host "beta" that has no disk of its own
      And host "beta" uses shared storage "nfs"
      And server "web" runs flavor "small"
      And host "alpha" is down
      When server "web" is evacuated
      Then server "web" is on host "beta"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       0 |
        | server web | beta  |    1 |       512 |       0 |
        | server web | nfs   |    0 |         0 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |       0 |
        | beta  |   +1 |      +512 |       0 |
        | nfs   |    0 |         0 |      +1 |

    @id-550ed6
    Scenario: A host that returns after an evacuation leaves the server its disk
      Given a host "beta" that has no disk of its own
      And host "beta" uses shared storage "nfs"
      And server "web" runs flavor "small"
      And host "alpha" is down
      And server "web" has been evacuated to host "beta"
      When host "alpha" returns
      Then server "web" is on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       0 |
        | server web | nfs  |    0 |         0 |       1 |

  Rule: A move between shared and local storage ends with one disk where the server is

    @id-468c8f
    Scenario: Confirming a migration to a local disk frees the shared storage
      Given a host "beta" that behaves normally
      And server "web" runs flavor "small"
      And server "web" has an unconfirmed migration to host "beta"
      When the migration of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |
        | nfs   |    0 |         0 |       0 |

    @id-cf3287
    Scenario: Reverting a migration to a local disk frees that disk
      Given a host "beta" that behaves normally
      And server "web" runs flavor "small"
      And server "web" has an unconfirmed migration to host "beta"
      When the migration of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       0 |
        | server web | nfs   |    0 |         0 |       1 |

    @id-b7c71f
    Scenario: A server evacuated to shared storage holds both disks
      Given a host "beta" that behaves normally
      And server "web" runs flavor "small" on host "beta"
      And host "beta" is down
      When server "web" is evacuated
      Then server "web" is on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       0 |
        | server web | beta  |    1 |       512 |       1 |
        | server web | nfs   |    0 |         0 |       1 |

    @id-7a0693
    Scenario: A host with a local disk frees it when it returns
      Given a host "beta" that behaves normally
      And server "web" runs flavor "small" on host "beta"
      And host "beta" is down
      And server "web" has been evacuated to host "alpha"
      When host "beta" returns
      Then server "web" is on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       0 |
        | server web | nfs   |    0 |         0 |       1 |

    @known-returned-host-keeps-shared-disk @id-32c391
    Scenario: A host on shared storage frees its disk there when it returns
      Given a host "beta" that behaves normally
      And server "web" runs flavor "small"
      And host "alpha" is down
      And server "web" has been evacuated to host "beta"
      When host "alpha" returns
      Then server "web" is on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |

  Rule: A host that uses shared storage reports no disk of its own

    @known-libvirt-ignores-shared-storage @id-9549cd
    Scenario: A libvirt host on shared storage has no DISK_GB of its own
      Given a host "beta" that uses libvirt
      And host "beta" uses shared storage "nfs"
      When the periodic task runs on host "beta"
      Then the root provider of host "beta" has no DISK_GB
