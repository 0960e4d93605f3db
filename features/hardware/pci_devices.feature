@lab
Feature: A PCI device is held on a provider of its own
  Where Nova reports PCI devices to Placement, each device, or each SR-IOV card with its virtual functions, is a child of
  its host's resource provider. A flavor names the alias of the devices it requests.

  Background:
    Given a host "alpha" that has PCI devices
    And these flavors
      | flavor    | VCPU | MEMORY_MB | DISK_GB | extra specs                      |
      | plain     |    1 |       512 |       1 |                                  |
      | card      |    1 |       512 |       1 | pci_passthrough:alias=card:1     |
      | functions |    1 |       512 |       1 | pci_passthrough:alias=function:2 |

  Rule: The device is charged, not the host

    @id-3e4c27
    Scenario: A server with a card holds its host and the card
      When server "web" is booted with flavor "card" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_PCI_8086_1533 |
        | server web | alpha      |    1 |       512 |       1 |                    0 |
        | server web | alpha/pci0 |    0 |         0 |       0 |                    1 |

    @id-241e33
    Scenario: Virtual functions are held on the provider of their card
      When server "web" is booted with flavor "functions" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_PCI_8086_1515 |
        | server web | alpha      |    1 |       512 |       1 |                    0 |
        | server web | alpha/pci1 |    0 |         0 |       0 |                    2 |

    @id-ff9fed
    Scenario: Deleting a server frees its devices
      Given server "web" runs flavor "card" on host "alpha"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_PCI_8086_1533 |
        | alpha      |    0 |         0 |       0 |                    0 |
        | alpha/pci0 |    0 |         0 |       0 |                    0 |

  Rule: A device is freed where its server has left

    @id-d4bc6c
    Scenario: An unconfirmed cold migration holds a card on both hosts
      Given a host "beta" that has PCI devices
      And server "web" runs flavor "card" on host "alpha"
      When server "web" is cold migrated
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_PCI_8086_1533 |
        | migration of web | alpha      |    1 |       512 |       1 |                    0 |
        | migration of web | alpha/pci0 |    0 |         0 |       0 |                    1 |
        | server web       | beta       |    1 |       512 |       1 |                    0 |
        | server web       | beta/pci0  |    0 |         0 |       0 |                    1 |

    @id-8273c4
    Scenario: Confirming a resize to a flavor without devices frees them
      Given a host "beta" that has PCI devices
      And server "web" runs flavor "card" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "plain" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |

    @id-b3fd94
    Scenario: Reverting a resize to a flavor with devices frees them
      Given a host "beta" that has PCI devices
      And server "web" runs flavor "plain" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "functions" on host "beta"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @microversion-2.91 @id-e22e93
    Scenario: An unshelved server holds a card of its new host
      Given a host "beta" that has PCI devices
      And server "web" runs flavor "card" on host "alpha"
      And server "web" has been offloaded
      When server "web" is unshelved to host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host      | VCPU | MEMORY_MB | DISK_GB | CUSTOM_PCI_8086_1533 |
        | server web | beta      |    1 |       512 |       1 |                    0 |
        | server web | beta/pci0 |    0 |         0 |       0 |                    1 |

    @id-d804be
    Scenario: A server that is evacuated holds a card of both hosts
      Given a host "beta" that has PCI devices
      And server "web" runs flavor "card" on host "alpha"
      And host "alpha" is down
      When server "web" is evacuated
      Then server "web" is on host "beta"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_PCI_8086_1533 |
        | server web | alpha      |    1 |       512 |       1 |                    0 |
        | server web | alpha/pci0 |    0 |         0 |       0 |                    1 |
        | server web | beta       |    1 |       512 |       1 |                    0 |
        | server web | beta/pci0  |    0 |         0 |       0 |                    1 |

    @id-0d27d2
    Scenario: A host that returns after an evacuation frees its card
      Given a host "beta" that has PCI devices
      And server "web" runs flavor "card" on host "alpha"
      And host "alpha" is down
      And server "web" has been evacuated to host "beta"
      When host "alpha" returns
      Then server "web" is on host "beta"
      And the allocations are
        | consumer   | host      | VCPU | MEMORY_MB | DISK_GB | CUSTOM_PCI_8086_1533 |
        | server web | beta      |    1 |       512 |       1 |                    0 |
        | server web | beta/pci0 |    0 |         0 |       0 |                    1 |

  Rule: A server that moves holds as many devices as before

    @known-moved-server-holds-two-pci-devices @id-bdd9b8
    Scenario: A migrated server holds one card of a host that has several
      Given a host "beta" that has several PCI devices
      And server "web" runs flavor "card" on host "alpha"
      When server "web" is cold migrated
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB | CUSTOM_PCI_8086_1533 |
        | migration of web | alpha |    1 |       512 |       1 |                    1 |
        | server web       | beta  |    1 |       512 |       1 |                    1 |

    @id-f42867
    Scenario: A server that was booted on a host with several cards holds one
      Given a host "beta" that has several PCI devices
      When server "web" is booted with flavor "card" on host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB | CUSTOM_PCI_8086_1533 |
        | server web | beta |    1 |       512 |       1 |                    1 |
