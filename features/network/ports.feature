Feature: A server holds what its ports guarantee
  The bandwidth and the packet rate that a port guarantees are held by its server, on the providers that Neutron keeps
  below the host, and the binding of the port names these.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And these ports
      | port  | NET_BW_EGR_KILOBIT_PER_SEC | NET_BW_IGR_KILOBIT_PER_SEC | NET_PACKET_RATE_KILOPACKET_PER_SEC |
      | gold  |                       1000 |                       2000 |                                 10 |
      | plain |                          0 |                          0 |                                  0 |
      | huge  |                  900000000 |                          0 |                                  0 |

  Rule: A port is charged with the server that it is booted with

    @id-002694
    Scenario: A server booted with a port holds what that guarantees
      When server "web" is booted with flavor "small" and port "gold" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC | NET_BW_IGR_KILOBIT_PER_SEC | NET_PACKET_RATE_KILOPACKET_PER_SEC |
        | server web | alpha |    1 |       512 |       1 |                       1000 |                       2000 |                                 10 |
      And port "gold" is bound to host "alpha"

    @lab @id-4a1814
    Scenario: Bandwidth is held on a bridge, packet rate on the agent
      When server "web" is booted with flavor "small" and port "gold" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host                     | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC | NET_BW_IGR_KILOBIT_PER_SEC | NET_PACKET_RATE_KILOPACKET_PER_SEC |
        | server web | alpha                    |    1 |       512 |       1 |                          0 |                          0 |                                  0 |
        | server web | alpha/br-physnet0        |    0 |         0 |       0 |                       1000 |                       2000 |                                  0 |
        | server web | alpha/open-vswitch-agent |    0 |         0 |       0 |                          0 |                          0 |                                 10 |

    @id-a07b4a
    Scenario: A port that guarantees nothing is not charged
      When server "web" is booted with flavor "small" and port "plain" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @id-06c641
    Scenario: A server whose port finds no host with its bandwidth holds nothing
      When server "web" is booted with flavor "small" and port "huge"
      Then server "web" is ERROR with fault "No valid host was found"
      And there are no allocations
      And port "huge" is not bound

    @id-111b35
    Scenario: Deleting the server frees what its port guarantees
      Given server "web" runs flavor "small" with port "gold" on host "alpha"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC | NET_BW_IGR_KILOBIT_PER_SEC | NET_PACKET_RATE_KILOPACKET_PER_SEC |
        | alpha |    0 |         0 |       0 |                          0 |                          0 |                                  0 |
        | beta  |    0 |         0 |       0 |                          0 |                          0 |                                  0 |
      And port "gold" is not bound

  Rule: A port is charged while it is attached

    @id-e6133d
    Scenario: Attaching a port adds what it guarantees
      Given server "web" runs flavor "small" on host "alpha"
      When port "gold" is attached to server "web"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC | NET_BW_IGR_KILOBIT_PER_SEC | NET_PACKET_RATE_KILOPACKET_PER_SEC |
        | server web | alpha |    1 |       512 |       1 |                       1000 |                       2000 |                                 10 |
      And port "gold" is bound to host "alpha"

    @id-55cb68
    Scenario: A port that was attached to a running server moves with it
      Given server "web" runs flavor "small" on host "alpha"
      And port "gold" has been attached to server "web"
      When server "web" is cold migrated
      Then server "web" is VERIFY_RESIZE on another host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC | NET_BW_IGR_KILOBIT_PER_SEC | NET_PACKET_RATE_KILOPACKET_PER_SEC |
        | migration of web | alpha |    1 |       512 |       1 |                       1000 |                       2000 |                                 10 |
        | server web       | beta  |    1 |       512 |       1 |                       1000 |                       2000 |                                 10 |
      And port "gold" is bound to host "beta"

    @id-c4850a
    Scenario: Detaching a port frees what it guarantees
      Given server "web" runs flavor "small" with port "gold" on host "alpha"
      When port "gold" is detached from server "web"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And port "gold" is not bound

    @id-f0b377
    Scenario: A port that its host has no bandwidth for is refused and not charged
      Given server "web" runs flavor "small" on host "alpha"
      When port "huge" is attached to server "web"
      Then the response status is 400
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And port "huge" is not bound
