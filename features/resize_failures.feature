@lab
Feature: A resize that fails midway leaves one host charged
  Whichever host fails and however far the resize had come, the server is paid for once, where Nova says it is.

  Background:
    Given these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |

  Rule: A resize that fails before the decision is charged where it stopped

    Scenario: The source fails to hand the server over
      Given a host "stuck" that fails to hand servers over
      And host "beta"
      And server "web" runs flavor "small" on host "stuck"
      When server "web" is resized to flavor "large"
      Then server "web" is ERROR on host "stuck"
      And action resize of server "web" has failed
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | stuck |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | stuck |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: The destination fails to finish the resize
      Given a host "broken" that fails to finish resizes
      And host "alpha"
      And server "web" runs flavor "small" on host "alpha"
      When server "web" is resized to flavor "large"
      Then server "web" is ERROR on host "broken"
      And action resize of server "web" has failed
      And the allocations are
        | consumer   | host   | VCPU | MEMORY_MB | DISK_GB |
        | server web | broken |    2 |      1024 |       2 |
      And the usages have changed by
        | host   | VCPU | MEMORY_MB | DISK_GB |
        | alpha  |    0 |         0 |       0 |
        | broken |   +2 |     +1024 |      +2 |
      And nothing changes when the periodic runs

    Scenario: The destination fails to finish a cold migration
      Given a host "broken" that fails to finish resizes
      And host "alpha"
      And server "web" runs flavor "small" on host "alpha"
      When server "web" is cold migrated
      Then server "web" is ERROR on host "broken"
      And action migrate of server "web" has failed
      And the allocations are
        | consumer   | host   | VCPU | MEMORY_MB | DISK_GB |
        | server web | broken |    1 |       512 |       1 |
      And the usages have changed by
        | host   | VCPU | MEMORY_MB | DISK_GB |
        | alpha  |    0 |         0 |       0 |
        | broken |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

  Rule: A decision that fails on the source is carried out in the accounts

    Scenario: The source fails to confirm
      Given a host "stuck" that fails to confirm resizes
      And host "beta"
      And server "web" runs flavor "small" on host "stuck"
      And server "web" awaits a decision on flavor "large" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is ERROR on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | stuck |    0 |         0 |       0 |
        | beta  |   +2 |     +1024 |      +2 |
      And nothing changes when the periodic runs

    Scenario: The source fails to take the server back
      Given a host "stuck" that fails to take servers back
      And host "beta"
      And server "web" runs flavor "small" on host "stuck"
      And server "web" awaits a decision on flavor "large" on host "beta"
      When the resize of server "web" is reverted
      Then server "web" is ERROR on host "stuck"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | stuck |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | stuck |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

  Rule: A server that failed to resize gives back what it holds

    Scenario: Both hosts are free when it is deleted
      Given a host "broken" that fails to finish resizes
      And host "alpha"
      And server "web" runs flavor "small" on host "alpha"
      And server "web" failed to resize to flavor "large"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host   | VCPU | MEMORY_MB | DISK_GB |
        | alpha  |    0 |         0 |       0 |
        | broken |    0 |         0 |       0 |
      And nothing changes when the periodic runs
