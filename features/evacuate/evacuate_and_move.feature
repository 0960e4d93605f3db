@disruptive
Feature: An evacuated server that moves on takes its dead host along
  Nova moves all that a server holds to the migration, so the migration holds the dead host as well, for as long as the
  move is unconfirmed. When the dead host returns, nobody holds it any more.

  Background:
    Given hosts "alpha", "beta" and "gamma"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
    And server "web" runs flavor "small" on host "alpha"
    And host "alpha" is down
    And server "web" has been forcibly evacuated to host "beta"

  Rule: The dead host is held with the source of the move

    @id-312dfe
    Scenario: An unconfirmed resize holds all three hosts
      When server "web" is resized to flavor "large"
      Then server "web" is VERIFY_RESIZE on another host "gamma"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | migration of web | beta  |    1 |       512 |       1 |
        | server web       | gamma |    2 |      1024 |       2 |

    @id-089ea3
    Scenario: A reverted resize gives both hosts back to the server
      Given server "web" has an unconfirmed resize to flavor "large" on host "gamma"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
        | server web | beta  |    1 |       512 |       1 |

    @id-1fdce9
    Scenario: A confirmed resize frees both hosts
      Given server "web" has an unconfirmed resize to flavor "large" on host "gamma"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "gamma"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | gamma |    2 |      1024 |       2 |

    @id-5832ce
    Scenario: A live migration frees both hosts
      When server "web" is live migrated to host "gamma"
      Then server "web" is ACTIVE on host "gamma"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | gamma |    1 |       512 |       1 |

    @id-d9febd
    Scenario: Offloading frees both hosts
      When server "web" is shelved and offloaded
      Then server "web" is SHELVED_OFFLOADED without a host
      And there are no allocations

  Rule: A host that is back holds nothing of a server that it has lost

    @known-moved-evacuee-keeps-dead-host @id-1fa65d
    Scenario: The dead host returns during an unconfirmed migration
      Given server "web" has an unconfirmed migration to host "gamma"
      When host "alpha" returns
      Then server "web" is VERIFY_RESIZE on host "gamma"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | beta  |    1 |       512 |       1 |
        | server web       | gamma |    1 |       512 |       1 |

    @id-08d61a
    Scenario: The dead host returns after a reverted migration
      Given server "web" has an unconfirmed migration to host "gamma"
      And the migration of server "web" has been reverted
      When host "alpha" returns
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
