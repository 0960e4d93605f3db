Feature: Shelving a server frees its host once the server has left it
  A server that was offloaded is an image and nothing more: it holds nothing anywhere until it is unshelved.

  Background:
    Given host "alpha"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: An offloaded server holds nothing

    Scenario: The host is free once the server has been offloaded
      When server "web" is shelved and offloaded
      Then server "web" is SHELVED_OFFLOADED on no host
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: An offloaded server that is deleted leaves nothing
      Given server "web" has been offloaded
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
      And nothing changes when the periodic runs

  Rule: An unshelved server is charged where it runs

    Scenario: A server that comes back to its host is charged there
      Given server "web" has been offloaded
      When server "web" is unshelved
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    @microversion-2.91
    Scenario: A server that comes back to a named host is charged there
      Given host "beta"
      And server "web" has been offloaded
      When server "web" is unshelved on host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    @disruptive
    Scenario: A server whose host is down comes back to another and is charged there
      Given host "beta"
      And server "web" has been offloaded
      And host "alpha" is down
      When server "web" is unshelved
      Then server "web" is ACTIVE on another host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

  Rule: A server that comes back to no host holds nothing

    @disruptive
    Scenario: There is no host for it
      Given server "web" has been offloaded
      And host "alpha" is down
      When server "web" is unshelved
      Then server "web" is SHELVED_OFFLOADED on no host
      And action unshelve of server "web" has failed
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    @lab @microversion-2.91
    Scenario: Its host fails to start it
      Given a host "weak" that fails to start unshelved servers
      And server "db" runs flavor "small" on host "weak"
      And server "db" has been offloaded
      When server "db" is unshelved on host "weak"
      Then server "db" is SHELVED_OFFLOADED on no host
      And action unshelve of server "db" has failed
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | weak  |    0 |         0 |       0 |
      And nothing changes when the periodic runs
