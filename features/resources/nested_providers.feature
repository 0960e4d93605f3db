@lab
Feature: Nested resources are allocated on the nested provider
  The special resources of a host may belong to a child of its resource provider. Through every move, these are allocated
  on the child and all others on the root provider.

  Background:
    Given a host "alpha" that has nested custom resources
    And a host "beta" that has nested custom resources
    And these flavors
      | flavor        | VCPU | MEMORY_MB | DISK_GB | extra specs                                                             |
      | magic         |    1 |       512 |       1 | resources:CUSTOM_MAGIC=1                                                |
      | more-magic    |    2 |      1024 |       2 | resources:CUSTOM_MAGIC=2                                                |
      | grouped-magic |    1 |       512 |       1 | resources1:CUSTOM_MAGIC=1, resources2:CUSTOM_MAGIC=2, group_policy=none |

  Rule: Custom resources are allocated on the child, all others on the root

    @id-fbe04d
    Scenario: A booted server holds the host and its child provider
      When server "web" is booted with flavor "magic" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | server web | alpha       |    1 |       512 |       1 |            0 |
        | server web | alpha/child |    0 |         0 |       0 |            1 |

    @id-c872e4
    Scenario: Granular request groups add up on the child provider
      When server "web" is booted with flavor "grouped-magic" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | server web | alpha       |    1 |       512 |       1 |            0 |
        | server web | alpha/child |    0 |         0 |       0 |            3 |

    @id-42feb6
    Scenario: Deleting a server frees the host and its child provider
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

  Rule: Moves include the child provider

    @id-061531
    Scenario: An unconfirmed resize holds both provider trees
      Given server "web" runs flavor "magic" on host "alpha"
      When server "web" is resized to flavor "more-magic"
      Then server "web" is VERIFY_RESIZE on another host "beta"
      And the allocations are
        | consumer         | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | migration of web | alpha       |    1 |       512 |       1 |            0 |
        | migration of web | alpha/child |    0 |         0 |       0 |            1 |
        | server web       | beta        |    2 |      1024 |       2 |            0 |
        | server web       | beta/child  |    0 |         0 |       0 |            2 |

    @id-1634b5
    Scenario: Confirming a resize frees the source tree
      Given server "web" runs flavor "magic" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "more-magic" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | server web | beta       |    2 |      1024 |       2 |            0 |
        | server web | beta/child |    0 |         0 |       0 |            2 |

    @id-f6fd0d
    Scenario: Reverting a resize frees the destination tree
      Given server "web" runs flavor "magic" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "more-magic" on host "beta"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | server web | alpha       |    1 |       512 |       1 |            0 |
        | server web | alpha/child |    0 |         0 |       0 |            1 |

    @id-1dad62
    Scenario: Deleting a server with an unconfirmed resize frees both trees
      Given server "web" runs flavor "magic" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "more-magic" on host "beta"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | alpha       |    0 |         0 |       0 |            0 |
        | alpha/child |    0 |         0 |       0 |            0 |
        | beta        |    0 |         0 |       0 |            0 |
        | beta/child  |    0 |         0 |       0 |            0 |

    @id-a05e1f
    Scenario: A cold migration to a specified host holds both trees
      Given server "web" runs flavor "magic" on host "alpha"
      When server "web" is cold migrated to host "beta"
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | migration of web | alpha       |    1 |       512 |       1 |            0 |
        | migration of web | alpha/child |    0 |         0 |       0 |            1 |
        | server web       | beta        |    1 |       512 |       1 |            0 |
        | server web       | beta/child  |    0 |         0 |       0 |            1 |

    @id-411bf1
    Scenario: A live migration frees the source tree
      Given server "web" runs flavor "magic" on host "alpha"
      When server "web" is live migrated
      Then server "web" is ACTIVE on another host "beta"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | server web | beta       |    1 |       512 |       1 |            0 |
        | server web | beta/child |    0 |         0 |       0 |            1 |

    @id-69c9da
    Scenario: Offloading a server frees the host and its child provider
      Given server "web" runs flavor "magic" on host "alpha"
      When server "web" is shelved and offloaded
      Then server "web" is SHELVED_OFFLOADED without a host
      And there are no allocations
      And the usages have changed by
        | host        | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | alpha       |    0 |         0 |       0 |            0 |
        | alpha/child |    0 |         0 |       0 |            0 |
        | beta        |    0 |         0 |       0 |            0 |
        | beta/child  |    0 |         0 |       0 |            0 |

    @microversion-2.91 @id-f54aa6
    Scenario: An unshelved server holds the tree of its new host
      Given server "web" runs flavor "magic" on host "alpha"
      And server "web" has been offloaded
      When server "web" is unshelved to host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | server web | beta       |    1 |       512 |       1 |            0 |
        | server web | beta/child |    0 |         0 |       0 |            1 |

  Rule: The child provider of a dead host stays charged until the host returns

    @disruptive @id-6792bf
    Scenario: An evacuated server holds both trees
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

    @disruptive @id-7b0a9e
    Scenario: The child provider is freed when its host returns
      Given server "web" runs flavor "magic" on host "alpha"
      And host "alpha" is down
      And server "web" has been evacuated to host "beta"
      When host "alpha" returns
      Then server "web" is on host "beta"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_MAGIC |
        | server web | beta       |    1 |       512 |       1 |            0 |
        | server web | beta/child |    0 |         0 |       0 |            1 |
