@disruptive
Feature: Deleting a server whose host is down frees the host at once
  Nova cannot ask a dead host to clean up, so it settles the accounts by itself; the host has nothing to add when it
  returns.

  Background:
    Given host "alpha"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small" on host "alpha"
    And host "alpha" is down

  Rule: The accounts do not wait for the host

    Scenario: The dead host is free before it returns
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |

    Scenario: The host is still free once it is back
      Given server "web" has been deleted
      When host "alpha" returns
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: The host is still free once it is back without its guests
      Given server "web" has been deleted
      When host "alpha" returns without its guests
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
      And nothing changes when the periodic runs
