@disruptive @lab
Feature: Deleting a compute service removes its provider and allocations
  The compute service of a host that is still responsible for a server cannot be deleted. Otherwise its resource provider
  is deleted with it.

  Background:
    Given a host "old" that behaves normally
    And host "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |

  Rule: A host that is still responsible for a server cannot be retired

    @id-b94ea5
    Scenario: The compute service of a host with a server is kept
      Given server "web" runs flavor "small" on host "old"
      When the compute service on host "old" is deleted
      Then the response status is 409
      And host "old" has a resource provider
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | old  |    1 |       512 |       1 |

    @id-85f30f
    Scenario: The compute service of a host with an unconfirmed migration is kept
      Given server "web" runs flavor "small" on host "old"
      And server "web" has an unconfirmed migration to host "beta"
      When the compute service on host "old" is deleted
      Then the response status is 409
      And host "old" has a resource provider
      And the allocations are
        | consumer         | host | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | old  |    1 |       512 |       1 |
        | server web       | beta |    1 |       512 |       1 |

  Rule: A retired host leaves nothing in Placement

    @id-e7e4db
    Scenario: The provider of an empty host is deleted with its compute service
      Given host "old" is down
      When the compute service on host "old" is deleted
      Then the response status is 204
      And host "old" has no resource provider
      And there are no allocations
      And the usages have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | beta |    0 |         0 |       0 |

    @known-evacuated-share-of-deleted-service @id-05448c
    Scenario: The allocations of an evacuated server on its dead host are deleted
      Given server "web" runs flavor "small" on host "old"
      And host "old" is down
      And server "web" has been evacuated to host "beta"
      When the compute service on host "old" is deleted
      Then the response status is 204
      And host "old" has no resource provider
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
