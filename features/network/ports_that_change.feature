Feature: A server holds what its ports guarantee now
  Neutron lets the owner of a plugged port exchange its QoS policy, or delete it, without asking Nova. The accounts follow
  whatever happens to the port.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
    And these ports
      | port  | NET_BW_EGR_KILOBIT_PER_SEC |
      | gold  |                       1000 |
      | plain |                          0 |

  Rule: The allocation follows the policy of the port at once

    @id-945f97
    Scenario: A port that guarantees more is charged for it
      Given server "web" runs flavor "small" with port "gold" on host "alpha"
      When port "gold" is changed to guarantee 5000 NET_BW_EGR_KILOBIT_PER_SEC
      Then the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC |
        | server web | alpha |    1 |       512 |       1 |                       5000 |
      And port "gold" is bound to host "alpha"

    @id-534b18
    Scenario: A port that guarantees less is charged for it
      Given server "web" runs flavor "small" with port "gold" on host "alpha"
      When port "gold" is changed to guarantee 1 NET_BW_EGR_KILOBIT_PER_SEC
      Then the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC |
        | server web | alpha |    1 |       512 |       1 |                          1 |

    @id-ce7187
    Scenario: A policy that the host has no bandwidth for is refused
      Given server "web" runs flavor "small" with port "gold" on host "alpha"
      When port "gold" is changed to guarantee 900000000 NET_BW_EGR_KILOBIT_PER_SEC
      Then the response status is 409
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC |
        | server web | alpha |    1 |       512 |       1 |                       1000 |

    @known-new-guarantee-is-not-charged @id-8ecb49
    Scenario: A port that guaranteed nothing is charged for its new policy
      Given server "web" runs flavor "small" with port "plain" on host "alpha"
      When port "plain" is changed to guarantee 1000 NET_BW_EGR_KILOBIT_PER_SEC
      Then the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC |
        | server web | alpha |    1 |       512 |       1 |                       1000 |

  Rule: A port that was deleted is not charged

    @known-deleted-port-stays-charged @id-3e5419
    Scenario: Deleting a port under its server frees what it guaranteed
      Given server "web" runs flavor "small" with port "gold" on host "alpha"
      When port "gold" is deleted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @id-55d5bd
    Scenario: Deleting a port that was detached changes nothing
      Given server "web" runs flavor "small" with port "gold" on host "alpha"
      And port "gold" has been detached from server "web"
      When port "gold" is deleted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

  Rule: A move ends with what the port guarantees now

    @id-13ec93
    Scenario: Confirming a resize keeps the port's new amount
      Given server "web" runs flavor "small" with port "gold" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "large" on host "beta"
      And port "gold" has been changed to guarantee 5000 NET_BW_EGR_KILOBIT_PER_SEC
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC |
        | server web | beta |    2 |      1024 |       2 |                       5000 |

    @known-changed-port-is-not-reverted @id-cccf4a
    Scenario: Reverting a resize charges the port's new amount on the source
      Given server "web" runs flavor "small" with port "gold" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "large" on host "beta"
      And port "gold" has been changed to guarantee 5000 NET_BW_EGR_KILOBIT_PER_SEC
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC |
        | server web | alpha |    1 |       512 |       1 |                       5000 |

  Rule: A failed operation leaves no binding behind

    @lab @microversion-2.91 @known-failed-unshelving-keeps-port-bound @id-afefe9
    Scenario: The port of a server that failed to unshelve is not bound
      Given a host "weak" that fails to start unshelved servers
      And server "web" runs flavor "small" with port "gold" on host "weak"
      And server "web" has been offloaded
      When server "web" is unshelved to host "weak"
      Then server "web" is SHELVED_OFFLOADED without a host
      And there are no allocations
      And port "gold" is not bound
