@lab
Feature: A move that fails leaves the port's amounts where its server is
  Each host of the lab has 10 Gbit/s, so that two of these ports do not fit on one host. Whatever fails, only the host of
  the server is charged for its port.

  Background:
    Given these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |

  Rule: A host without bandwidth is not chosen, and not charged

    @id-01eb0a
    Scenario: A server is not booted on a host without bandwidth
      Given host "alpha"
      And these ports
        | port   | NET_BW_EGR_KILOBIT_PER_SEC |
        | gold   |                    6000000 |
        | silver |                    6000000 |
      And server "web" runs flavor "small" with port "gold" on host "alpha"
      When server "db" is booted with flavor "small" and port "silver"
      Then server "db" is ERROR with fault "No valid host was found"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC |
        | server web | alpha |    1 |       512 |       1 |                    6000000 |

    @id-015feb
    Scenario: A port is not attached on a host without bandwidth
      Given host "alpha"
      And these ports
        | port   | NET_BW_EGR_KILOBIT_PER_SEC |
        | gold   |                    6000000 |
        | silver |                    6000000 |
      And server "web" runs flavor "small" with port "gold" on host "alpha"
      When port "silver" is attached to server "web"
      Then the response status is 400
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC |
        | server web | alpha |    1 |       512 |       1 |                    6000000 |
      And port "silver" is not bound

    @id-688116
    Scenario: A server is not cold migrated to a host without bandwidth
      Given hosts "alpha" and "beta"
      And these ports
        | port   | NET_BW_EGR_KILOBIT_PER_SEC |
        | gold   |                    6000000 |
        | silver |                    6000000 |
      And server "web" runs flavor "small" with port "gold" on host "alpha"
      And server "db" runs flavor "small" with port "silver" on host "beta"
      When server "web" is cold migrated
      Then server "web" is ACTIVE on host "alpha"
      And the migrate action of server "web" failed
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC |
        | server web | alpha |    1 |       512 |       1 |                    6000000 |
        | server db  | beta  |    1 |       512 |       1 |                    6000000 |
      And port "gold" is bound to host "alpha"

    @id-fa0098
    Scenario: A server is not live migrated to a host without bandwidth
      Given hosts "alpha" and "beta"
      And these ports
        | port   | NET_BW_EGR_KILOBIT_PER_SEC |
        | gold   |                    6000000 |
        | silver |                    6000000 |
      And server "web" runs flavor "small" with port "gold" on host "alpha"
      And server "db" runs flavor "small" with port "silver" on host "beta"
      When server "web" is live migrated
      Then server "web" is ACTIVE on host "alpha"
      And the last migration of server "web" has status error
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC |
        | server web | alpha |    1 |       512 |       1 |                    6000000 |
        | server db  | beta  |    1 |       512 |       1 |                    6000000 |
      And port "gold" is bound to host "alpha"

    @disruptive @id-8b7773
    Scenario: A server is not evacuated to a host without bandwidth
      Given hosts "alpha" and "beta"
      And these ports
        | port   | NET_BW_EGR_KILOBIT_PER_SEC |
        | gold   |                    6000000 |
        | silver |                    6000000 |
      And server "web" runs flavor "small" with port "gold" on host "alpha"
      And server "db" runs flavor "small" with port "silver" on host "beta"
      And host "alpha" is down
      When server "web" is evacuated
      Then server "web" is ERROR with fault "No valid host was found"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC |
        | server web | alpha |    1 |       512 |       1 |                    6000000 |
        | server db  | beta  |    1 |       512 |       1 |                    6000000 |

    @id-43dace
    Scenario: A server is not unshelved where its bandwidth has been given away
      Given host "alpha"
      And these ports
        | port   | NET_BW_EGR_KILOBIT_PER_SEC |
        | gold   |                    6000000 |
        | silver |                    6000000 |
      And server "web" runs flavor "small" with port "gold" on host "alpha"
      And server "web" has been offloaded
      And server "db" runs flavor "small" with port "silver" on host "alpha"
      When server "web" is unshelved
      Then server "web" is SHELVED_OFFLOADED without a host
      And the unshelve action of server "web" failed
      And the allocations are
        | consumer  | host  | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC |
        | server db | alpha |    1 |       512 |       1 |                    6000000 |

  Rule: A host that fails a move is freed

    @id-ec0cb4
    Scenario: An aborted live migration frees the destination
      Given a host "slow" that live migrates slowly
      And a host "beta" that behaves normally
      And these ports
        | port | NET_BW_EGR_KILOBIT_PER_SEC | NET_PACKET_RATE_KILOPACKET_PER_SEC |
        | gold |                       1000 |                                 10 |
      And server "web" runs flavor "small" with port "gold" on host "slow"
      And server "web" is live migrating to host "beta"
      When the live migration of server "web" is aborted
      Then server "web" is ACTIVE on host "slow"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC | NET_PACKET_RATE_KILOPACKET_PER_SEC |
        | server web | slow |    1 |       512 |       1 |                       1000 |                                 10 |
      And port "gold" is bound to host "slow"

    @id-0951b4
    Scenario: A destination that fails to prepare a live migration is freed
      Given a host "broken" that fails to prepare for live migration
      And host "alpha"
      And these ports
        | port | NET_BW_EGR_KILOBIT_PER_SEC |
        | gold |                       1000 |
      And server "web" runs flavor "small" with port "gold" on host "alpha"
      When server "web" is live migrated to host "broken"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC |
        | server web | alpha |    1 |       512 |       1 |                       1000 |
      And port "gold" is bound to host "alpha"

    @id-8f81db
    Scenario: A resize that the destination fails to finish is charged there
      Given a host "broken" that fails to finish resizes
      And host "alpha"
      And these ports
        | port | NET_BW_EGR_KILOBIT_PER_SEC |
        | gold |                       1000 |
      And server "web" runs flavor "small" with port "gold" on host "alpha"
      When server "web" is resized to flavor "large"
      Then server "web" is ERROR on host "broken"
      And the allocations are
        | consumer   | host   | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC |
        | server web | broken |    2 |      1024 |       2 |                       1000 |
      And port "gold" is bound to host "broken"

    @id-f08989
    Scenario: A resize that the source fails to start is charged there
      Given a host "stuck" that fails to start outgoing resizes
      And host "beta"
      And these ports
        | port | NET_BW_EGR_KILOBIT_PER_SEC |
        | gold |                       1000 |
      And server "web" runs flavor "small" with port "gold" on host "stuck"
      When server "web" is resized to flavor "large"
      Then server "web" is ERROR on host "stuck"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC |
        | server web | stuck |    1 |       512 |       1 |                       1000 |
      And port "gold" is bound to host "stuck"

  Rule: nova-manage restores the amounts of ports as well

    @known-heal-ignores-bound-ports @id-2c2d93
    Scenario: A server that has lost its allocations is healed with its port
      Given host "alpha"
      And these ports
        | port | NET_BW_EGR_KILOBIT_PER_SEC | NET_PACKET_RATE_KILOPACKET_PER_SEC |
        | gold |                       1000 |                                 10 |
      And server "web" runs flavor "small" with port "gold" on host "alpha"
      And server "web" has lost its allocations
      And the audit has reported "holds nothing on host"
      When nova-manage heals the allocations of server "web"
      Then nova-manage exits with status 0
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC | NET_PACKET_RATE_KILOPACKET_PER_SEC |
        | server web | alpha |    1 |       512 |       1 |                       1000 |                                 10 |
      And port "gold" is bound to host "alpha"
