@disruptive
Feature: An evacuation that fails charges no new host
  A server that could not be rebuilt elsewhere is still its dead host's to pay for, and nobody else's.

  Background:
    Given these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |

  Rule: A host that cannot rebuild the server is not charged

    @lab
    Scenario: The destination fails to rebuild the server
      Given host "alpha"
      And a host "broken" that fails to rebuild servers
      And server "web" runs flavor "small" on host "alpha"
      And host "alpha" is down
      When server "web" is evacuated to host "broken"
      Then server "web" is ERROR on host "alpha"
      And action evacuate of server "web" has failed
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host   | VCPU | MEMORY_MB | DISK_GB |
        | alpha  |   +1 |      +512 |      +1 |
        | broken |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    @lab
    Scenario: The destination has no room after all
      Given host "alpha"
      And a host "full" that has no room for evacuated servers
      And server "web" runs flavor "small" on host "alpha"
      And host "alpha" is down
      When server "web" is evacuated to host "full"
      Then server "web" is ACTIVE on host "alpha"
      And action evacuate of server "web" has failed
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | full  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

  Rule: A server that finds no other host keeps the charge on its dead one

    Scenario: There is no host to evacuate to
      Given host "alpha"
      And server "web" runs flavor "small" on host "alpha"
      And host "alpha" is down
      When server "web" is evacuated
      Then server "web" is ERROR because "No valid host was found"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: The dead host returns after an evacuation that failed
      Given host "alpha"
      And server "web" runs flavor "small" on host "alpha"
      And host "alpha" is down
      And server "web" could not be evacuated
      When host "alpha" returns
      Then server "web" is on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs
