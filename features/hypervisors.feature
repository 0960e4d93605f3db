Feature: Nova's own figures agree with the accounts
  Operators also read what each hypervisor reports. It follows the flavor at every step, without waiting for the
  resource tracker's periodic, and goes on agreeing when the periodic has run.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
    And the hypervisor figures are up to date
    And server "web" runs flavor "small" on host "alpha"

  Rule: A hypervisor counts the servers it runs

    Scenario: An undecided resize is counted on both hypervisors
      When server "web" is resized to flavor "large"
      Then server "web" is VERIFY_RESIZE on another host "beta"
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +2 |     +1024 |      +2 |
      And nothing changes when the periodic runs

    Scenario: A confirmed resize leaves the source at once
      Given server "web" awaits a decision on flavor "large" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +2 |     +1024 |      +2 |
      And nothing changes when the periodic runs

    Scenario: A reverted resize leaves the destination at once
      Given server "web" awaits a decision on flavor "large" on host "beta"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: A deleted server is counted nowhere
      When server "web" is deleted
      Then server "web" is gone
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: An offloaded server is counted nowhere
      Given server "web" has been offloaded
      When server "db" is booted from flavor "large" on host "beta"
      Then server "db" is ACTIVE on host "beta"
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +2 |     +1024 |      +2 |
      And nothing changes when the periodic runs

    Scenario: A server that comes back from the shelf is counted where it runs
      Given server "web" has been offloaded
      When server "web" is unshelved on host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

  Rule: A live migration is counted where the server runs after the periodic

    Scenario: Both hypervisors have caught up after their periodic
      Given server "web" has been live migrated to host "beta"
      When the periodic runs on every host
      Then server "web" is ACTIVE on host "beta"
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |

  Rule: A dead host counts what it ran until it returns

    @disruptive
    Scenario: An evacuated server is counted on its new and still on its old host
      Given host "alpha" is down
      When server "web" is evacuated
      Then server "web" is on another host "beta"
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +1 |      +512 |      +1 |

    @disruptive
    Scenario: A host that returns no longer counts a server that was evacuated
      Given host "alpha" is down
      And server "web" has been evacuated to host "beta"
      When host "alpha" returns
      Then server "web" is on host "beta"
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

  Rule: What a host reserves is part of its figures

    Scenario: A host that runs servers counts them and what it reserves
      When server "db" is booted from flavor "large" on host "alpha"
      Then server "db" is ACTIVE on host "alpha"
      And the hypervisor figures of host "alpha" are its usages and what it reserves
      And the hypervisor figures of host "beta" are its usages and what it reserves
      And nothing changes when the periodic runs

    Scenario: A host that has lost its last server counts what it reserves
      When server "web" is deleted
      Then server "web" is gone
      And the hypervisor figures of host "alpha" are its usages and what it reserves
      And nothing changes when the periodic runs
