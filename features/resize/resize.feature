Feature: Resizing a server holds both flavors until it is confirmed or reverted
  An unconfirmed resize can still go either way, so both flavors are held: the server holds the new flavor on its current
  host, and its migration holds the old flavor on the host that it can return to.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: An unconfirmed resize holds both hosts

    @id-7183bb
    Scenario: The migration holds the old flavor and the server the new one
      When server "web" is resized to flavor "large"
      Then server "web" is VERIFY_RESIZE on another host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +2 |     +1024 |      +2 |

  Rule: A confirmed resize holds only the new host

    @id-a793ae
    Scenario: Confirming the resize frees the source
      Given server "web" has an unconfirmed resize to flavor "large" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    2 |      1024 |       2 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +2 |     +1024 |      +2 |
