Feature: What does not move a server does not change its charge
  A stopped server keeps its place, and a rebuilt one keeps its host and flavor, so neither moves the accounts.

  Background:
    Given host "alpha"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: A stopped server is charged like a running one

    Scenario: The host keeps the charge of a stopped server
      When server "web" is shut off
      Then server "web" is SHUTOFF on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: A started server is charged once
      Given server "web" is stopped
      When server "web" is started
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

  Rule: A server that is interrupted is charged like a running one

    Scenario Outline: The host keeps the charge of a server that is <interrupted>
      When server "web" is <interrupted>
      Then server "web" is <status> on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

      Examples: interruptions that an owner may ask for
        | interrupted | status    |
        | paused      | PAUSED    |
        | suspended   | SUSPENDED |
        | rescued     | RESCUE    |
        | rebooted    | ACTIVE    |

  Rule: A rebuilt server is charged once, on the host it had

    Scenario: Rebuilding from the same image changes nothing
      When server "web" is rebuilt
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: Rebuilding from another image changes nothing
      Given an image "spare"
      When server "web" is rebuilt from image "spare"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs
