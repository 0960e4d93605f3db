@lab
Feature: What a flavor takes from a nested provider is charged there
  A host's special resources may belong to a child of its resource provider; the child carries its part and the host
  the rest, through every move.

  Background:
    Given a host "alpha" that has nested custom resources
    And a host "beta" that has nested custom resources
    And these flavors
      | flavor        | VCPU | MEMORY_MB | DISK_GB | extra specs                                                             |
      | magic         |    1 |       512 |       1 | resources:CUSTOM_MAGIC=1                                                |
      | more-magic    |    2 |      1024 |       2 | resources:CUSTOM_MAGIC=2                                                |
      | grouped-magic |    1 |       512 |       1 | resources1:CUSTOM_MAGIC=1, resources2:CUSTOM_MAGIC=2, group_policy=none |

  Rule: The child carries its part and the host the rest

    Scenario: A booted server is charged to the host and to its child
      When server "web" is booted from flavor "magic" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | server web | alpha       |    1 |       512 |       1 |            0 |
        | server web | alpha/child |    0 |         0 |       0 |            1 |
      And the usages have changed by
        | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | alpha       |   +1 |      +512 |      +1 |            0 |
        | alpha/child |    0 |         0 |       0 |           +1 |
        | beta        |    0 |         0 |       0 |            0 |
        | beta/child  |    0 |         0 |       0 |            0 |
      And nothing changes when the periodic runs

    Scenario: Granular groups of one flavor add up on the child
      When server "web" is booted from flavor "grouped-magic" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | server web | alpha       |    1 |       512 |       1 |            0 |
        | server web | alpha/child |    0 |         0 |       0 |            3 |
      And the usages have changed by
        | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | alpha       |   +1 |      +512 |      +1 |            0 |
        | alpha/child |    0 |         0 |       0 |           +3 |
        | beta        |    0 |         0 |       0 |            0 |
        | beta/child  |    0 |         0 |       0 |            0 |
      And nothing changes when the periodic runs

    Scenario: A deleted server leaves the host and its child
      Given server "web" runs flavor "magic" on host "alpha"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | alpha       |    0 |         0 |       0 |            0 |
        | alpha/child |    0 |         0 |       0 |            0 |
        | beta        |    0 |         0 |       0 |            0 |
        | beta/child  |    0 |         0 |       0 |            0 |
      And nothing changes when the periodic runs

  Rule: A move takes both parts along

    Scenario: An undecided resize is charged to both trees
      Given server "web" runs flavor "magic" on host "alpha"
      When server "web" is resized to flavor "more-magic"
      Then server "web" is VERIFY_RESIZE on another host "beta"
      And the allocations are
        | consumer         | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | migration of web | alpha       |    1 |       512 |       1 |            0 |
        | migration of web | alpha/child |    0 |         0 |       0 |            1 |
        | server web       | beta        |    2 |      1024 |       2 |            0 |
        | server web       | beta/child  |    0 |         0 |       0 |            2 |
      And the usages have changed by
        | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | alpha       |   +1 |      +512 |      +1 |            0 |
        | alpha/child |    0 |         0 |       0 |           +1 |
        | beta        |   +2 |     +1024 |      +2 |            0 |
        | beta/child  |    0 |         0 |       0 |           +2 |
      And nothing changes when the periodic runs

    Scenario: A confirmed resize frees the source and its child
      Given server "web" runs flavor "magic" on host "alpha"
      And server "web" awaits a decision on flavor "more-magic" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | server web | beta       |    2 |      1024 |       2 |            0 |
        | server web | beta/child |    0 |         0 |       0 |            2 |
      And the usages have changed by
        | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | alpha       |    0 |         0 |       0 |            0 |
        | alpha/child |    0 |         0 |       0 |            0 |
        | beta        |   +2 |     +1024 |      +2 |            0 |
        | beta/child  |    0 |         0 |       0 |           +2 |
      And nothing changes when the periodic runs

    Scenario: A reverted resize frees the destination and its child
      Given server "web" runs flavor "magic" on host "alpha"
      And server "web" awaits a decision on flavor "more-magic" on host "beta"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | server web | alpha       |    1 |       512 |       1 |            0 |
        | server web | alpha/child |    0 |         0 |       0 |            1 |
      And the usages have changed by
        | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | alpha       |   +1 |      +512 |      +1 |            0 |
        | alpha/child |    0 |         0 |       0 |           +1 |
        | beta        |    0 |         0 |       0 |            0 |
        | beta/child  |    0 |         0 |       0 |            0 |
      And nothing changes when the periodic runs

    Scenario: A server that is deleted undecided leaves both trees
      Given server "web" runs flavor "magic" on host "alpha"
      And server "web" awaits a decision on flavor "more-magic" on host "beta"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | alpha       |    0 |         0 |       0 |            0 |
        | alpha/child |    0 |         0 |       0 |            0 |
        | beta        |    0 |         0 |       0 |            0 |
        | beta/child  |    0 |         0 |       0 |            0 |
      And nothing changes when the periodic runs

    Scenario: A cold migration to a named host is charged to both trees
      Given server "web" runs flavor "magic" on host "alpha"
      When server "web" is cold migrated to host "beta"
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | migration of web | alpha       |    1 |       512 |       1 |            0 |
        | migration of web | alpha/child |    0 |         0 |       0 |            1 |
        | server web       | beta        |    1 |       512 |       1 |            0 |
        | server web       | beta/child  |    0 |         0 |       0 |            1 |
      And the usages have changed by
        | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | alpha       |   +1 |      +512 |      +1 |            0 |
        | alpha/child |    0 |         0 |       0 |           +1 |
        | beta        |   +1 |      +512 |      +1 |            0 |
        | beta/child  |    0 |         0 |       0 |           +1 |
      And nothing changes when the periodic runs

    Scenario: A live migration frees the source and its child
      Given server "web" runs flavor "magic" on host "alpha"
      When server "web" is live migrated
      Then server "web" is ACTIVE on another host "beta"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | server web | beta       |    1 |       512 |       1 |            0 |
        | server web | beta/child |    0 |         0 |       0 |            1 |
      And the usages have changed by
        | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | alpha       |    0 |         0 |       0 |            0 |
        | alpha/child |    0 |         0 |       0 |            0 |
        | beta        |   +1 |      +512 |      +1 |            0 |
        | beta/child  |    0 |         0 |       0 |           +1 |
      And nothing changes when the periodic runs

    Scenario: An offloaded server leaves the host and its child
      Given server "web" runs flavor "magic" on host "alpha"
      When server "web" is shelved and offloaded
      Then server "web" is SHELVED_OFFLOADED on no host
      And there are no allocations
      And the usages have changed by
        | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | alpha       |    0 |         0 |       0 |            0 |
        | alpha/child |    0 |         0 |       0 |            0 |
        | beta        |    0 |         0 |       0 |            0 |
        | beta/child  |    0 |         0 |       0 |            0 |
      And nothing changes when the periodic runs

    @microversion-2.91
    Scenario: An unshelved server is charged to the tree it comes back to
      Given server "web" runs flavor "magic" on host "alpha"
      And server "web" has been offloaded
      When server "web" is unshelved on host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | server web | beta       |    1 |       512 |       1 |            0 |
        | server web | beta/child |    0 |         0 |       0 |            1 |
      And the usages have changed by
        | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | alpha       |    0 |         0 |       0 |            0 |
        | alpha/child |    0 |         0 |       0 |            0 |
        | beta        |   +1 |      +512 |      +1 |            0 |
        | beta/child  |    0 |         0 |       0 |           +1 |
      And nothing changes when the periodic runs

  Rule: A dead host's child keeps its part until the host is back

    @disruptive
    Scenario: An evacuated server is charged to both trees
      Given server "web" runs flavor "magic" on host "alpha"
      And host "alpha" is down
      When server "web" is evacuated
      Then server "web" is on host "beta"
      And the allocations are
        | consumer   | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | server web | alpha       |    1 |       512 |       1 |            0 |
        | server web | alpha/child |    0 |         0 |       0 |            1 |
        | server web | beta        |    1 |       512 |       1 |            0 |
        | server web | beta/child  |    0 |         0 |       0 |            1 |
      And the usages have changed by
        | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | alpha       |   +1 |      +512 |      +1 |            0 |
        | alpha/child |    0 |         0 |       0 |           +1 |
        | beta        |   +1 |      +512 |      +1 |            0 |
        | beta/child  |    0 |         0 |       0 |           +1 |
      And nothing changes when the periodic runs

    @disruptive
    Scenario: The child owes nothing once its host is back
      Given server "web" runs flavor "magic" on host "alpha"
      And host "alpha" is down
      And server "web" has been evacuated to host "beta"
      When host "alpha" returns
      Then server "web" is on host "beta"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | server web | beta       |    1 |       512 |       1 |            0 |
        | server web | beta/child |    0 |         0 |       0 |            1 |
      And the usages have changed by
        | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | alpha       |    0 |         0 |       0 |            0 |
        | alpha/child |    0 |         0 |       0 |            0 |
        | beta        |   +1 |      +512 |      +1 |            0 |
        | beta/child  |    0 |         0 |       0 |           +1 |
      And nothing changes when the periodic runs
