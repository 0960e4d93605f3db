Feature: Traits decide where a server may run
  A resource provider's traits say what its host can do. Flavors and images may require or forbid them, operators may
  add their own, and Nova keeps both.

  Background:
    Given hosts "alpha" and "beta"
    And trait CUSTOM_FAST is on host "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs                 |
      | plain  |    1 |       512 |       1 |                             |
      | fast   |    1 |       512 |       1 | trait:CUSTOM_FAST=required  |
      | slow   |    1 |       512 |       1 | trait:CUSTOM_FAST=forbidden |

  Rule: A required trait is found, a forbidden one avoided

    Scenario: A flavor that requires the trait runs on the host that has it
      When server "web" is booted from flavor "fast"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: A flavor that forbids the trait runs on the host that lacks it
      When server "web" is booted from flavor "slow"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: A named host that lacks the trait does not get the server
      When server "web" is booted from flavor "fast" on host "alpha"
      Then server "web" is ERROR because "No valid host was found"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

    Scenario: A resize follows the new flavor's trait
      Given server "web" runs flavor "plain" on host "alpha"
      When server "web" is resized to flavor "fast"
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

  Rule: An image may require a trait too

    Scenario: An image that requires the trait runs on the host that has it
      Given an image "quick" that requires trait CUSTOM_FAST
      When server "web" is booted from flavor "plain" and image "quick"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: A rebuild that needs a trait the host has changes no account
      Given an image "quick" that requires trait CUSTOM_FAST
      And server "web" runs flavor "plain" on host "beta"
      When server "web" is rebuilt from image "quick"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |
      And nothing changes when the periodic runs

    Scenario: A rebuild that needs an absent trait fails and changes no account
      Given an image "quick" that requires trait CUSTOM_FAST
      And server "web" runs flavor "plain" on host "alpha"
      When server "web" is rebuilt from image "quick"
      Then server "web" is ERROR on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
      And nothing changes when the periodic runs

  Rule: Nova keeps the traits an operator added, and adds its own

    Scenario: An operator's trait survives the periodic
      When the periodic runs on host "beta"
      Then host "beta" has trait CUSTOM_FAST
      And host "beta" has trait COMPUTE_NODE

    Scenario: A trait that the operator removed stays away
      Given trait CUSTOM_FAST has been taken off host "beta"
      When the periodic runs on host "beta"
      Then host "beta" lacks trait CUSTOM_FAST

    @disruptive
    Scenario: An operator's trait survives a restart of the compute service
      Given host "beta" is down
      When host "beta" returns
      Then host "beta" has trait CUSTOM_FAST
      And host "beta" has trait COMPUTE_NODE
