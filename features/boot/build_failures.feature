@lab
Feature: A failed build leaves no allocations on the host that failed
  A host that could not start a server releases all its resources, whether or not Nova tries another host.

  Background:
    Given these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |

  Rule: A host that aborts a build is not charged

    @id-d90d8a
    Scenario: An aborted build leaves a server in ERROR without allocations
      Given a host "picky" that aborts builds
      When server "web" is booted with flavor "small" on host "picky"
      Then server "web" is ERROR with fault "Build of instance"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | picky |    0 |         0 |       0 |

    @id-b6179c
    Scenario: An aborted build is not retried on another host
      Given a host "picky" that is preferred by the scheduler but aborts builds
      And host "beta"
      When server "web" is booted with flavor "small"
      Then server "web" is ERROR with fault "Build of instance"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | picky |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |

  Rule: Only the host that ends up running the server is charged

    @id-79ae3e
    Scenario: A host that failed to start the server is freed
      Given a host "flaky" that is preferred by the scheduler but fails to start servers
      And host "beta"
      When server "web" is booted with flavor "small"
      Then server "web" is ACTIVE on host "beta"
      And the compute events of the create action of server "web" are
        | event                              | host  | result     |
        | compute__do_build_and_run_instance | flaky | Success    |
        | compute__do_build_and_run_instance | beta  | unfinished |
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | flaky |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |

    @id-2961dc
    Scenario: A host that refused the claim is freed
      Given a host "full" that is preferred by the scheduler but refuses the claim of new servers
      And host "beta"
      When server "web" is booted with flavor "small"
      Then server "web" is ACTIVE on host "beta"
      And the compute events of the create action of server "web" are
        | event                              | host | result     |
        | compute__do_build_and_run_instance | full | Success    |
        | compute__do_build_and_run_instance | beta | unfinished |
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | full |    0 |         0 |       0 |
        | beta |   +1 |      +512 |      +1 |

    @id-983221
    Scenario: A server that no host could start has no allocations
      Given a host "flaky" that is preferred by the scheduler but fails to start servers
      When server "web" is booted with flavor "small"
      Then server "web" is ERROR with fault "Exceeded maximum number of retries"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | flaky |    0 |         0 |       0 |

  Rule: Deleting a server during its build releases the claim

    @id-f79c80
    Scenario: A server deleted while it is being built leaves no allocations
      Given a host "slow" that builds servers slowly
      And server "web" is being built with flavor "small" on host "slow"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | slow |    0 |         0 |       0 |

  Rule: Deleting a server that failed to build leaves no allocations

    @id-15dc92
    Scenario: The host that aborted the build stays free
      Given a host "picky" that aborts builds
      And server "web" failed to build with flavor "small" on host "picky"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | picky |    0 |         0 |       0 |
