@whole-cloud
Feature: A server that is shelved but not offloaded keeps its charge
  Where the operator lets shelved servers stay on their host, they go on being paid for until they leave it.

  Background:
    Given host "alpha"
    And shelved servers stay on their host
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: A shelved server is charged like a running one

    Scenario: The host keeps the charge of its shelved server
      When server "web" is shelved
      Then server "web" is SHELVED on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: A shelved server that is unshelved is charged once
      Given server "web" has been shelved
      When server "web" is unshelved
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

  Rule: A shelved server that leaves its host frees it

    Scenario: The host is free once the shelved server is offloaded
      Given server "web" has been shelved
      When server "web" is offloaded
      Then server "web" is SHELVED_OFFLOADED on no host
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: The host is free once the shelved server is deleted
      Given server "web" has been shelved
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
      And nothing changes when the periodic runs
