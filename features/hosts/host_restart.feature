@disruptive
Feature: Restarting a host does not free resources that are still in use
  When a compute service starts, it cleans up after servers that were evacuated. An unconfirmed resize is not finished, so
  both of its hosts stay charged whichever of them restarts.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: An unconfirmed resize survives the restart of either host

    @id-403adf
    Scenario Outline: Both hosts stay charged when the <side> restarts
      Given server "web" has an unconfirmed resize to flavor "large" on host "beta"
      And host "<host>" is down
      When host "<host>" returns
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    2 |      1024 |       2 |

      Examples: Either host of the resize
        | side        | host  |
        | source      | alpha |
        | destination | beta  |

  Rule: Confirming or reverting works after the restart

    @id-36e1be
    Scenario: Confirming the resize frees the restarted source
      Given server "web" has an unconfirmed resize to flavor "large" on host "beta"
      And host "alpha" is down
      And host "alpha" is back
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    2 |      1024 |       2 |

    @id-df54af
    Scenario: Reverting the resize frees the restarted destination
      Given server "web" has an unconfirmed resize to flavor "large" on host "beta"
      And host "beta" is down
      And host "beta" is back
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

  Rule: A completed evacuation is not cleaned up again

    @id-e82dd8
    Scenario: A server evacuated back to its first host stays charged there
      Given host "alpha" is down
      And server "web" has been evacuated to host "beta"
      And host "alpha" is back
      And host "beta" is down
      And server "web" has been evacuated to host "alpha"
      And host "beta" is back
      And host "alpha" is down
      When host "alpha" returns
      Then server "web" is on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
