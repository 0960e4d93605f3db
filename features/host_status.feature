@disruptive
Feature: A disabled compute service takes no new servers and keeps those it has
  An operator who disables a host wants it left alone. Its resource provider says so with a trait, and the scheduler
  asks Placement for hosts without that trait.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |

  Rule: The provider of a disabled host says so at once

    Scenario: Disabling a host puts the trait on its provider
      When host "beta" gets disabled
      Then host "beta" has trait COMPUTE_STATUS_DISABLED
      And host "alpha" lacks trait COMPUTE_STATUS_DISABLED

    Scenario: Enabling a host takes the trait off
      Given host "beta" is disabled
      When host "beta" gets enabled
      Then host "beta" lacks trait COMPUTE_STATUS_DISABLED

    Scenario: The trait of a disabled host outlasts the periodic
      Given host "beta" is disabled
      When the periodic runs on host "beta"
      Then host "beta" has trait COMPUTE_STATUS_DISABLED

    Scenario: The trait does not come back to a host that is enabled
      Given host "beta" is disabled
      And host "beta" is enabled again
      When the periodic runs on host "beta"
      Then host "beta" lacks trait COMPUTE_STATUS_DISABLED

  Rule: Nothing is scheduled to a disabled host

    Scenario: A new server goes to a host that is enabled
      Given host "alpha" is disabled
      When server "web" is booted from flavor "small"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: A server that names a disabled host is not built
      Given host "alpha" is disabled
      When server "web" is booted from flavor "small" on host "alpha"
      Then server "web" is ERROR because "No valid host was found"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: A host that is enabled again takes servers again
      Given host "alpha" is disabled
      And host "alpha" is enabled again
      When server "web" is booted from flavor "small" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: A resize does not go to a disabled host
      Given server "web" runs flavor "small" on host "alpha"
      And host "beta" is disabled
      When server "web" is resized to flavor "large"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

  Rule: A disabled host keeps the servers it has

    Scenario: A server stays charged where it runs
      Given server "web" runs flavor "small" on host "alpha"
      When host "alpha" gets disabled
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: A resize leaves a disabled host, which keeps its part of it
      Given server "web" runs flavor "small" on host "alpha"
      And host "alpha" is disabled
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
      And nothing changes when the periodic runs

    Scenario: A resize may be reverted to a disabled host
      Given server "web" runs flavor "small" on host "alpha"
      And server "web" awaits a decision on flavor "large" on host "beta"
      And host "alpha" is disabled
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

  Rule: A host that is down learns of it when it returns

    Scenario: Disabling a host that is down does not show on its provider
      Given host "beta" is down
      When host "beta" gets disabled
      Then host "beta" lacks trait COMPUTE_STATUS_DISABLED

    Scenario: A host that was disabled while down returns disabled
      Given host "beta" is down
      And host "beta" is disabled
      When host "beta" returns
      Then host "beta" has trait COMPUTE_STATUS_DISABLED

    Scenario: A host that was enabled while down keeps the trait until it returns
      Given host "beta" is disabled
      And host "beta" is down
      When host "beta" gets enabled
      Then host "beta" has trait COMPUTE_STATUS_DISABLED

    Scenario: A host that was enabled while down returns enabled
      Given host "beta" is disabled
      And host "beta" is down
      And host "beta" is enabled again
      When host "beta" returns
      Then host "beta" lacks trait COMPUTE_STATUS_DISABLED
