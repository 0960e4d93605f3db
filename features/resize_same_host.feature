@whole-cloud
Feature: Resizing a server on its own host charges that host for both flavors
  Where the operator lets a resize stay on its host, the undecided resize is still paid for twice, by one host.

  Background:
    Given host "alpha"
    And resizes may stay on the same host
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: One host holds the old and the new flavor while the resize is undecided

    Scenario: The server holds the new flavor and its migration the old one
      When server "web" is resized to flavor "large"
      Then server "web" is VERIFY_RESIZE on host "alpha"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | alpha |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +3 |     +1536 |      +3 |
      And nothing changes when the periodic runs

  Rule: A decision leaves one flavor

    Scenario: Only the new flavor remains once the resize is confirmed
      Given server "web" awaits a decision on flavor "large" on host "alpha"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +2 |     +1024 |      +2 |
      And nothing changes when the periodic runs

    Scenario: Only the old flavor remains once the resize is reverted
      Given server "web" awaits a decision on flavor "large" on host "alpha"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: Nothing remains once the server is deleted undecided
      Given server "web" awaits a decision on flavor "large" on host "alpha"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
      And nothing changes when the periodic runs
