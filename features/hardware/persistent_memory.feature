@lab
Feature: A server holds the persistent memory namespaces that its flavor names
  Each label of namespaces is a resource class of the host, CUSTOM_PMEM_NAMESPACE_LABEL, and each namespace serves one
  server.

  Background:
    Given a host "alpha" that has persistent memory
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs         |
      | plain  |    1 |       512 |       1 |                     |
      | one    |    1 |       512 |       1 | hw:pmem=SMALL       |
      | three  |    2 |      1024 |       2 | hw:pmem=SMALL,LARGE |

  Rule: Namespaces are counted by label

    @id-cd3bbf
    Scenario: A server with two namespaces holds one of each label
      When server "web" is booted with flavor "three" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB | CUSTOM_PMEM_NAMESPACE_SMALL | CUSTOM_PMEM_NAMESPACE_LARGE |
        | server web | alpha |    2 |      1024 |       2 |                           1 |                           1 |

  Rule: Namespaces are freed where their server has left

    @id-35126b
    Scenario: An unconfirmed cold migration holds a namespace on both hosts
      Given a host "beta" that has persistent memory
      And server "web" runs flavor "one" on host "alpha"
      When server "web" is cold migrated
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB | CUSTOM_PMEM_NAMESPACE_SMALL |
        | migration of web | alpha |    1 |       512 |       1 |                           1 |
        | server web       | beta  |    1 |       512 |       1 |                           1 |

    @id-632269
    Scenario: Confirming a resize to a flavor without namespaces frees them
      Given a host "beta" that has persistent memory
      And server "web" runs flavor "one" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "plain" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |

    @id-3b4067
    Scenario: Reverting a resize to a flavor with namespaces frees them
      Given a host "beta" that has persistent memory
      And server "web" runs flavor "plain" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "three" on host "beta"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @id-c61de2
    Scenario: A live migration frees the namespace of the source
      Given a host "beta" that has persistent memory
      And server "web" runs flavor "one" on host "alpha"
      When server "web" is live migrated
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB | CUSTOM_PMEM_NAMESPACE_SMALL |
        | server web | beta |    1 |       512 |       1 |                           1 |

    @id-e46d9d
    Scenario: A host that returns after an evacuation frees its namespace
      Given a host "beta" that has persistent memory
      And server "web" runs flavor "one" on host "alpha"
      And host "alpha" is down
      And server "web" has been evacuated to host "beta"
      When host "alpha" returns
      Then server "web" is on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB | CUSTOM_PMEM_NAMESPACE_SMALL |
        | server web | beta |    1 |       512 |       1 |                           1 |

    @id-7c7263
    Scenario: Deleting a server frees its namespaces
      Given server "web" runs flavor "three" on host "alpha"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB | CUSTOM_PMEM_NAMESPACE_SMALL | CUSTOM_PMEM_NAMESPACE_LARGE |
        | alpha |    0 |         0 |       0 |                           0 |                           0 |
