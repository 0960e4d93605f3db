@disruptive
Feature: A disabled compute service keeps its servers and accepts no new ones
  Nova marks the resource provider of a disabled compute service with a trait, and the scheduler requests only hosts
  without that trait.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |

  Rule: The provider of a disabled host is marked at once

    @id-0cf6d3
    Scenario: Disabling a host adds the trait to its provider
      When the compute service on host "beta" is disabled
      Then host "beta" has trait COMPUTE_STATUS_DISABLED
      And host "alpha" does not have trait COMPUTE_STATUS_DISABLED

    @id-6e0e4b
    Scenario: Enabling a host removes the trait
      Given the compute service on host "beta" has been disabled
      When the compute service on host "beta" is enabled
      Then host "beta" does not have trait COMPUTE_STATUS_DISABLED

    @id-9c482d
    Scenario: The trait of a disabled host survives the periodic task
      Given the compute service on host "beta" has been disabled
      When the periodic task runs on host "beta"
      Then host "beta" has trait COMPUTE_STATUS_DISABLED

    @id-353d45
    Scenario: The trait does not return to an enabled host
      Given the compute service on host "beta" has been disabled
      And the compute service on host "beta" has been enabled again
      When the periodic task runs on host "beta"
      Then host "beta" does not have trait COMPUTE_STATUS_DISABLED

  Rule: No servers are scheduled to a disabled host

    @id-fd08ee
    Scenario: A new server is scheduled to an enabled host
      Given the compute service on host "alpha" has been disabled
      When server "web" is booted with flavor "small"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |

    @id-013903
    Scenario: A server that requests a disabled host is not built
      Given the compute service on host "alpha" has been disabled
      When server "web" is booted with flavor "small" on host "alpha"
      Then server "web" is ERROR with fault "No valid host was found"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |

    @id-cb40aa
    Scenario: A host that is enabled again accepts servers again
      Given the compute service on host "alpha" has been disabled
      And the compute service on host "alpha" has been enabled again
      When server "web" is booted with flavor "small" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @id-367ec8
    Scenario: A resize does not use a disabled host as destination
      Given server "web" runs flavor "small" on host "alpha"
      And the compute service on host "beta" has been disabled
      When server "web" is resized to flavor "large"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

  Rule: A disabled host keeps its servers

    @id-cb5174
    Scenario: A server stays charged on its disabled host
      Given server "web" runs flavor "small" on host "alpha"
      When the compute service on host "alpha" is disabled
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @id-593efd
    Scenario: A resize from a disabled host keeps the source charged
      Given server "web" runs flavor "small" on host "alpha"
      And the compute service on host "alpha" has been disabled
      When server "web" is resized to flavor "large"
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    2 |      1024 |       2 |

    @id-80a307
    Scenario: A resize can be reverted to a disabled host
      Given server "web" runs flavor "small" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "large" on host "beta"
      And the compute service on host "alpha" has been disabled
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

  Rule: A host that is down is updated when it returns

    @id-5749f8
    Scenario: Disabling a host that is down does not change its provider
      Given host "beta" is down
      When the compute service on host "beta" is disabled
      Then host "beta" does not have trait COMPUTE_STATUS_DISABLED

    @id-8f144f
    Scenario: A host disabled while it was down returns disabled
      Given host "beta" is down
      And the compute service on host "beta" has been disabled
      When host "beta" returns
      Then host "beta" has trait COMPUTE_STATUS_DISABLED

    @id-405378
    Scenario: A host enabled while it is down keeps the trait until it returns
      Given the compute service on host "beta" has been disabled
      And host "beta" is down
      When the compute service on host "beta" is enabled
      Then host "beta" has trait COMPUTE_STATUS_DISABLED

    @id-8779fb
    Scenario: A host enabled while it was down returns enabled
      Given the compute service on host "beta" has been disabled
      And host "beta" is down
      And the compute service on host "beta" has been enabled again
      When host "beta" returns
      Then host "beta" does not have trait COMPUTE_STATUS_DISABLED
