@lab
Feature: A device that a host no longer offers leaves its accounts
  When nova-compute starts, it reports the devices that its host has and its configuration enables. A device that is gone
  can no longer be requested; one that a server holds stays charged until the server is deleted.

  Background:
    Given these flavors
      | flavor   | VCPU | MEMORY_MB | DISK_GB | extra specs                  |
      | graphics |    1 |       512 |       1 | resources:VGPU=1             |
      | card     |    1 |       512 |       1 | pci_passthrough:alias=card:1 |

  Rule: What nobody holds is no longer offered

    @known-disabled-virtual-gpus-stay-offered @id-65e973
    Scenario: A GPU whose virtual GPUs are disabled offers none
      Given a host "alpha" that has a virtual GPU
      And host "alpha" is down
      When host "alpha" returns as one that has a GPU without virtual GPUs
      Then host "alpha" and its nested providers have no VGPU

    @known-disabled-virtual-gpus-stay-offered @id-394641
    Scenario: A GPU that was taken out offers no virtual GPUs
      Given a host "alpha" that has a virtual GPU
      And host "alpha" is down
      When host "alpha" returns as one that uses libvirt
      Then host "alpha" and its nested providers have no VGPU

    @id-0d138b
    Scenario: A card that was taken out is not offered
      Given a host "alpha" that has PCI devices
      And host "alpha" is down
      When host "alpha" returns as one that uses libvirt
      Then host "alpha" and its nested providers have no CUSTOM_PCI_8086_1533

    @id-c15ba5
    Scenario: A GPU that was put in offers its virtual GPUs
      Given a host "alpha" that uses libvirt
      And host "alpha" is down
      And host "alpha" is back as one that has a virtual GPU
      When server "web" is booted with flavor "graphics" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | VGPU |
        | server web | alpha      |    1 |       512 |       1 |    0 |
        | server web | alpha/gpu0 |    0 |         0 |       0 |    1 |

  Rule: What a server holds stays charged until it is deleted

    @id-4274d5
    Scenario: A server keeps its card in the accounts when the card is gone
      Given a host "alpha" that has PCI devices
      And server "web" runs flavor "card" on host "alpha"
      And host "alpha" is down
      When host "alpha" returns as one that uses libvirt
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_PCI_8086_1533 |
        | server web | alpha      |    1 |       512 |       1 |                    0 |
        | server web | alpha/pci0 |    0 |         0 |       0 |                    1 |

    @id-0b884a
    Scenario: The card is no longer offered once its server is deleted
      Given a host "alpha" that has PCI devices
      And server "web" runs flavor "card" on host "alpha"
      And host "alpha" is down
      And host "alpha" is back as one that uses libvirt
      And server "web" has been deleted
      When the periodic task runs on host "alpha"
      Then there are no allocations
      And host "alpha" and its nested providers have no CUSTOM_PCI_8086_1533

    @id-653fad
    Scenario: A server keeps its virtual GPU when virtual GPUs are disabled
      Given a host "alpha" that has a virtual GPU
      And server "web" runs flavor "graphics" on host "alpha"
      And host "alpha" is down
      When host "alpha" returns as one that has a GPU without virtual GPUs
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | VGPU |
        | server web | alpha      |    1 |       512 |       1 |    0 |
        | server web | alpha/gpu0 |    0 |         0 |       0 |    1 |

  Rule: A device is free for others as soon as Placement says so

    @known-evacuated-and-deleted-keeps-device @id-b0d1c7
    Scenario: The card of an evacuated and deleted server serves the next one
      Given a host "alpha" that has PCI devices
      And a host "beta" that has PCI devices
      And server "web" runs flavor "card" on host "alpha"
      And host "alpha" is down
      And server "web" has been evacuated to host "beta"
      And server "web" has been deleted
      When server "db" is booted with flavor "card" on host "beta"
      Then server "db" is ACTIVE on host "beta"
      And the allocations are
        | consumer  | host      | VCPU | MEMORY_MB | DISK_GB | CUSTOM_PCI_8086_1533 |
        | server db | beta      |    1 |       512 |       1 |                    0 |
        | server db | beta/pci0 |    0 |         0 |       0 |                    1 |

    @id-ed591f
    Scenario: The card of a server that was deleted serves the next one
      Given a host "alpha" that has PCI devices
      And server "web" runs flavor "card" on host "alpha"
      And server "web" has been deleted
      When server "db" is booted with flavor "card" on host "alpha"
      Then server "db" is ACTIVE on host "alpha"
      And the allocations are
        | consumer  | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_PCI_8086_1533 |
        | server db | alpha      |    1 |       512 |       1 |                    0 |
        | server db | alpha/pci0 |    0 |         0 |       0 |                    1 |
