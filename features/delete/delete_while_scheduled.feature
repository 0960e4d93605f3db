@lab @whole-cloud
Feature: A server deleted while it is being scheduled leaves no allocations
  The scheduler charges a host before Nova looks again whether the server still exists. What was charged for a server
  that was deleted meanwhile must be released.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |

  Rule: A server that is deleted before it has a host is never charged

    @id-5dde26
    Scenario: Deleting a server that waits for the scheduler
      Given the scheduler is held
      And server "web" waits for the scheduler with flavor "small"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |

    @id-bf1468
    Scenario: The scheduler selects a host for a server that was deleted meanwhile
      Given the scheduler is held
      And server "web" waits for the scheduler with flavor "small"
      And server "web" has been deleted
      When the scheduler continues
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |

  Rule: Other servers that wait for the scheduler are charged as usual

    @id-39d5a4
    Scenario: Only the server that was not deleted is charged
      Given the scheduler is held
      And server "web" waits for the scheduler with flavor "small"
      And server "db" waits for the scheduler with flavor "large" for host "beta"
      And server "web" has been deleted
      When the scheduler continues
      Then server "db" is ACTIVE on host "beta"
      And the allocations are
        | consumer  | host | VCPU | MEMORY_MB | DISK_GB |
        | server db | beta |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +2 |     +1024 |      +2 |
