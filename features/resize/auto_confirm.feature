@whole-cloud
Feature: Nova confirms a resize automatically after the confirm window
  Where the operator sets a confirm window, Nova confirms resizes that are older. Until then both hosts are charged;
  afterwards only the new host is.

  Background:
    Given hosts "alpha" and "beta"
    And Nova auto-confirms resizes after a day
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: A resize within the confirm window holds both hosts

    @id-7bf366
    Scenario: Nova does not confirm a resize before the window expires
      Given server "web" has an unconfirmed resize to flavor "large" on host "beta"
      When the host of server "web" polls for unconfirmed resizes
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    2 |      1024 |       2 |

  Rule: After the confirm window only the new host is charged

    @id-aea73a
    Scenario: Confirming a resize automatically frees the source
      Given server "web" has an unconfirmed resize to flavor "large" on host "beta"
      When the confirm window of server "web" expires
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    2 |      1024 |       2 |

    @id-71fb42
    Scenario: Confirming a cold migration automatically frees the source
      Given server "web" has an unconfirmed migration to host "beta"
      When the confirm window of server "web" expires
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
