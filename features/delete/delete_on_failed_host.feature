@disruptive
Feature: A deletion that a failed host has not carried out frees the host when it returns, or when it is repeated
  Until service_down_time has passed, Nova reports a failed host as up and leaves the deletion to it: the server is still
  there, and charged. Nova itself deletes the server only when it knows that the host is down.

  Background:
    Given host "alpha"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small" on host "alpha"
    And host "alpha" has failed unnoticed

  Rule: A server that waits for its deletion stays charged

    @id-47de79
    Scenario: The host stays charged while it cannot delete the server
      When the deletion of server "web" is requested
      Then server "web" is ACTIVE with task deleting
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |

  Rule: A host that returns completes the deletion

    @id-936937
    Scenario: A returned host deletes the server
      Given the deletion of server "web" has been requested
      When host "alpha" returns
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |

    @id-b20d80
    Scenario: A returned host deletes the server although the request was lost
      Given the deletion of server "web" has been requested
      And the messages that wait for host "alpha" are lost
      When host "alpha" returns
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |

    @id-952067
    Scenario: A host that returns without its guests deletes the server
      Given the deletion of server "web" has been requested
      When host "alpha" returns without its guests
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |

  Rule: A deletion repeated once Nova reports the host as down frees the host at once

    @id-f7b500
    Scenario: Repeating the deletion frees the host before it returns
      Given the deletion of server "web" has been requested
      And host "alpha" is down
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |

    @id-37ed93
    Scenario: The host is still free after it returns and receives the first request
      Given the deletion of server "web" has been requested
      And host "alpha" is down
      And server "web" has been deleted
      When host "alpha" returns
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
