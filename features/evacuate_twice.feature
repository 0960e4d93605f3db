@disruptive
Feature: A server evacuated twice is charged on three hosts until they return
  Each host that died with the server keeps its charge, and each gives back its own share and no other.

  Background:
    Given hosts "alpha", "beta" and "gamma"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small" on host "alpha"
    And host "alpha" is down
    And server "web" has been evacuated to host "beta"
    And host "beta" is down

  Rule: Every dead host keeps its charge

    Scenario: Three hosts are charged after the second evacuation
      When server "web" is evacuated
      Then server "web" is on another host "gamma"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
        | server web | beta  |    1 |       512 |       1 |
        | server web | gamma |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +1 |      +512 |      +1 |
        | gamma |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

  Rule: A host that returns gives back its own share

    Scenario: The first host is free once it is back and the second still charged
      Given server "web" has been evacuated to host "gamma"
      When host "alpha" returns
      Then server "web" is on host "gamma"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta  |    1 |       512 |       1 |
        | server web | gamma |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |
        | gamma |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: Only the last host is charged once both are back
      Given server "web" has been evacuated to host "gamma"
      And host "alpha" is back
      When host "beta" returns
      Then server "web" is on host "gamma"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | gamma |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |
        | gamma |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs
