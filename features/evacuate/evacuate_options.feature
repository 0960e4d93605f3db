@disruptive
Feature: An evacuated server is charged on the host that the operator chooses
  The operator may specify the new host or force it past the scheduler. The allocations follow the choice, and a rejected
  request changes none.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small" on host "alpha"
    And host "alpha" is down

  Rule: A specified host is charged like one that the scheduler selects

    @id-d286ab
    Scenario: A specified host is charged in addition to the dead host
      When server "web" is evacuated to host "beta"
      Then server "web" is on host "beta"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
        | server web | beta  |    1 |       512 |       1 |

    @id-91daa1
    Scenario: A forced host is charged in addition to the dead host
      When server "web" is forcibly evacuated to host "beta"
      Then server "web" is on host "beta"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
        | server web | beta  |    1 |       512 |       1 |

    @id-409df5
    Scenario: A forced host stays charged when the dead host returns
      Given server "web" has been forcibly evacuated to host "beta"
      When host "alpha" returns
      Then server "web" is on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |

    @microversion-2.68 @id-f3dd0c
    Scenario: Forcing is rejected by microversions that no longer support it
      When server "web" is forcibly evacuated to host "beta" using microversion 2.68
      Then the response status is 400
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

  Rule: An evacuated server is charged whether it arrives running or stopped

    @microversion-2.95 @id-4de8f0
    Scenario Outline: A server evacuated using microversion <microversion> arrives <status>
      When server "web" is evacuated using microversion <microversion>
      Then server "web" is <status> on host "beta"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
        | server web | beta  |    1 |       512 |       1 |

      Examples: Up to 2.94 Nova starts the server, from 2.95 on the owner does
        | microversion | status  |
        |         2.94 | ACTIVE  |
        |         2.95 | SHUTOFF |

  Rule: Deleting an evacuated server frees both hosts

    @id-c6d48f
    Scenario: Deleting the server frees both hosts at once
      Given server "web" has been evacuated to host "beta"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |

    @id-78bf37
    Scenario: The old host stays free when it returns after the deletion
      Given server "web" has been evacuated to host "beta"
      And server "web" has been deleted
      When host "alpha" returns
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |
