Feature: A volume-backed server is not charged for its root disk
  Its root disk stands on another service's shelf, so DISK_GB counts only what the host itself provides: ephemeral
  disk and swap.

  Background:
    Given hosts "alpha" and "beta"
    And a bootable volume
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB | ephemeral GB | swap MB |
      | bare   |    1 |       512 |      10 |            0 |       0 |
      | roomy  |    1 |       512 |      10 |            3 |    1024 |
      | large  |    2 |      1024 |      20 |            5 |    2048 |

  Rule: DISK_GB counts ephemeral disk and swap only

    Scenario: A server that boots from a volume is charged for its other disks
      When server "web" is booted from flavor "roomy" and the volume on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       4 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +4 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: A server without other disks is charged for none
      When server "web" is booted from flavor "bare" and the volume on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       0 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |       0 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: A server from an image is charged for its root disk beside it
      Given server "web" runs flavor "bare" from the volume on host "alpha"
      When server "db" is booted from flavor "bare" on host "alpha"
      Then server "db" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       0 |
        | server db  | alpha |    1 |       512 |      10 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +2 |     +1024 |     +10 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: A deleted server returns what it was charged for
      Given server "web" runs flavor "roomy" from the volume on host "alpha"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

  Rule: A move does not bring the root disk back

    Scenario: An undecided resize is charged without either root disk
      Given server "web" runs flavor "roomy" from the volume on host "alpha"
      When server "web" is resized to flavor "large"
      Then server "web" is VERIFY_RESIZE on another host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       4 |
        | server web       | beta  |    2 |      1024 |       7 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +4 |
        | beta  |   +2 |     +1024 |      +7 |
      And nothing changes when the periodic runs

    Scenario: A reverted resize is charged without the root disk
      Given server "web" runs flavor "roomy" from the volume on host "alpha"
      And server "web" awaits a decision on flavor "large" on host "beta"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       4 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +4 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: A confirmed cold migration is charged without the root disk
      Given server "web" runs flavor "roomy" from the volume on host "alpha"
      And server "web" awaits a decision on its migration to host "beta"
      When the migration of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       4 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +4 |
      And nothing changes when the periodic runs

    Scenario: A live migration is charged without the root disk
      Given server "web" runs flavor "roomy" from the volume on host "alpha"
      When server "web" is live migrated to host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       4 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +4 |
      And nothing changes when the periodic runs

    @disruptive
    Scenario: An evacuation is charged without the root disk on both hosts
      Given server "web" runs flavor "roomy" from the volume on host "alpha"
      And host "alpha" is down
      When server "web" is evacuated
      Then server "web" is on another host "beta"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       4 |
        | server web | beta  |    1 |       512 |       4 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +4 |
        | beta  |   +1 |      +512 |      +4 |
      And nothing changes when the periodic runs

    Scenario: An unshelved server is charged without the root disk
      Given server "web" runs flavor "roomy" from the volume on host "alpha"
      And server "web" has been offloaded
      When server "web" is unshelved on host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       4 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +4 |
      And nothing changes when the periodic runs

  Rule: Nova's own figures count no root disk either

    Scenario: The hypervisor counts the disks that the host provides
      Given the hypervisor figures are up to date
      When server "web" is booted from flavor "bare" and the volume on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |       0 |
        | beta  |    0 |         0 |       0 |
      And the hypervisor figures of host "alpha" are its usages and what it reserves
      And nothing changes when the periodic runs
