@lab
Feature: A server that could not be built has no accelerator
  Neither what Placement charges nor what Cyborg has bound outlives a build that failed.

  Rule: A host that failed keeps no accelerator

    @id-fc2864
    Scenario: An aborted build frees the accelerator
      Given a host "picky" that aborts builds
      And device profile "card" of 1 FPGA
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs               |
        | fast   |    1 |       512 |       1 | accel:device_profile=card |
      When server "web" is booted with flavor "fast" on host "picky"
      Then server "web" is ERROR with fault "Build of instance"
      And there are no allocations
      And there are no accelerator requests

    @id-1f0628
    Scenario: The next host's accelerator is bound
      Given a host "flaky" that is preferred by the scheduler but fails to start servers
      And host "beta"
      And device profile "card" of 1 FPGA
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs               |
        | fast   |    1 |       512 |       1 | accel:device_profile=card |
      When server "web" is booted with flavor "fast"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host              | VCPU | MEMORY_MB | DISK_GB | FPGA |
        | server web | beta              |    1 |       512 |       1 |    0 |
        | server web | beta/accelerator0 |    0 |         0 |       0 |    1 |
      And the accelerator requests are
        | server | host | state |
        | web    | beta | Bound |

    @microversion-2.91 @known-failed-unshelving-keeps-accelerator-bound @id-b7feae
    Scenario: A server that could not be unshelved has no accelerator
      Given a host "weak" that fails to start unshelved servers
      And device profile "card" of 1 FPGA
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs               |
        | fast   |    1 |       512 |       1 | accel:device_profile=card |
      And server "web" runs flavor "fast" on host "weak"
      And server "web" has been offloaded
      When server "web" is unshelved to host "weak"
      Then server "web" is SHELVED_OFFLOADED without a host
      And there are no allocations
      And there are no accelerator requests

    @disruptive @known-failed-evacuation-keeps-accelerator-bound @id-1e20a2
    Scenario: A failed evacuation charges no accelerator of the new host
      Given host "alpha"
      And a host "broken" that fails to rebuild servers
      And device profile "card" of 1 FPGA
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs               |
        | fast   |    1 |       512 |       1 | accel:device_profile=card |
      And server "web" runs flavor "fast" on host "alpha"
      And host "alpha" is down
      When server "web" is evacuated to host "broken"
      Then server "web" is ERROR on host "alpha"
      And the allocations are
        | consumer   | host               | VCPU | MEMORY_MB | DISK_GB | FPGA |
        | server web | alpha              |    1 |       512 |       1 |    0 |
        | server web | alpha/accelerator0 |    0 |         0 |       0 |    1 |

  Rule: What Cyborg refuses to bind is not charged

    @whole-cloud @known-refused-accelerator-keeps-host @id-496869
    Scenario: Cyborg refuses to bind the accelerator of a new server
      Given host "alpha"
      And device profile "card" of 1 FPGA
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs               |
        | fast   |    1 |       512 |       1 | accel:device_profile=card |
      And Cyborg refuses the next binding
      When server "web" is booted with flavor "fast" on host "alpha"
      Then server "web" is ERROR with fault "Failed to bind accelerator requests"
      And Cyborg has refused the request
      And there are no allocations
      And there are no accelerator requests
