@lab
Feature: NUMA nodes and huge pages are not counted by Placement
  Nova places a server with a NUMA topology by its own figures of each NUMA node. In Placement such a server holds no
  more than the amounts of its flavor.

  Background:
    Given these flavors
      | flavor   | VCPU | MEMORY_MB | DISK_GB | extra specs          |
      | plain    |    4 |      2048 |       1 |                      |
      | two-node |    4 |      2048 |       1 | hw:numa_nodes=2      |
      | paged    |    2 |      2048 |       1 | hw:mem_page_size=2MB |

  Rule: A NUMA topology changes no amounts

    @id-bdeabb
    Scenario: A server on two NUMA nodes holds the amounts of its flavor
      Given a host "alpha" that has two NUMA nodes
      When server "web" is booted with flavor "two-node" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    4 |      2048 |       1 |

    @id-229616
    Scenario: A resize to another NUMA topology holds both hosts
      Given a host "alpha" that has two NUMA nodes
      And a host "beta" that has two NUMA nodes
      And server "web" runs flavor "plain" on host "alpha"
      When server "web" is resized to flavor "two-node"
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    4 |      2048 |       1 |
        | server web       | beta  |    4 |      2048 |       1 |

    @id-7273d9
    Scenario: A live migration of a server on two NUMA nodes frees the source
      Given a host "alpha" that has two NUMA nodes
      And a host "beta" that has two NUMA nodes
      And server "web" runs flavor "two-node" on host "alpha"
      When server "web" is live migrated
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    4 |      2048 |       1 |

  Rule: Huge pages are memory like any other

    @id-88ee95
    Scenario: A server with huge pages holds MEMORY_MB alone
      Given a host "alpha" that has huge pages
      When server "web" is booted with flavor "paged" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    2 |      2048 |       1 |

    @id-e60b94
    Scenario: A server that finds no huge pages holds nothing
      Given a host "alpha" that has huge pages
      And server "first" runs flavor "paged" on host "alpha"
      And server "second" runs flavor "paged" on host "alpha"
      When server "web" is booted with flavor "paged"
      Then server "web" is ERROR with fault "No valid host was found"
      And the allocations are
        | consumer      | host  | VCPU | MEMORY_MB | DISK_GB |
        | server first  | alpha |    2 |      2048 |       1 |
        | server second | alpha |    2 |      2048 |       1 |
