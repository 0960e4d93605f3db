@whole-cloud
Feature: A soft-deleted server keeps its allocations until it is reclaimed
  Where soft delete is enabled, owners can restore their deleted servers, so the servers keep their allocations.

  Background:
    Given host "alpha"
    And soft delete is enabled
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: A server that can be restored is charged

    @id-50e16c
    Scenario: A soft-deleted server keeps its allocations
      When server "web" is soft-deleted
      Then server "web" is SOFT_DELETED on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @id-e46c94
    Scenario: A restored server is charged once
      Given server "web" has been soft-deleted
      When server "web" is restored
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @id-b1afb6
    Scenario: Soft-deleting a server with an unconfirmed migration frees the source
      Given host "beta"
      And server "web" has an unconfirmed migration to host "beta"
      When server "web" is soft-deleted
      Then server "web" is SOFT_DELETED on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |

    @id-ddff86
    Scenario: A restored server is cold migrated like any other
      Given host "beta"
      And server "web" has been soft-deleted
      And server "web" has been restored
      When server "web" is cold migrated
      Then server "web" is VERIFY_RESIZE on another host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    1 |       512 |       1 |

    @id-51d884
    Scenario: A stopped server is live migrated once it has been restored
      Given host "beta"
      And server "web" is stopped
      And server "web" has been soft-deleted
      And server "web" has been restored
      When server "web" is live migrated
      Then server "web" is ACTIVE on another host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |

  Rule: A server that cannot be restored holds no allocations

    @id-74654f
    Scenario: Force-deleting the server frees the host
      Given server "web" has been soft-deleted
      When server "web" is force-deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |

    @id-9b754f
    Scenario: A server takes the room of one that was force-deleted
      Given server "web" has been force-deleted
      When server "db" is booted with flavor "small" on host "alpha"
      Then server "db" is ACTIVE on host "alpha"
      And the allocations are
        | consumer  | host  | VCPU | MEMORY_MB | DISK_GB |
        | server db | alpha |    1 |       512 |       1 |

    @id-60c6c3
    Scenario: Reclaiming the server frees the host
      Given server "web" has been soft-deleted
      When the reclaim interval of server "web" expires
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
