@disruptive @lab
Feature: Retiring a host takes its provider and its charges out of the accounts
  A compute service that still answers for a server cannot be deleted; one that answers for none leaves nothing behind.

  Background:
    Given a host "old" that works like any other
    And host "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |

  Rule: A host that still answers for a server cannot be retired

    Scenario: The service of a host that runs a server is kept
      Given server "web" runs flavor "small" on host "old"
      When the compute service of host "old" is deleted
      Then the answer is 409
      And host "old" has a resource provider
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | old  |    1 |       512 |       1 |
      And the usages have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | old  |   +1 |      +512 |      +1 |
        | beta |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: The service of a host with an undecided migration is kept
      Given server "web" runs flavor "small" on host "old"
      And server "web" awaits a decision on its migration to host "beta"
      When the compute service of host "old" is deleted
      Then the answer is 409
      And host "old" has a resource provider
      And the allocations are
        | consumer         | host | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | old  |    1 |       512 |       1 |
        | server web       | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | old  |   +1 |      +512 |      +1 |
        | beta |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

  Rule: A retired host leaves nothing behind

    Scenario: The provider of an empty host goes with its service
      Given host "old" is down
      When the compute service of host "old" is deleted
      Then the answer is 204
      And host "old" has no resource provider
      And there are no allocations
      And the usages have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | beta |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    @known-evacuated-share-of-deleted-service
    Scenario: The share of an evacuated server goes with its dead host
      Given server "web" runs flavor "small" on host "old"
      And host "old" is down
      And server "web" has been evacuated to host "beta"
      When the compute service of host "old" is deleted
      Then the answer is 204
      And host "old" has no resource provider
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | beta |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs
