@lab
Feature: Nova's own figures forget what a host failed to do
  A hypervisor counts a server from the moment it claims room for it. A host that then fails gives the room back at once,
  in its own figures as well as in Placement.

  Background:
    Given host "alpha"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |

  Rule: A server that a host failed to start is not counted there

    Scenario: A server whose build was aborted is counted nowhere
      Given a host "picky" that aborts builds
      And the hypervisor figures are up to date
      When server "web" is booted from flavor "small" on host "picky"
      Then server "web" is ERROR because "Build of instance"
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | picky |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: A server that was started elsewhere is counted there only
      Given a host "flaky" that is tried first and fails to start servers
      And the hypervisor figures are up to date
      When server "web" is booted from flavor "small"
      Then server "web" is ACTIVE on host "alpha"
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | flaky |    0 |         0 |       0 |
        | alpha |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: A server that failed to come back from the shelf is counted nowhere
      Given a host "weak" that fails to start unshelved servers
      And the hypervisor figures are up to date
      And server "web" runs flavor "small" on host "alpha"
      And server "web" has been offloaded
      When server "web" is unshelved on host "weak"
      Then server "web" is SHELVED_OFFLOADED on no host
      And the hypervisor figures have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | weak |    0 |         0 |       0 |
      And nothing changes when the periodic runs

  Rule: A move that a host refused is counted where the server stays

    Scenario: A resize that the only other host refuses is not counted there
      Given a host "full" that is tried first and has no room for a move
      And the hypervisor figures are up to date
      And server "web" runs flavor "small" on host "alpha"
      When server "web" is resized to flavor "large"
      Then server "web" is ERROR on host "alpha"
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | full  |    0 |         0 |       0 |
        | alpha |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs
