@lab
Feature: A build that fails is charged to no host that it left
  A host that could not start a server gives everything back, whether another host is tried or not.

  Background:
    Given these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |

  Rule: A host that aborts a build is not charged

    Scenario: The server is in ERROR and nobody pays for it
      Given a host "picky" that aborts builds
      When server "web" is booted from flavor "small" on host "picky"
      Then server "web" is ERROR because "Build of instance"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | picky |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: No other host is tried
      Given a host "picky" that aborts builds
      And host "beta"
      When server "web" is booted from flavor "small"
      Then server "web" is ERROR because "Build of instance"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | picky |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

  Rule: Only the host that runs the server in the end is charged

    Scenario: A host that failed to start the server is free
      Given a host "flaky" that is tried first and fails to start servers
      And host "beta"
      When server "web" is booted from flavor "small"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | flaky |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: A host that had no room after all is free
      Given a host "full" that is tried first and has no room for new servers
      And host "beta"
      When server "web" is booted from flavor "small"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | full |    0 |         0 |       0 |
        | beta |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: A server that every host failed to start is charged to none
      Given a host "flaky" that is tried first and fails to start servers
      When server "web" is booted from flavor "small"
      Then server "web" is ERROR because "Exceeded maximum number of retries"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | flaky |    0 |         0 |       0 |
      And nothing changes when the periodic runs

  Rule: A build that is deleted midway gives its claim back

    Scenario: A server deleted while its host is still building it leaves nothing
      Given a host "slow" that takes its time to build servers
      And server "web" is being built from flavor "small" on host "slow"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | slow |    0 |         0 |       0 |
      And nothing changes when the periodic runs

  Rule: A server that failed to build leaves nothing when it is deleted

    Scenario: The host that aborted the build stays free
      Given a host "picky" that aborts builds
      And server "web" failed to build from flavor "small" on host "picky"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | picky |    0 |         0 |       0 |
      And nothing changes when the periodic runs
