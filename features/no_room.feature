Feature: A move that finds no host leaves the accounts as they were
  A server whose move was refused has not moved: it holds what it held, under its own name, and its migration nothing.

  Background:
    Given host "alpha"
    And these flavors
      | flavor | VCPU | MEMORY_MB  | DISK_GB |
      | small  |    1 |        512 |       1 |
      | huge   |    1 | 1000000000 |       1 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: The server itself holds its old flavor again

    Scenario: A resize to a flavor that fits nowhere
      When server "web" is resized to flavor "huge"
      Then server "web" is ACTIVE on host "alpha"
      And action resize of server "web" has failed
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: A cold migration with no other host
      When server "web" is cold migrated
      Then server "web" is ACTIVE on host "alpha"
      And action migrate of server "web" has failed
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: A live migration with no other host
      When server "web" is live migrated
      Then server "web" is ACTIVE on host "alpha"
      And the last migration of server "web" is error
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

  Rule: A refused move leaves nothing for the delete to miss

    Scenario: A server deleted after a refused resize leaves nothing
      Given server "web" found no room for flavor "huge"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
      And nothing changes when the periodic runs
