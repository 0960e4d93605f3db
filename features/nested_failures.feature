@lab
Feature: An operation that fails frees the nested provider as well
  Whatever a host gives back, its child gives back its part of it at the same time.

  Background:
    Given these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs              |
      | magic  |    1 |       512 |       1 | resources:CUSTOM_MAGIC=1 |

  Rule: A build that fails is charged to no tree that it left

    Scenario: A host that aborts a build is free, and so is its child
      Given a host "picky" that has nested custom resources and aborts builds
      When server "web" is booted from flavor "magic" on host "picky"
      Then server "web" is ERROR because "Build of instance"
      And there are no allocations
      And the usages have changed by
        | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | picky       |    0 |         0 |       0 |            0 |
        | picky/child |    0 |         0 |       0 |            0 |
      And nothing changes when the periodic runs

    Scenario: Only the tree that runs the server in the end is charged
      Given a host "flaky" that has nested custom resources and fails to start servers
      And a host "beta" that has nested custom resources
      When server "web" is booted from flavor "magic"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | server web | beta       |    1 |       512 |       1 |            0 |
        | server web | beta/child |    0 |         0 |       0 |            1 |
      And the usages have changed by
        | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | flaky       |    0 |         0 |       0 |            0 |
        | flaky/child |    0 |         0 |       0 |            0 |
        | beta        |   +1 |      +512 |      +1 |            0 |
        | beta/child  |    0 |         0 |       0 |           +1 |
      And nothing changes when the periodic runs

  Rule: A live migration is charged to the trees it is between

    Scenario: Both trees are charged while the guest moves
      Given a host "slow" that has nested custom resources and takes its time to live migrate
      And a host "beta" that has nested custom resources
      And server "web" runs flavor "magic" on host "slow"
      When server "web" begins to live migrate to host "beta"
      Then server "web" is MIGRATING on host "slow"
      And the allocations are
        | consumer         | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | migration of web | slow       |    1 |       512 |       1 |            0 |
        | migration of web | slow/child |    0 |         0 |       0 |            1 |
        | server web       | beta       |    1 |       512 |       1 |            0 |
        | server web       | beta/child |    0 |         0 |       0 |            1 |
      And the usages have changed by
        | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | slow       |   +1 |      +512 |      +1 |            0 |
        | slow/child |    0 |         0 |       0 |           +1 |
        | beta       |   +1 |      +512 |      +1 |            0 |
        | beta/child |    0 |         0 |       0 |           +1 |
      And nothing changes when the periodic runs

    Scenario: An aborted migration frees the destination's tree
      Given a host "slow" that has nested custom resources and takes its time to live migrate
      And a host "beta" that has nested custom resources
      And server "web" runs flavor "magic" on host "slow"
      And server "web" is live migrating to host "beta"
      When the live migration of server "web" is aborted
      Then server "web" is ACTIVE on host "slow"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | server web | slow       |    1 |       512 |       1 |            0 |
        | server web | slow/child |    0 |         0 |       0 |            1 |
      And the usages have changed by
        | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | slow       |   +1 |      +512 |      +1 |            0 |
        | slow/child |    0 |         0 |       0 |           +1 |
        | beta       |    0 |         0 |       0 |            0 |
        | beta/child |    0 |         0 |       0 |            0 |
      And nothing changes when the periodic runs

    Scenario: A migration that is forced to complete frees the source's tree
      Given a host "slow" that has nested custom resources and takes its time to live migrate
      And a host "beta" that has nested custom resources
      And server "web" runs flavor "magic" on host "slow"
      And server "web" is live migrating to host "beta"
      When the live migration of server "web" is forced to complete
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | server web | beta       |    1 |       512 |       1 |            0 |
        | server web | beta/child |    0 |         0 |       0 |            1 |
      And the usages have changed by
        | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | slow       |    0 |         0 |       0 |            0 |
        | slow/child |    0 |         0 |       0 |            0 |
        | beta       |   +1 |      +512 |      +1 |            0 |
        | beta/child |    0 |         0 |       0 |           +1 |
      And nothing changes when the periodic runs

  Rule: A server that fails to come back holds nothing of the tree

    Scenario: The host that fails to start an unshelved server is free
      Given a host "weak" that has nested custom resources and fails to start unshelved servers
      And server "web" runs flavor "magic" on host "weak"
      And server "web" has been offloaded
      When server "web" is unshelved
      Then server "web" is SHELVED_OFFLOADED on no host
      And there are no allocations
      And the usages have changed by
        | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | weak       |    0 |         0 |       0 |            0 |
        | weak/child |    0 |         0 |       0 |            0 |
      And nothing changes when the periodic runs
