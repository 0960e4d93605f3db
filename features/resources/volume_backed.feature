Feature: A volume-backed server does not allocate its root disk
  The root disk is a Cinder volume, so DISK_GB covers only the disks that the host itself provides: ephemeral disk and
  swap.

  Background:
    Given hosts "alpha" and "beta"
    And a bootable volume
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB | ephemeral GB | swap MB |
      | bare   |    1 |       512 |      10 |            0 |       0 |
      | roomy  |    1 |       512 |      10 |            3 |    1024 |
      | large  |    2 |      1024 |      20 |            5 |    2048 |

  Rule: DISK_GB includes only ephemeral disk and swap

    @id-a5ca7c
    Scenario: A volume-backed server allocates its other disks
      When server "web" is booted with flavor "roomy" from the volume on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       4 |

    @id-aba4f8
    Scenario: A volume-backed server without other disks allocates no DISK_GB
      When server "web" is booted with flavor "bare" from the volume on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       0 |

    @id-25594a
    Scenario: An image-backed server on the same host allocates its root disk
      Given server "web" runs flavor "bare" from the volume on host "alpha"
      When server "db" is booted with flavor "bare" on host "alpha"
      Then server "db" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       0 |
        | server db  | alpha |    1 |       512 |      10 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +2 |     +1024 |     +10 |
        | beta  |    0 |         0 |       0 |

    @id-c11d38
    Scenario: Deleting a volume-backed server frees its allocations
      Given server "web" runs flavor "roomy" from the volume on host "alpha"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |

  Rule: Moves do not allocate the root disk

    @id-b4a073
    Scenario: An unconfirmed resize excludes both root disks
      Given server "web" runs flavor "roomy" from the volume on host "alpha"
      When server "web" is resized to flavor "large"
      Then server "web" is VERIFY_RESIZE on another host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       4 |
        | server web       | beta  |    2 |      1024 |       7 |

    @id-0fdcf2
    Scenario: A reverted resize excludes the root disk
      Given server "web" runs flavor "roomy" from the volume on host "alpha"
      And server "web" has an unconfirmed resize to flavor "large" on host "beta"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       4 |

    @id-c7fb58
    Scenario: A confirmed cold migration excludes the root disk
      Given server "web" runs flavor "roomy" from the volume on host "alpha"
      And server "web" has an unconfirmed migration to host "beta"
      When the migration of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       4 |

    @id-cd9b73
    Scenario: A live migration excludes the root disk
      Given server "web" runs flavor "roomy" from the volume on host "alpha"
      When server "web" is live migrated to host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       4 |

    @disruptive @id-c3cbc6
    Scenario: An evacuation excludes the root disk on both hosts
      Given server "web" runs flavor "roomy" from the volume on host "alpha"
      And host "alpha" is down
      When server "web" is evacuated
      Then server "web" is on another host "beta"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       4 |
        | server web | beta  |    1 |       512 |       4 |

    @id-ba65cf
    Scenario: An unshelved server excludes the root disk
      Given server "web" runs flavor "roomy" from the volume on host "alpha"
      And server "web" has been offloaded
      When server "web" is unshelved to host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       4 |

  Rule: Hypervisor figures exclude the root disk

    @id-f75068
    Scenario: The hypervisor counts only disks that the host provides
      Given the hypervisor figures are up to date
      When server "web" is booted with flavor "bare" from the volume on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |       0 |
        | beta  |    0 |         0 |       0 |
      And the hypervisor figures of host "alpha" match its usages plus reserved amounts
