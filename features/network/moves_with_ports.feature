Feature: A port is charged where its server is charged
  What a port guarantees moves with its server: an unconfirmed move holds it on both hosts, and the binding of the port
  names the providers of the host that it is bound to.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
    And these ports
      | port | NET_BW_EGR_KILOBIT_PER_SEC | NET_PACKET_RATE_KILOPACKET_PER_SEC |
      | gold |                       1000 |                                 10 |
      | huge |                  900000000 |                                  0 |
    And server "web" runs flavor "small" with port "gold" on host "alpha"

  Rule: An unconfirmed move holds the port's amounts on both hosts

    @id-c47102
    Scenario: An unconfirmed resize holds the port's amounts twice
      When server "web" is resized to flavor "large"
      Then server "web" is VERIFY_RESIZE on another host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC | NET_PACKET_RATE_KILOPACKET_PER_SEC |
        | migration of web | alpha |    1 |       512 |       1 |                       1000 |                                 10 |
        | server web       | beta  |    2 |      1024 |       2 |                       1000 |                                 10 |
      And port "gold" is bound to host "beta"

    @id-7aea83
    Scenario: Confirming a resize frees the port's amounts on the source
      Given server "web" has an unconfirmed resize to flavor "large" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC | NET_PACKET_RATE_KILOPACKET_PER_SEC |
        | server web | beta |    2 |      1024 |       2 |                       1000 |                                 10 |
      And port "gold" is bound to host "beta"

    @id-27ceec
    Scenario: Reverting a resize returns the port's amounts to the source
      Given server "web" has an unconfirmed resize to flavor "large" on host "beta"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC | NET_PACKET_RATE_KILOPACKET_PER_SEC |
        | server web | alpha |    1 |       512 |       1 |                       1000 |                                 10 |
      And port "gold" is bound to host "alpha"

    @id-18930f
    Scenario: An unconfirmed cold migration holds the port's amounts twice
      When server "web" is cold migrated
      Then server "web" is VERIFY_RESIZE on another host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC | NET_PACKET_RATE_KILOPACKET_PER_SEC |
        | migration of web | alpha |    1 |       512 |       1 |                       1000 |                                 10 |
        | server web       | beta  |    1 |       512 |       1 |                       1000 |                                 10 |
      And port "gold" is bound to host "beta"

    @id-a564c7
    Scenario: Confirming a cold migration frees the port's amounts on the source
      Given server "web" has an unconfirmed migration to host "beta"
      When the migration of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC | NET_PACKET_RATE_KILOPACKET_PER_SEC |
        | server web | beta |    1 |       512 |       1 |                       1000 |                                 10 |

    @id-184339
    Scenario: Deleting a server with an unconfirmed resize frees both hosts
      Given server "web" has an unconfirmed resize to flavor "large" on host "beta"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And port "gold" is not bound

  Rule: A live migration moves the port's amounts

    @id-ef3566
    Scenario: A live migrated server holds its port's amounts on its new host
      When server "web" is live migrated to host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC | NET_PACKET_RATE_KILOPACKET_PER_SEC |
        | server web | beta |    1 |       512 |       1 |                       1000 |                                 10 |
      And port "gold" is bound to host "beta"

    @id-2795f8
    Scenario: A live migrated server frees its port's amounts when that is detached
      Given server "web" has been live migrated to host "beta"
      When port "gold" is detached from server "web"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And port "gold" is not bound

  Rule: An evacuated server holds its port's amounts on both hosts until its old host returns

    @disruptive @id-dc9223
    Scenario: An evacuated server holds its port's amounts twice
      Given host "alpha" is down
      When server "web" is evacuated
      Then server "web" is on another host "beta"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC | NET_PACKET_RATE_KILOPACKET_PER_SEC |
        | server web | alpha |    1 |       512 |       1 |                       1000 |                                 10 |
        | server web | beta  |    1 |       512 |       1 |                       1000 |                                 10 |
      And port "gold" is bound to host "beta"

    @disruptive @id-31d8f8
    Scenario: The old host frees the port's amounts when it returns
      Given host "alpha" is down
      And server "web" has been evacuated to host "beta"
      When host "alpha" returns
      Then server "web" is on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC | NET_PACKET_RATE_KILOPACKET_PER_SEC |
        | server web | beta |    1 |       512 |       1 |                       1000 |                                 10 |
      And port "gold" is bound to host "beta"

  Rule: An offloaded server holds nothing for its port until it is unshelved

    @id-e65102
    Scenario: Offloading a server frees its port's amounts
      When server "web" is shelved and offloaded
      Then server "web" is SHELVED_OFFLOADED without a host
      And there are no allocations
      And port "gold" is not bound

    @microversion-2.91 @id-2fe6b7
    Scenario: An unshelved server holds its port's amounts on its new host
      Given server "web" has been offloaded
      When server "web" is unshelved to host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC | NET_PACKET_RATE_KILOPACKET_PER_SEC |
        | server web | beta |    1 |       512 |       1 |                       1000 |                                 10 |
      And port "gold" is bound to host "beta"

    @id-3701f3
    Scenario: Deleting an offloaded server leaves nothing of its port
      Given server "web" has been offloaded
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And port "gold" is not bound
