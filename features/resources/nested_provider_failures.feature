@lab
Feature: A failed operation frees the nested provider as well
  Whatever a host frees after a failure, its child provider frees at the same time.

  Background:
    Given these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs              |
      | magic  |    1 |       512 |       1 | resources:CUSTOM_MAGIC=1 |

  Rule: A failed build leaves no allocations in the tree that failed

    @id-6e0746
    Scenario: A host that aborts a build is freed with its child provider
      Given a host "picky" that has nested custom resources and aborts builds
      When server "web" is booted with flavor "magic" on host "picky"
      Then server "web" is ERROR with fault "Build of instance"
      And there are no allocations
      And the usages have changed by
        | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | picky       |    0 |         0 |       0 |            0 |
        | picky/child |    0 |         0 |       0 |            0 |

    @id-be4557
    Scenario: Only the tree that ends up running the server is charged
      Given a host "flaky" that has nested custom resources and fails to start servers
      And a host "beta" that has nested custom resources
      When server "web" is booted with flavor "magic"
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

  Rule: A live migration holds both trees until it ends

    @id-697f38
    Scenario: Both trees are charged during the migration
      Given a host "slow" that has nested custom resources and live migrates slowly
      And a host "beta" that has nested custom resources
      And server "web" runs flavor "magic" on host "slow"
      When server "web" starts live migrating to host "beta"
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

    @id-926660
    Scenario: Aborting the migration frees the destination tree
      Given a host "slow" that has nested custom resources and live migrates slowly
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

    @id-4acc61
    Scenario: Forcing the migration to complete frees the source tree
      Given a host "slow" that has nested custom resources and live migrates slowly
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

  Rule: A server that fails to unshelve holds nothing in the tree

    @id-dee251
    Scenario: The host that fails to start an unshelved server is freed
      Given a host "weak" that has nested custom resources and fails to start unshelved servers
      And server "web" runs flavor "magic" on host "weak"
      And server "web" has been offloaded
      When server "web" is unshelved
      Then server "web" is SHELVED_OFFLOADED without a host
      And there are no allocations
      And the usages have changed by
        | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | weak       |    0 |         0 |       0 |            0 |
        | weak/child |    0 |         0 |       0 |            0 |
