Feature: An accelerator is held on its own provider, and bound on the server's host
  A flavor asks for accelerators by a device profile. Placement charges the provider of the device, below the host, and
  Cyborg binds each accelerator for the server there.

  Background:
    Given hosts "alpha" and "beta"
    And device profile "card" of 1 FPGA
    And device profile "pair" of 2 FPGA
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs               |
      | fast   |    1 |       512 |       1 | accel:device_profile=card |
      | faster |    1 |       512 |       1 | accel:device_profile=pair |
      | plain  |    2 |      1024 |       2 |                           |

  Rule: The device is charged, not the host

    @id-023a32
    Scenario: A server with an accelerator holds its host and the device
      When server "web" is booted with flavor "fast" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host               | VCPU | MEMORY_MB | DISK_GB | FPGA |
        | server web | alpha              |    1 |       512 |       1 |    0 |
        | server web | alpha/accelerator0 |    0 |         0 |       0 |    1 |
      And the usages have changed by
        | host               | VCPU | MEMORY_MB | DISK_GB | FPGA |
        | alpha              |   +1 |      +512 |      +1 |    0 |
        | alpha/accelerator0 |    0 |         0 |       0 |   +1 |
        | beta               |    0 |         0 |       0 |    0 |
        | beta/accelerator0  |    0 |         0 |       0 |    0 |
      And the accelerator requests are
        | server | host  | state |
        | web    | alpha | Bound |

    @id-d2ae21
    Scenario: Two accelerators are two requests
      When server "web" is booted with flavor "faster" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host               | VCPU | MEMORY_MB | DISK_GB | FPGA |
        | server web | alpha              |    1 |       512 |       1 |    0 |
        | server web | alpha/accelerator0 |    0 |         0 |       0 |    2 |
      And the accelerator requests are
        | server | host  | state |
        | web    | alpha | Bound |
        | web    | alpha | Bound |

    @id-f7c986
    Scenario: A server without a device profile holds no accelerator
      When server "web" is booted with flavor "plain" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB | FPGA |
        | server web | alpha |    2 |      1024 |       2 |    0 |
      And there are no accelerator requests

    @id-706333
    Scenario: More accelerators than any device has
      Given device profile "farm" of 100000 FPGA
      And these flavors
        | flavor  | VCPU | MEMORY_MB | DISK_GB | extra specs               |
        | fastest |    1 |       512 |       1 | accel:device_profile=farm |
      When server "web" is booted with flavor "fastest"
      Then server "web" is ERROR with fault "No valid host was found"
      And there are no allocations
      And there are no accelerator requests

  Rule: A server that ends frees its accelerators

    @id-a85c57
    Scenario: Deleting a server frees its accelerators
      Given server "web" runs flavor "faster" on host "alpha"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And there are no accelerator requests

    @id-a0262b
    Scenario: A stopped server keeps its accelerators
      Given server "web" runs flavor "fast" on host "alpha"
      When server "web" is shut off
      Then server "web" is SHUTOFF on host "alpha"
      And the allocations are
        | consumer   | host               | VCPU | MEMORY_MB | DISK_GB | FPGA |
        | server web | alpha              |    1 |       512 |       1 |    0 |
        | server web | alpha/accelerator0 |    0 |         0 |       0 |    1 |
      And the accelerator requests are
        | server | host  | state |
        | web    | alpha | Bound |

    @disruptive @id-eaf3cf
    Scenario: Deleting a server whose host is down frees its accelerators
      Given server "web" runs flavor "fast" on host "alpha"
      And host "alpha" is down
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And there are no accelerator requests
