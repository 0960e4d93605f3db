@disruptive
Feature: A failed evacuation charges no new host
  A server that could not be rebuilt on another host keeps its allocations on the dead host, and only there.

  Background:
    Given these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |

  Rule: A host that fails to rebuild the server is not charged

    @lab @id-66247c
    Scenario: The destination fails to rebuild the server
      Given host "alpha"
      And a host "broken" that fails to rebuild servers
      And server "web" runs flavor "small" on host "alpha"
      And host "alpha" is down
      When server "web" is evacuated to host "broken"
      Then server "web" is ERROR on host "alpha"
      And the evacuate action of server "web" failed
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host   | VCPU | MEMORY_MB | DISK_GB |
        | alpha  |   +1 |      +512 |      +1 |
        | broken |    0 |         0 |       0 |

    @lab @id-24b46f
    Scenario: The destination refuses the claim
      Given host "alpha"
      And a host "full" that refuses the claim of evacuated servers
      And server "web" runs flavor "small" on host "alpha"
      And host "alpha" is down
      When server "web" is evacuated to host "full"
      Then server "web" is ACTIVE on host "alpha"
      And the evacuate action of server "web" failed
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | full  |    0 |         0 |       0 |

  Rule: A server without a valid host keeps its allocations on the dead host

    @id-4aba8f
    Scenario: No valid host is found for the evacuation
      Given host "alpha"
      And server "web" runs flavor "small" on host "alpha"
      And host "alpha" is down
      When server "web" is evacuated
      Then server "web" is ERROR with fault "No valid host was found"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |

    @id-c81f6b
    Scenario: The dead host returns after a failed evacuation
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
