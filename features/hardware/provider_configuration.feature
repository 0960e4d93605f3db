@lab
Feature: Resources of a provider configuration file are allocated like Nova's own
  A file on a compute host adds inventories and traits to its resource provider (Nova, "Managing Resource Providers Using
  Config Files").

  Background:
    Given a host "alpha" that has a provider configuration file
    And these flavors
      | flavor   | VCPU | MEMORY_MB | DISK_GB | extra specs                                              |
      | licensed |    1 |       512 |       1 | resources:CUSTOM_LICENCE=2, trait:CUSTOM_RACK_A=required |

  Rule: A server holds what its flavor requests of them

    @id-45a74c
    Scenario: A booted server holds the resources of the file
      When server "web" is booted with flavor "licensed"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB | CUSTOM_LICENCE |
        | server web | alpha |    1 |       512 |       1 |              2 |

    @id-4c9c7e
    Scenario: An unconfirmed cold migration holds them on both hosts
      Given a host "beta" that has a provider configuration file
      And server "web" runs flavor "licensed" on host "alpha"
      When server "web" is cold migrated
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB | CUSTOM_LICENCE |
        | migration of web | alpha |    1 |       512 |       1 |              2 |
        | server web       | beta  |    1 |       512 |       1 |              2 |

  Rule: The periodic task keeps them

    @id-60bf56
    Scenario: The traits of the file are kept beside those of the driver
      When the periodic task runs on host "alpha"
      Then host "alpha" has trait CUSTOM_RACK_A
      And host "alpha" has trait COMPUTE_NODE
