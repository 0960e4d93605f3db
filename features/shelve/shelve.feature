Feature: Shelving a server frees its host once it is offloaded
  An offloaded server exists only as an image: it holds no allocations until it is unshelved.

  Background:
    Given host "alpha"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: An offloaded server holds no allocations

    @id-fdaa27
    Scenario: Offloading a server frees its host
      When server "web" is shelved and offloaded
      Then server "web" is SHELVED_OFFLOADED without a host
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |

    @id-60688c
    Scenario: Deleting an offloaded server leaves no allocations
      Given server "web" has been offloaded
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |

  Rule: An unshelved server is charged where it runs

    @id-ab9631
    Scenario: A server unshelved to its old host is charged there
      Given server "web" has been offloaded
      When server "web" is unshelved
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @microversion-2.91 @id-9e8c89
    Scenario: A server unshelved to a specified host is charged there
      Given host "beta"
      And server "web" has been offloaded
      When server "web" is unshelved to host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |

    @disruptive @id-c7f6f0
    Scenario: A server whose host is down is unshelved to another host
      Given host "beta"
      And server "web" has been offloaded
      And host "alpha" is down
      When server "web" is unshelved
      Then server "web" is ACTIVE on another host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |

    @lab @microversion-2.91 @known-server-being-unshelved-is-forgotten @id-4d0866
    Scenario: The periodic task runs while the server is being unshelved
      Given a host "slow" that builds servers slowly
      And the hypervisor figures are up to date
      And server "db" runs flavor "small" on host "alpha"
      And server "db" has been offloaded
      And server "db" is being unshelved to host "slow"
      When the periodic task runs on host "slow"
      Then server "db" is SHELVED_OFFLOADED with task spawning
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
        | server db  | slow  |    1 |       512 |       1 |
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | slow  |   +1 |      +512 |      +1 |

  Rule: A server that fails to unshelve holds no allocations

    @disruptive @id-44c0d4
    Scenario: No valid host is found for the unshelved server
      Given server "web" has been offloaded
      And host "alpha" is down
      When server "web" is unshelved
      Then server "web" is SHELVED_OFFLOADED without a host
      And the unshelve action of server "web" failed
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |

    @lab @microversion-2.91 @id-715db2
    Scenario: The host fails to start the unshelved server
      Given a host "weak" that fails to start unshelved servers
      And server "db" runs flavor "small" on host "weak"
      And server "db" has been offloaded
      When server "db" is unshelved to host "weak"
      Then server "db" is SHELVED_OFFLOADED without a host
      And the unshelve action of server "db" failed
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
