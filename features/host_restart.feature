@disruptive
Feature: A host that restarts gives back nothing that is still owed
  A compute service that starts looks for servers that have left it for good, and frees them. A resize that nobody has
  decided yet is not for good, so both of its hosts stay charged whichever of them restarts.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: An undecided resize outlasts the restart of either host

    Scenario Outline: Both hosts stay charged when the <side> restarts
      Given server "web" awaits a decision on flavor "large" on host "beta"
      And host "<host>" is down
      When host "<host>" returns
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

      Examples: either host of the resize
        | side        | host  |
        | source      | alpha |
        | destination | beta  |

  Rule: A decision after the restart is charged like any other

    Scenario: The source that restarted is free once the owner has confirmed
      Given server "web" awaits a decision on flavor "large" on host "beta"
      And host "alpha" is down
      And host "alpha" is back
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +2 |     +1024 |      +2 |
      And nothing changes when the periodic runs

    Scenario: The destination that restarted is free once the owner has reverted
      Given server "web" awaits a decision on flavor "large" on host "beta"
      And host "beta" is down
      And host "beta" is back
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

  Rule: An evacuation that is settled stays settled

    Scenario: A server that came back to its first host stays charged there
      Given host "alpha" is down
      And server "web" has been evacuated to host "beta"
      And host "alpha" is back
      And host "beta" is down
      And server "web" has been evacuated to host "alpha"
      And host "beta" is back
      And host "alpha" is down
      When host "alpha" returns
      Then server "web" is on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs
