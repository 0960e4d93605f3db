Feature: Requests that overlap are accounted for one by one
  A request that is made while another one is under way, or that is sent again, leaves each consumer with what it would
  hold otherwise.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: Servers that move at the same time each hold both of their hosts

    @id-471717
    Scenario: Two servers are resized to each other's hosts
      Given server "db" runs flavor "small" on host "beta"
      And the resize of server "web" to flavor "large" has been requested
      When server "db" is resized to flavor "large"
      Then server "web" is VERIFY_RESIZE on host "beta"
      And server "db" is VERIFY_RESIZE on host "alpha"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | migration of db  | beta  |    1 |       512 |       1 |
        | server web       | beta  |    2 |      1024 |       2 |
        | server db        | alpha |    2 |      1024 |       2 |

    @id-5b5973
    Scenario: A migration is confirmed that began during another server's
      Given server "db" runs flavor "large" on host "alpha"
      And the cold migration of server "web" has been requested
      And server "db" has been live migrated to host "beta"
      And server "web" has become VERIFY_RESIZE
      When the migration of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
        | server db  | beta |    2 |      1024 |       2 |

    @disruptive @id-253a54
    Scenario: A server is deleted while another one is evacuated from its host
      Given server "db" runs flavor "large" on host "alpha"
      And host "alpha" is down
      And the evacuation of server "web" has been requested
      When server "db" is deleted
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
        | server web | beta  |    1 |       512 |       1 |

  Rule: A request that is sent again changes nothing

    @id-099531
    Scenario: A resize is requested twice
      Given the resize of server "web" to flavor "large" has been requested
      When the last request is sent again
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    2 |      1024 |       2 |

    @id-270723
    Scenario: A server migrates back after two requests to confirm
      Given server "web" has an unconfirmed migration to host "beta"
      And the migration of server "web" has been confirmed
      And the last request has been sent again
      When server "web" is cold migrated
      Then server "web" is VERIFY_RESIZE on another host "alpha"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | beta  |    1 |       512 |       1 |
        | server web       | alpha |    1 |       512 |       1 |

    @id-1f6a16
    Scenario: A deletion is requested twice
      Given the deletion of server "web" has been requested
      When the last request is sent again
      Then server "web" is gone
      And there are no allocations

    @disruptive @known-repeated-evacuation-frees-new-host @id-778a65
    Scenario: An evacuation is requested twice
      Given host "alpha" is down
      And the evacuation of server "web" has been requested
      When the last request is sent again
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
        | server web | beta  |    1 |       512 |       1 |
