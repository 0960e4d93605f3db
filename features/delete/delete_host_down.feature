@disruptive
Feature: Deleting a server whose host is down frees the host at once
  Nova cannot reach a host that is down, so it deletes the allocations itself; the host has nothing left to free when it
  returns.

  Background:
    Given host "alpha"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small" on host "alpha"
    And host "alpha" is down

  Rule: Allocations are deleted without waiting for the host

    @id-a15923
    Scenario: The host is free before it returns
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |

    @id-9340e2
    Scenario: The host is still free after it returns
      Given server "web" has been deleted
      When host "alpha" returns
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |

    @id-f722ee
    Scenario: The host is still free after it returns without its guests
      Given server "web" has been deleted
      When host "alpha" returns without its guests
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
