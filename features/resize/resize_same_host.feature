@whole-cloud
Feature: Resizing a server on its own host holds both flavors on that host
  Where Nova is allowed to resize to the same host, an unconfirmed resize still holds both flavors, on one host.

  Background:
    Given host "alpha"
    And resizing to the same host is allowed
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: An unconfirmed resize holds both flavors on one host

    @id-cc2d99
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

  Rule: Confirming or reverting leaves one flavor

    @id-f6e1d6
    Scenario: Confirming the resize leaves only the new flavor
      Given server "web" has an unconfirmed resize to flavor "large" on host "alpha"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +2 |     +1024 |      +2 |

    @id-4aa18c
    Scenario: Reverting the resize leaves only the old flavor
      Given server "web" has an unconfirmed resize to flavor "large" on host "alpha"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |

    @id-1490c6
    Scenario: Deleting the server with an unconfirmed resize leaves no allocations
      Given server "web" has an unconfirmed resize to flavor "large" on host "alpha"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
