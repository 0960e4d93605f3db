@disruptive @lab
Feature: A host that is registered anew offers its bandwidth again
  When a compute service is deleted, all resource providers of its host are deleted with it, Neutron's included. Neutron
  knows from the host's network agent what belongs there.

  Background:
    Given a host "old" that behaves normally
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And these ports
      | port | NET_BW_EGR_KILOBIT_PER_SEC |
      | gold |                       1000 |
    And host "old" is down
    And the compute service on host "old" has been deleted

  Rule: Guaranteed bandwidth is there as soon as the host is

    @known-registered-host-offers-no-bandwidth @id-1b53eb
    Scenario: A host is registered anew while its network agent goes on running
      Given host "old" has been registered anew
      When server "web" is booted with flavor "small" and port "gold" on host "old"
      Then server "web" is ACTIVE on host "old"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC |
        | server web | old  |    1 |       512 |       1 |                       1000 |

    @id-83ac69
    Scenario: A host is registered anew and its network agent starts anew
      Given host "old" has been registered anew
      And the network agent of host "old" has started anew
      When server "web" is booted with flavor "small" and port "gold" on host "old"
      Then server "web" is ACTIVE on host "old"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB | NET_BW_EGR_KILOBIT_PER_SEC |
        | server web | old  |    1 |       512 |       1 |                       1000 |
      And port "gold" is bound to host "old"

  Rule: What needs no bandwidth does not wait for the network agent

    @id-770eef
    Scenario: A host that is registered anew is charged for a server without ports
      Given host "old" has been registered anew
      When server "web" is booted with flavor "small" on host "old"
      Then server "web" is ACTIVE on host "old"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | old  |    1 |       512 |       1 |
