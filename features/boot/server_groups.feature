Feature: A server group changes where its servers are, not what they hold
  Servers of a group with policy anti-affinity are on different hosts, those of a group with policy affinity on one. A
  host that the policy rules out is not charged.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |

  Rule: The policy decides which host is charged

    @id-994051
    Scenario: The second server of an anti-affinity group holds another host
      Given server group "apart" with policy anti-affinity
      And server "web" of group "apart" runs flavor "small" on host "alpha"
      When server "db" of group "apart" is booted with flavor "small"
      Then server "db" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
        | server db  | beta  |    1 |       512 |       1 |

    @id-f8a434
    Scenario: The second server of an affinity group holds the same host
      Given server group "together" with policy affinity
      And server "web" of group "together" runs flavor "small" on host "alpha"
      When server "db" of group "together" is booted with flavor "small"
      Then server "db" is ACTIVE on host "alpha"
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +2 |     +1024 |      +2 |
        | beta  |    0 |         0 |       0 |

    @microversion-2.74 @id-0b0353
    Scenario Outline: A server that policy <policy> rules out on its host holds nothing
      Given server group "web-tier" with policy <policy>
      And server "web" of group "web-tier" runs flavor "small" on host "alpha"
      When server "db" of group "web-tier" is booted with flavor "small" on host "<host>"
      Then server "db" is ERROR with fault "No valid host was found"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

      Examples: Policies
        | policy        | host  |
        | affinity      | beta  |
        | anti-affinity | alpha |

    @microversion-2.74 @id-4f9f2a
    Scenario Outline: A server is charged where it runs against policy <policy>
      Given server group "web-tier" with policy <policy>
      And server "web" of group "web-tier" runs flavor "small" on host "alpha"
      When server "db" of group "web-tier" is booted with flavor "small" on host "<host>"
      Then server "db" is ACTIVE on host "<host>"
      And the usages have changed by
        | host  | VCPU         | MEMORY_MB  | DISK_GB    |
        | alpha | <alpha VCPU> | <alpha MB> | <alpha GB> |
        | beta  | <beta VCPU>  | <beta MB>  | <beta GB>  |

      Examples: Soft policies
        | policy             | host  | alpha VCPU | alpha MB | alpha GB | beta VCPU | beta MB | beta GB |
        | soft-affinity      | beta  |         +1 |     +512 |       +1 |        +1 |    +512 |      +1 |
        | soft-anti-affinity | alpha |         +2 |    +1024 |       +2 |         0 |       0 |       0 |

  Rule: A move that the policy rules out leaves all allocations unchanged

    @id-76e863
    Scenario: A server cannot be cold migrated to the host of another member
      Given server group "apart" with policy anti-affinity
      And server "web" of group "apart" runs flavor "small" on host "alpha"
      And server "db" of group "apart" runs flavor "small" on host "beta"
      When server "web" is cold migrated
      Then server "web" is ACTIVE on host "alpha"
      And the migrate action of server "web" failed
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
        | server db  | beta  |    1 |       512 |       1 |

    @id-f87108
    Scenario: A server cannot be live migrated away from the others
      Given server group "together" with policy affinity
      And server "web" of group "together" runs flavor "small" on host "alpha"
      And server "db" of group "together" runs flavor "small" on host "alpha"
      When server "web" is live migrated
      Then server "web" is ACTIVE on host "alpha"
      And the last migration of server "web" has status error
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +2 |     +1024 |      +2 |
        | beta  |    0 |         0 |       0 |

    @id-ee5627
    Scenario: A server cannot be resized away from the others
      Given server group "together" with policy affinity
      And server "web" of group "together" runs flavor "small" on host "alpha"
      And server "db" of group "together" runs flavor "small" on host "alpha"
      When server "web" is resized to flavor "large"
      Then server "web" is ACTIVE on host "alpha"
      And the resize action of server "web" failed
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
        | server db  | alpha |    1 |       512 |       1 |

    @disruptive @id-1140cd
    Scenario: A server cannot be evacuated to the host of another member
      Given server group "apart" with policy anti-affinity
      And server "web" of group "apart" runs flavor "small" on host "alpha"
      And server "db" of group "apart" runs flavor "small" on host "beta"
      And host "alpha" is down
      When server "web" is evacuated
      Then server "web" is ERROR with fault "No valid host was found"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
        | server db  | beta  |    1 |       512 |       1 |

  Rule: A move that the policy allows holds what any move holds

    @id-ee2c5d
    Scenario: An unconfirmed resize past the other members holds both hosts
      Given hosts "alpha", "beta" and "gamma"
      And server group "apart" with policy anti-affinity
      And server "web" of group "apart" runs flavor "small" on host "alpha"
      And server "db" of group "apart" runs flavor "small" on host "beta"
      When server "web" is resized to flavor "large"
      Then server "web" is VERIFY_RESIZE on another host "gamma"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server db        | beta  |    1 |       512 |       1 |
        | server web       | gamma |    2 |      1024 |       2 |

    @disruptive @id-a13f21
    Scenario: A server is evacuated past the other members
      Given hosts "alpha", "beta" and "gamma"
      And server group "apart" with policy anti-affinity
      And server "web" of group "apart" runs flavor "small" on host "alpha"
      And server "db" of group "apart" runs flavor "small" on host "beta"
      And host "alpha" is down
      When server "web" is evacuated
      Then server "web" is on another host "gamma"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
        | server web | gamma |    1 |       512 |       1 |
        | server db  | beta  |    1 |       512 |       1 |

    @microversion-2.74 @known-live-migrated-server-stays-with-its-group @id-34ea41
    Scenario: A host that a member has left takes another one
      Given server group "apart" with policy anti-affinity
      And server "web" of group "apart" runs flavor "small" on host "alpha"
      And server "web" has been live migrated to host "beta"
      When server "db" of group "apart" is booted with flavor "small" on host "alpha"
      Then server "db" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta  |    1 |       512 |       1 |
        | server db  | alpha |    1 |       512 |       1 |

    @known-returned-host-stays-with-group @id-66b895
    Scenario: A host that a member was evacuated from takes another one again
      Given server group "apart" with policy anti-affinity
      And server "web" of group "apart" runs flavor "small" on host "alpha"
      And host "alpha" is down
      And server "web" has been evacuated to host "beta"
      And host "alpha" is back
      When server "db" of group "apart" is booted with flavor "small" on host "alpha"
      Then server "db" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta  |    1 |       512 |       1 |
        | server db  | alpha |    1 |       512 |       1 |

    @known-returned-host-stays-with-group @id-b9a851
    Scenario: A host takes another member once one was deleted while it was down
      Given server group "apart" with policy anti-affinity
      And server "web" of group "apart" runs flavor "small" on host "alpha"
      And host "alpha" is down
      And server "web" has been deleted
      And host "alpha" is back
      When server "db" of group "apart" is booted with flavor "small" on host "alpha"
      Then server "db" is ACTIVE on host "alpha"
      And the allocations are
        | consumer  | host  | VCPU | MEMORY_MB | DISK_GB |
        | server db | alpha |    1 |       512 |       1 |

    @known-reverted-server-stays-with-group @id-524d14
    Scenario: A host that a member has left by a revert takes another one
      Given server group "apart" with policy anti-affinity
      And server "old" runs flavor "small" on host "beta"
      And server "old" has been deleted
      And server "web" of group "apart" runs flavor "small" on host "alpha"
      And server "web" has an unconfirmed migration to host "beta"
      And the migration of server "web" has been reverted
      When server "db" of group "apart" is booted with flavor "small" on host "beta"
      Then server "db" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
        | server db  | beta  |    1 |       512 |       1 |
