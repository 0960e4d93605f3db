@disruptive
Feature: A server scheduled to a host that failed unnoticed holds that host
  Until service_down_time has passed, Nova reports a failed host as up and schedules servers to it. The request to build
  waits for the host, and the server is charged there meanwhile.

  Background:
    Given host "alpha"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And host "alpha" has failed unnoticed

  Rule: The host is charged from the moment the scheduler selects it

    @id-3c8b99
    Scenario: A server that waits for its host holds its flavor there
      When server "web" is requested with flavor "small" on host "alpha"
      Then server "web" is BUILD with task scheduling
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |

  Rule: Deleting the server frees the host without waiting for it

    @id-f61c39
    Scenario: Deleting a server that waits for its host frees the host
      Given server "web" has been requested with flavor "small" on host "alpha"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |

    @id-2b2d0a
    Scenario: A returned host does not build a server that was deleted meanwhile
      Given server "web" has been requested with flavor "small" on host "alpha"
      And server "web" has been deleted
      When host "alpha" returns
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |

  Rule: A returned host builds the server, or Nova gives it up

    @id-f43219
    Scenario: A returned host builds the server that has waited for it
      Given server "web" has been requested with flavor "small" on host "alpha"
      When host "alpha" returns
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |

    @known-interrupted-build-keeps-host @id-526149
    Scenario: A server whose build request was lost has no allocations
      Given server "web" has been requested with flavor "small" on host "alpha"
      And the messages that wait for host "alpha" are lost
      When host "alpha" returns
      Then server "web" is ERROR without a host
      And there are no allocations
