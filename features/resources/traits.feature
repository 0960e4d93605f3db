Feature: Traits determine where a server can run
  The traits of a resource provider describe its host. Flavors and images can require or forbid traits, operators can add
  their own, and Nova keeps both.

  Background:
    Given hosts "alpha" and "beta"
    And trait CUSTOM_FAST has been added to host "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs                 |
      | plain  |    1 |       512 |       1 |                             |
      | fast   |    1 |       512 |       1 | trait:CUSTOM_FAST=required  |
      | slow   |    1 |       512 |       1 | trait:CUSTOM_FAST=forbidden |

  Rule: Flavors can require or forbid traits

    @id-2a27e1
    Scenario: A flavor that requires the trait uses a host that has it
      When server "web" is booted with flavor "fast"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |

    @id-d8a092
    Scenario: A flavor that forbids the trait uses a host without it
      When server "web" is booted with flavor "slow"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @id-62752f
    Scenario: A specified host without the trait is not used
      When server "web" is booted with flavor "fast" on host "alpha"
      Then server "web" is ERROR with fault "No valid host was found"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |

    @id-2551b1
    Scenario: A resize follows the traits of the new flavor
      Given server "web" runs flavor "plain" on host "alpha"
      When server "web" is resized to flavor "fast"
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    1 |       512 |       1 |

  Rule: Images can require traits too

    @id-a8b68e
    Scenario: An image that requires the trait uses a host that has it
      Given an image "quick" that requires trait CUSTOM_FAST
      When server "web" is booted with flavor "plain" from image "quick"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |

    @id-479754
    Scenario: Rebuilding with a trait that the host has changes no allocations
      Given an image "quick" that requires trait CUSTOM_FAST
      And server "web" runs flavor "plain" on host "beta"
      When server "web" is rebuilt from image "quick"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |

    @id-6a551b
    Scenario: Rebuilding with a missing trait fails and changes no allocations
      Given an image "quick" that requires trait CUSTOM_FAST
      And server "web" runs flavor "plain" on host "alpha"
      When server "web" is rebuilt from image "quick"
      Then server "web" is ERROR on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

  Rule: Nova keeps the operator's traits and adds its own

    @id-e8c454
    Scenario: An operator's trait survives the periodic task
      When the periodic task runs on host "beta"
      Then host "beta" has trait CUSTOM_FAST
      And host "beta" has trait COMPUTE_NODE

    @id-4a7435
    Scenario: A trait that the operator removed is not restored
      Given trait CUSTOM_FAST has been removed from host "beta"
      When the periodic task runs on host "beta"
      Then host "beta" does not have trait CUSTOM_FAST

    @disruptive @id-0b48c5
    Scenario: An operator's trait survives a restart of the compute service
      Given host "beta" is down
      When host "beta" returns
      Then host "beta" has trait CUSTOM_FAST
      And host "beta" has trait COMPUTE_NODE
