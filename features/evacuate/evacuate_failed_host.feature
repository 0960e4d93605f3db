@disruptive
Feature: A server on a failed host can be evacuated once Nova reports the host as down
  Until service_down_time has passed, Nova refuses to evacuate from a failed host, and nothing changes. Afterwards the
  accounts are those of every evacuation: both hosts are charged until the failed one returns.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small" on host "alpha"
    And host "alpha" has failed unnoticed

  Rule: An evacuation that Nova refuses changes nothing

    @id-962ad3
    Scenario: Nova refuses to evacuate from a host that it reports as up
      When the evacuation of server "web" is requested
      Then the response status is 400
      And server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |

  Rule: An evacuation from a host that Nova reports as down holds both hosts until the failed one returns

    @id-9bd9ae
    Scenario: The evacuated server holds both hosts
      Given host "alpha" is down
      When server "web" is evacuated
      Then server "web" is on another host "beta"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
        | server web | beta  |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +1 |      +512 |      +1 |

    @id-2bfdd3
    Scenario Outline: The failed host is freed when it returns <guests>
      Given host "alpha" is down
      And server "web" has been evacuated to host "beta"
      When host "alpha" <returns>
      Then server "web" is on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |

      Examples: The guests of the host that returns
        | guests          | returns                    |
        | with its guests | returns                    |
        | without them    | returns without its guests |

  Rule: A host that returns unnoticed has only been away

    @id-81ef43
    Scenario: The server stays charged when its host returns
      When host "alpha" returns
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
