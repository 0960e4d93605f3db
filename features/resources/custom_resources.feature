@disruptive
Feature: A flavor can request any resource class in Placement
  An operator names custom or standard resource classes in the extra specs of a flavor. They override the sizes of the
  flavor, and are allocated on whichever provider in the tree of the host has them.

  Background:
    Given hosts "alpha" and "beta"
    And host "alpha" has a nested resource provider "red" with this inventory
      | resource class | total | max_unit | step_size |
      | CUSTOM_WAND    |    10 |        6 |         2 |
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs                                                    |
      | plain  |    1 |       512 |       1 |                                                                |
      | magic  |    1 |       512 |       1 | resources:CUSTOM_WAND=4                                        |
      | frugal |    2 |       512 |       3 | resources:CUSTOM_WAND=2, resources:VCPU=0, resources:DISK_GB=0 |
      | greedy |    1 |       512 |       1 | resources:CUSTOM_WAND=8                                        |
      | odd    |    1 |       512 |       1 | resources:CUSTOM_WAND=3                                        |

  Rule: Custom resources are allocated on the nested provider

    @id-5120ee
    Scenario: A server holds the custom resource besides its flavor's sizes
      When server "web" is booted with flavor "magic"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host      | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | server web | alpha     |    1 |       512 |       1 |           0 |
        | server web | alpha/red |    0 |         0 |       0 |           4 |

    @id-31b3de
    Scenario: A resource class set to zero is not allocated
      When server "web" is booted with flavor "frugal" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host      | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | server web | alpha     |    0 |       512 |       0 |           0 |
        | server web | alpha/red |    0 |         0 |       0 |           2 |

    @id-b95675
    Scenario: Deleting the server frees the custom resource
      Given server "web" runs flavor "magic" on host "alpha"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host      | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | alpha     |    0 |         0 |       0 |           0 |
        | alpha/red |    0 |         0 |       0 |           0 |
        | beta      |    0 |         0 |       0 |           0 |

  Rule: An unconfirmed resize keeps the custom resources of the old flavor

    @id-b2d622
    Scenario: The migration holds the custom resource on the nested provider
      Given server "web" runs flavor "magic" on host "alpha"
      When server "web" is resized to flavor "plain"
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host      | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | migration of web | alpha     |    1 |       512 |       1 |           0 |
        | migration of web | alpha/red |    0 |         0 |       0 |           4 |
        | server web       | beta      |    1 |       512 |       1 |           0 |

    @id-ee258d
    Scenario: Confirming the resize frees the custom resource
      Given server "web" runs flavor "magic" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "plain" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | server web | beta |    1 |       512 |       1 |           0 |

    @id-ba2652
    Scenario: Reverting the resize returns the custom resource to the server
      Given server "web" runs flavor "magic" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "plain" on host "beta"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host      | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | server web | alpha     |    1 |       512 |       1 |           0 |
        | server web | alpha/red |    0 |         0 |       0 |           4 |

  Rule: A server is not built without the resources it requests

    @id-e8d2ac
    Scenario Outline: A flavor <that> finds no valid host
      When server "web" is booted with flavor "<flavor>"
      Then server "web" is ERROR with fault "No valid host was found"
      And there are no allocations
      And the usages have changed by
        | host      | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | alpha     |    0 |         0 |       0 |           0 |
        | alpha/red |    0 |         0 |       0 |           0 |
        | beta      |    0 |         0 |       0 |           0 |

      Examples: Limits of the nested provider's inventory
        | that                                                | flavor |
        | that exceeds the max_unit of the provider           | greedy |
        | whose amount violates the step_size of the provider | odd    |

    @id-3f5579
    Scenario: A host without the resource is not a candidate
      When server "web" is booted with flavor "magic" on host "beta"
      Then server "web" is ERROR with fault "No valid host was found"
      And there are no allocations
      And the usages have changed by
        | host      | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | alpha     |    0 |         0 |       0 |           0 |
        | alpha/red |    0 |         0 |       0 |           0 |
        | beta      |    0 |         0 |       0 |           0 |

  Rule: Each request group is allocated on one provider

    Background:
      Given host "alpha" has a nested resource provider "blue" with this inventory
        | resource class | total |
        | CUSTOM_WAND    |    10 |
      And nested resource provider "red" has been given trait CUSTOM_SHORT
      And nested resource provider "blue" has been given trait CUSTOM_LONG
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs                                                                                                                      |
        | long   |    1 |       512 |       1 | resources1:CUSTOM_WAND=2, trait1:CUSTOM_LONG=required                                                                            |
        | both   |    1 |       512 |       1 | resources1:CUSTOM_WAND=2, trait1:CUSTOM_SHORT=required, resources2:CUSTOM_WAND=4, trait2:CUSTOM_LONG=required, group_policy=none |
        | apart  |    1 |       512 |       1 | resources1:CUSTOM_WAND=4, resources2:CUSTOM_WAND=4, group_policy=isolate                                                         |

    @id-26f0f2
    Scenario: A group that requires a trait uses a provider with that trait
      When server "web" is booted with flavor "long"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | server web | alpha      |    1 |       512 |       1 |           0 |
        | server web | alpha/blue |    0 |         0 |       0 |           2 |

    @lab @id-42522c
    Scenario: Each group uses the provider with its required trait
      When server "web" is booted with flavor "both"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | server web | alpha      |    1 |       512 |       1 |           0 |
        | server web | alpha/red  |    0 |         0 |       0 |           2 |
        | server web | alpha/blue |    0 |         0 |       0 |           4 |

    @lab @id-83f0a6
    Scenario: Isolated groups use different providers
      When server "web" is booted with flavor "apart"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | server web | alpha      |    1 |       512 |       1 |           0 |
        | server web | alpha/red  |    0 |         0 |       0 |           4 |
        | server web | alpha/blue |    0 |         0 |       0 |           4 |

  Rule: Dedicated CPUs are a different resource class

    @lab @id-c25079
    Scenario Outline: A server whose flavor <asks> holds PCPU instead of VCPU
      Given a host "pinned" that has dedicated CPUs
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs   |
        | own    |    2 |       512 |       1 | <extra specs> |
      When server "web" is booted with flavor "own" on host "pinned"
      Then server "web" is ACTIVE on host "pinned"
      And the allocations are
        | consumer   | host   | VCPU   | MEMORY_MB | DISK_GB | PCPU   |
        | server web | pinned | <VCPU> |       512 |       1 | <PCPU> |

      Examples: Ways to request dedicated CPUs
        | asks                     | extra specs             | VCPU | PCPU |
        | names a CPU policy       | hw:cpu_policy=dedicated |    0 |    2 |
        | names the resource class | resources:PCPU=2        |    0 |    2 |

  Rule: Nova manages the inventory of a host's root provider

    @id-20f3ca
    Scenario: The periodic task removes a class added to the root provider
      Given the root provider of host "beta" has 10 CUSTOM_WAND
      When the periodic task runs on host "beta"
      Then the root provider of host "beta" has no CUSTOM_WAND
