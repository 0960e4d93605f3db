Feature: A flavor may ask for anything that Placement can count
  An operator names a resource class of their own, or a standard one, in the flavor. The amounts replace what the
  flavor's sizes say, and come from whichever provider of the host's tree has them.

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

  Rule: What a nested provider has is charged there, and the rest on the host

    Scenario: A server holds the custom resource beside its flavor's sizes
      When server "web" is booted from flavor "magic"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host      | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | server web | alpha     |    1 |       512 |       1 |           0 |
        | server web | alpha/red |    0 |         0 |       0 |           4 |
      And the usages have changed by
        | host      | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | alpha     |   +1 |      +512 |      +1 |           0 |
        | alpha/red |    0 |         0 |       0 |          +4 |
        | beta      |    0 |         0 |       0 |           0 |
      And nothing changes when the periodic runs

    Scenario: A class that a flavor sets to zero is not charged at all
      When server "web" is booted from flavor "frugal" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host      | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | server web | alpha     |    0 |       512 |       0 |           0 |
        | server web | alpha/red |    0 |         0 |       0 |           2 |
      And the usages have changed by
        | host      | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | alpha     |    0 |      +512 |       0 |           0 |
        | alpha/red |    0 |         0 |       0 |          +2 |
        | beta      |    0 |         0 |       0 |           0 |
      And nothing changes when the periodic runs

    Scenario: A deleted server returns the custom resource too
      Given server "web" runs flavor "magic" on host "alpha"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host      | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | alpha     |    0 |         0 |       0 |           0 |
        | alpha/red |    0 |         0 |       0 |           0 |
        | beta      |    0 |         0 |       0 |           0 |
      And nothing changes when the periodic runs

  Rule: What a server held before an undecided resize stays held, wherever it is

    Scenario: The migration holds the custom resource on the nested provider
      Given server "web" runs flavor "magic" on host "alpha"
      When server "web" is resized to flavor "plain"
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host      | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | migration of web | alpha     |    1 |       512 |       1 |           0 |
        | migration of web | alpha/red |    0 |         0 |       0 |           4 |
        | server web       | beta      |    1 |       512 |       1 |           0 |
      And the usages have changed by
        | host      | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | alpha     |   +1 |      +512 |      +1 |           0 |
        | alpha/red |    0 |         0 |       0 |          +4 |
        | beta      |   +1 |      +512 |      +1 |           0 |
      And nothing changes when the periodic runs

    Scenario: A confirmed resize returns the custom resource
      Given server "web" runs flavor "magic" on host "alpha"
      And server "web" awaits a decision on flavor "plain" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | server web | beta |    1 |       512 |       1 |           0 |
      And the usages have changed by
        | host      | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | alpha     |    0 |         0 |       0 |           0 |
        | alpha/red |    0 |         0 |       0 |           0 |
        | beta      |   +1 |      +512 |      +1 |           0 |
      And nothing changes when the periodic runs

    Scenario: A reverted resize gives the server its custom resource again
      Given server "web" runs flavor "magic" on host "alpha"
      And server "web" awaits a decision on flavor "plain" on host "beta"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host      | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | server web | alpha     |    1 |       512 |       1 |           0 |
        | server web | alpha/red |    0 |         0 |       0 |           4 |
      And the usages have changed by
        | host      | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | alpha     |   +1 |      +512 |      +1 |           0 |
        | alpha/red |    0 |         0 |       0 |          +4 |
        | beta      |    0 |         0 |       0 |           0 |
      And nothing changes when the periodic runs

  Rule: A server that cannot have what its flavor names is not built

    Scenario Outline: A flavor <that> finds no host
      When server "web" is booted from flavor "<flavor>"
      Then server "web" is ERROR because "No valid host was found"
      And there are no allocations
      And the usages have changed by
        | host      | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | alpha     |    0 |         0 |       0 |           0 |
        | alpha/red |    0 |         0 |       0 |           0 |
        | beta      |    0 |         0 |       0 |           0 |
      And nothing changes when the periodic runs

      Examples: Limits of the nested provider's inventory
        | that                                              | flavor |
        | that wants more at once than the provider gives   | greedy |
        | whose amount does not follow the provider's steps | odd    |

    Scenario: A host without the resource is no candidate
      When server "web" is booted from flavor "magic" on host "beta"
      Then server "web" is ERROR because "No valid host was found"
      And there are no allocations
      And the usages have changed by
        | host      | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | alpha     |    0 |         0 |       0 |           0 |
        | alpha/red |    0 |         0 |       0 |           0 |
        | beta      |    0 |         0 |       0 |           0 |

  Rule: Groups of a flavor are served each by one provider

    Background:
      Given host "alpha" has a nested resource provider "blue" with this inventory
        | resource class | total |
        | CUSTOM_WAND    |    10 |
      And trait CUSTOM_SHORT is on the nested resource provider "red"
      And trait CUSTOM_LONG is on the nested resource provider "blue"
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs                                                                                                                      |
        | long   |    1 |       512 |       1 | resources1:CUSTOM_WAND=2, trait1:CUSTOM_LONG=required                                                                            |
        | both   |    1 |       512 |       1 | resources1:CUSTOM_WAND=2, trait1:CUSTOM_SHORT=required, resources2:CUSTOM_WAND=4, trait2:CUSTOM_LONG=required, group_policy=none |
        | apart  |    1 |       512 |       1 | resources1:CUSTOM_WAND=4, resources2:CUSTOM_WAND=4, group_policy=isolate                                                         |

    Scenario: A group with a trait is served by the provider that has it
      When server "web" is booted from flavor "long"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | server web | alpha      |    1 |       512 |       1 |           0 |
        | server web | alpha/blue |    0 |         0 |       0 |           2 |
      And the usages have changed by
        | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | alpha      |   +1 |      +512 |      +1 |           0 |
        | alpha/red  |    0 |         0 |       0 |           0 |
        | alpha/blue |    0 |         0 |       0 |          +2 |
        | beta       |    0 |         0 |       0 |           0 |
      And nothing changes when the periodic runs

    @lab
    Scenario: Each group is served by the provider that has its trait
      When server "web" is booted from flavor "both"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | server web | alpha      |    1 |       512 |       1 |           0 |
        | server web | alpha/red  |    0 |         0 |       0 |           2 |
        | server web | alpha/blue |    0 |         0 |       0 |           4 |
      And the usages have changed by
        | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | alpha      |   +1 |      +512 |      +1 |           0 |
        | alpha/red  |    0 |         0 |       0 |          +2 |
        | alpha/blue |    0 |         0 |       0 |          +4 |
        | beta       |    0 |         0 |       0 |           0 |
      And nothing changes when the periodic runs

    @lab
    Scenario: Groups that must be apart are served by different providers
      When server "web" is booted from flavor "apart"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | server web | alpha      |    1 |       512 |       1 |           0 |
        | server web | alpha/red  |    0 |         0 |       0 |           4 |
        | server web | alpha/blue |    0 |         0 |       0 |           4 |
      And the usages have changed by
        | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_WAND |
        | alpha      |   +1 |      +512 |      +1 |           0 |
        | alpha/red  |    0 |         0 |       0 |          +4 |
        | alpha/blue |    0 |         0 |       0 |          +4 |
        | beta       |    0 |         0 |       0 |           0 |
      And nothing changes when the periodic runs

  Rule: Processors of one's own are another resource class

    @lab
    Scenario Outline: A server whose flavor <asks> holds PCPU instead of VCPU
      Given a host "pinned" that has dedicated processors
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs   |
        | own    |    2 |       512 |       1 | <extra specs> |
      When server "web" is booted from flavor "own" on host "pinned"
      Then server "web" is ACTIVE on host "pinned"
      And the allocations are
        | consumer   | host   | VCPU   | MEMORY_MB | DISK_GB | PCPU   |
        | server web | pinned | <VCPU> |       512 |       1 | <PCPU> |
      And the usages have changed by
        | host   | VCPU   | MEMORY_MB | DISK_GB | PCPU   |
        | pinned | <VCPU> |      +512 |      +1 | <PCPU> |
        | alpha  |      0 |         0 |       0 |      0 |
        | beta   |      0 |         0 |       0 |      0 |
      And nothing changes when the periodic runs

      Examples: Ways to ask for dedicated processors
        | asks                     | extra specs             | VCPU | PCPU |
        | names a CPU policy       | hw:cpu_policy=dedicated |    0 |    2 |
        | names the resource class | resources:PCPU=2        |    0 |    2 |

  Rule: Nova keeps only what it knows on a host's own provider

    Scenario: The periodic removes a class put on the host's own provider
      Given host "beta" itself has 10 CUSTOM_WAND
      When the periodic runs on host "beta"
      Then host "beta" itself has no CUSTOM_WAND
