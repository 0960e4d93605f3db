Feature: A server with an accelerator moves only by being rebuilt
  Nova refuses to resize, cold migrate or live migrate it, and changes nothing. Unshelving and evacuation build it anew,
  with accelerators of its new host.

  Background:
    Given hosts "alpha" and "beta"
    And device profile "card" of 1 FPGA
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs               |
      | fast   |    1 |       512 |       1 | accel:device_profile=card |
      | plain  |    2 |      1024 |       2 |                           |
    And server "web" runs flavor "fast" on host "alpha"

  Rule: A move that is refused changes nothing

    @id-67e744
    Scenario: A resize is refused
      When server "web" is resized to flavor "plain"
      Then the response status is 400
      And the allocations are
        | consumer   | host               | VCPU | MEMORY_MB | DISK_GB | FPGA |
        | server web | alpha              |    1 |       512 |       1 |    0 |
        | server web | alpha/accelerator0 |    0 |         0 |       0 |    1 |
      And the accelerator requests are
        | server | host  | state |
        | web    | alpha | Bound |

    @id-309b75
    Scenario: A cold migration is refused
      When server "web" is cold migrated
      Then the response status is 400
      And the allocations are
        | consumer   | host               | VCPU | MEMORY_MB | DISK_GB | FPGA |
        | server web | alpha              |    1 |       512 |       1 |    0 |
        | server web | alpha/accelerator0 |    0 |         0 |       0 |    1 |
      And the accelerator requests are
        | server | host  | state |
        | web    | alpha | Bound |

    @id-25a5ca
    Scenario: A live migration is refused
      When server "web" is live migrated to host "beta"
      Then the response status is 400
      And the allocations are
        | consumer   | host               | VCPU | MEMORY_MB | DISK_GB | FPGA |
        | server web | alpha              |    1 |       512 |       1 |    0 |
        | server web | alpha/accelerator0 |    0 |         0 |       0 |    1 |
      And the accelerator requests are
        | server | host  | state |
        | web    | alpha | Bound |

  Rule: An offloaded server has no accelerators

    @id-3c863b
    Scenario: Offloading a server frees its accelerators
      When server "web" is shelved and offloaded
      Then server "web" is SHELVED_OFFLOADED without a host
      And there are no allocations
      And there are no accelerator requests

    @microversion-2.91 @id-f26dbd
    Scenario: An unshelved server has an accelerator of its new host
      Given server "web" has been offloaded
      When server "web" is unshelved to host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host              | VCPU | MEMORY_MB | DISK_GB | FPGA |
        | server web | beta              |    1 |       512 |       1 |    0 |
        | server web | beta/accelerator0 |    0 |         0 |       0 |    1 |
      And the accelerator requests are
        | server | host | state |
        | web    | beta | Bound |

  Rule: An evacuated server holds accelerators of both hosts until its old host returns

    @disruptive @id-1d6098
    Scenario: Only the new host's accelerator is bound
      Given host "alpha" is down
      When server "web" is evacuated
      Then server "web" is on another host "beta"
      And the allocations are
        | consumer   | host               | VCPU | MEMORY_MB | DISK_GB | FPGA |
        | server web | alpha              |    1 |       512 |       1 |    0 |
        | server web | alpha/accelerator0 |    0 |         0 |       0 |    1 |
        | server web | beta               |    1 |       512 |       1 |    0 |
        | server web | beta/accelerator0  |    0 |         0 |       0 |    1 |
      And the accelerator requests are
        | server | host | state |
        | web    | beta | Bound |

    @disruptive @id-dd9f3a
    Scenario: The old host's accelerator is freed when it returns
      Given host "alpha" is down
      And server "web" has been evacuated to host "beta"
      When host "alpha" returns
      Then server "web" is on host "beta"
      And the allocations are
        | consumer   | host              | VCPU | MEMORY_MB | DISK_GB | FPGA |
        | server web | beta              |    1 |       512 |       1 |    0 |
        | server web | beta/accelerator0 |    0 |         0 |       0 |    1 |
      And the accelerator requests are
        | server | host | state |
        | web    | beta | Bound |
