@lab @whole-cloud
Feature: Resizing a server on its own host holds the hardware of both flavors
  While the resize is unconfirmed, the migration holds the CPUs and devices of the old flavor, and the server those of the
  new one, on the same host.

  Background:
    Given resizing to the same host is allowed
    And these flavors
      | flavor    | VCPU | MEMORY_MB | DISK_GB | extra specs                      |
      | plain     |    1 |       512 |       1 |                                  |
      | pinned    |    2 |       512 |       1 | hw:cpu_policy=dedicated          |
      | graphics  |    1 |       512 |       1 | resources:VGPU=1                 |
      | display   |    2 |      1024 |       2 | resources:VGPU=1                 |
      | card      |    1 |       512 |       1 | pci_passthrough:alias=card:1     |
      | functions |    1 |       512 |       1 | pci_passthrough:alias=function:2 |

  Rule: An unconfirmed resize holds the hardware of both flavors

    @id-3db24a
    Scenario: Dedicated CPUs of the old flavor stay charged beside shared ones
      Given a host "alpha" that has dedicated CPUs
      And server "web" runs flavor "pinned" on host "alpha"
      When server "web" is resized to flavor "plain"
      Then server "web" is VERIFY_RESIZE on host "alpha"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB | PCPU |
        | migration of web | alpha |    0 |       512 |       1 |    2 |
        | server web       | alpha |    1 |       512 |       1 |    0 |

    @id-f797e8
    Scenario: Two virtual GPUs are held on one GPU
      Given a host "alpha" that has a virtual GPU
      And server "web" runs flavor "graphics" on host "alpha"
      When server "web" is resized to flavor "display"
      Then server "web" is VERIFY_RESIZE on host "alpha"
      And the allocations are
        | consumer         | host       | VCPU | MEMORY_MB | DISK_GB | VGPU |
        | migration of web | alpha      |    1 |       512 |       1 |    0 |
        | migration of web | alpha/gpu0 |    0 |         0 |       0 |    1 |
        | server web       | alpha      |    2 |      1024 |       2 |    0 |
        | server web       | alpha/gpu0 |    0 |         0 |       0 |    1 |

    @id-06f6b5
    Scenario: The card of the old flavor stays charged beside virtual functions
      Given a host "alpha" that has PCI devices
      And server "web" runs flavor "card" on host "alpha"
      When server "web" is resized to flavor "functions"
      Then server "web" is VERIFY_RESIZE on host "alpha"
      And the allocations are
        | consumer         | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_PCI_8086_1533 | CUSTOM_PCI_8086_1515 |
        | migration of web | alpha      |    1 |       512 |       1 |                    0 |                    0 |
        | migration of web | alpha/pci0 |    0 |         0 |       0 |                    1 |                    0 |
        | server web       | alpha      |    1 |       512 |       1 |                    0 |                    0 |
        | server web       | alpha/pci1 |    0 |         0 |       0 |                    0 |                    2 |

  Rule: Confirming or reverting leaves the hardware of one flavor

    @id-ff7478
    Scenario: Confirming the resize frees the dedicated CPUs
      Given a host "alpha" that has dedicated CPUs
      And server "web" runs flavor "pinned" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "plain" on host "alpha"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB | PCPU |
        | server web | alpha |    1 |       512 |       1 |    0 |

    @id-1339bc
    Scenario: Confirming the resize frees one of two virtual GPUs
      Given a host "alpha" that has a virtual GPU
      And server "web" runs flavor "graphics" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "display" on host "alpha"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | VGPU |
        | server web | alpha      |    2 |      1024 |       2 |    0 |
        | server web | alpha/gpu0 |    0 |         0 |       0 |    1 |

    @id-93ee5a
    Scenario: Reverting the resize frees the virtual functions
      Given a host "alpha" that has PCI devices
      And server "web" runs flavor "card" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "functions" on host "alpha"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | CUSTOM_PCI_8086_1533 | CUSTOM_PCI_8086_1515 |
        | server web | alpha      |    1 |       512 |       1 |                    0 |                    0 |
        | server web | alpha/pci0 |    0 |         0 |       0 |                    1 |                    0 |

    @id-de3189
    Scenario: Deleting the server frees the hardware of both flavors
      Given a host "alpha" that has dedicated CPUs
      And server "web" runs flavor "plain" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "pinned" on host "alpha"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
