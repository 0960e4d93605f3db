@disruptive
Feature: A server evacuated twice is charged on three hosts until they return
  Each dead host stays charged for the server, and frees its own share and no other when it returns.

  Background:
    Given hosts "alpha", "beta" and "gamma"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small" on host "alpha"
    And host "alpha" is down
    And server "web" has been evacuated to host "beta"
    And host "beta" is down

  Rule: Every dead host stays charged

    @id-6e49f1
    Scenario: Three hosts are charged after the second evacuation
      When server "web" is evacuated
      Then server "web" is on another host "gamma"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
        | server web | beta  |    1 |       512 |       1 |
        | server web | gamma |    1 |       512 |       1 |

  Rule: A host that returns frees only its own share

    @id-872e64
    Scenario: The first host is freed when it returns; the second stays charged
      Given server "web" has been evacuated to host "gamma"
      When host "alpha" returns
      Then server "web" is on host "gamma"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta  |    1 |       512 |       1 |
        | server web | gamma |    1 |       512 |       1 |

    @id-533578
    Scenario: Only the last host is charged after both hosts return
      Given server "web" has been evacuated to host "gamma"
      And host "alpha" is back
      When host "beta" returns
      Then server "web" is on host "gamma"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | gamma |    1 |       512 |       1 |

  Rule: What a server holds on several hosts is not copied to a forced one

    @id-70a6ef
    Scenario: A second evacuation past the scheduler is refused and changes nothing
      When server "web" is forcibly evacuated to host "gamma"
      Then server "web" is on host "beta"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
        | server web | beta  |    1 |       512 |       1 |
