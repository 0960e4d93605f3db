@lab
Feature: A virtual GPU is held on the provider of its physical GPU
  Each GPU that Nova divides into mediated devices is a child of its host's resource provider. A server holds its virtual
  GPU there, and everything else on the host.

  Background:
    Given a host "alpha" that has a virtual GPU
    And these flavors
      | flavor   | VCPU | MEMORY_MB | DISK_GB | extra specs      |
      | plain    |    1 |       512 |       1 |                  |
      | graphics |    1 |       512 |       1 | resources:VGPU=1 |

  Rule: The GPU is charged, not the host

    @id-9f7ee4
    Scenario: A server with a virtual GPU holds its host and the GPU
      When server "web" is booted with flavor "graphics" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | VGPU |
        | server web | alpha      |    1 |       512 |       1 |    0 |
        | server web | alpha/gpu0 |    0 |         0 |       0 |    1 |
      And the usages have changed by
        | host       | VCPU | MEMORY_MB | DISK_GB | VGPU |
        | alpha      |   +1 |      +512 |      +1 |    0 |
        | alpha/gpu0 |    0 |         0 |       0 |   +1 |

    @id-91c7de
    Scenario: Virtual GPUs of another class are held on the GPU that has them
      Given a host "beta" that has two kinds of virtual GPUs
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs                |
        | big    |    1 |       512 |       1 | resources:CUSTOM_BIG_GPU=1 |
      When server "web" is booted with flavor "big"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host      | VCPU | MEMORY_MB | DISK_GB | CUSTOM_BIG_GPU |
        | server web | beta      |    1 |       512 |       1 |              0 |
        | server web | beta/gpu1 |    0 |         0 |       0 |              1 |

    @id-945777
    Scenario: Deleting a server frees its virtual GPU
      Given server "web" runs flavor "graphics" on host "alpha"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host       | VCPU | MEMORY_MB | DISK_GB | VGPU |
        | alpha      |    0 |         0 |       0 |    0 |
        | alpha/gpu0 |    0 |         0 |       0 |    0 |

  Rule: A virtual GPU is freed where its server has left

    @id-03097e
    Scenario: An unconfirmed cold migration holds a virtual GPU on both hosts
      Given a host "beta" that has a virtual GPU
      And server "web" runs flavor "graphics" on host "alpha"
      When server "web" is cold migrated
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host       | VCPU | MEMORY_MB | DISK_GB | VGPU |
        | migration of web | alpha      |    1 |       512 |       1 |    0 |
        | migration of web | alpha/gpu0 |    0 |         0 |       0 |    1 |
        | server web       | beta       |    1 |       512 |       1 |    0 |
        | server web       | beta/gpu0  |    0 |         0 |       0 |    1 |

    @id-dc9427
    Scenario: Confirming a cold migration frees the virtual GPU of the source
      Given a host "beta" that has a virtual GPU
      And server "web" runs flavor "graphics" on host "alpha"
      And server "web" has an unconfirmed migration to host "beta"
      When the migration of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host      | VCPU | MEMORY_MB | DISK_GB | VGPU |
        | server web | beta      |    1 |       512 |       1 |    0 |
        | server web | beta/gpu0 |    0 |         0 |       0 |    1 |

    @id-e049ab
    Scenario: Reverting a resize to a flavor with a virtual GPU frees it
      Given a host "beta" that has a virtual GPU
      And server "web" runs flavor "plain" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "graphics" on host "beta"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @id-db06f5
    Scenario: Confirming a resize to a flavor without a virtual GPU frees it
      Given a host "beta" that has a virtual GPU
      And server "web" runs flavor "graphics" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "plain" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |

    @id-88066e
    Scenario: A live migration frees the virtual GPU of the source
      Given a host "beta" that has a virtual GPU
      And server "web" runs flavor "graphics" on host "alpha"
      When server "web" is live migrated
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host      | VCPU | MEMORY_MB | DISK_GB | VGPU |
        | server web | beta      |    1 |       512 |       1 |    0 |
        | server web | beta/gpu0 |    0 |         0 |       0 |    1 |

    @microversion-2.91 @id-c6aa22
    Scenario: An unshelved server holds a virtual GPU of its new host
      Given a host "beta" that has a virtual GPU
      And server "web" runs flavor "graphics" on host "alpha"
      And server "web" has been offloaded
      When server "web" is unshelved to host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host      | VCPU | MEMORY_MB | DISK_GB | VGPU |
        | server web | beta      |    1 |       512 |       1 |    0 |
        | server web | beta/gpu0 |    0 |         0 |       0 |    1 |

  Rule: An evacuated server holds a virtual GPU of each host

    @known-virtual-gpu-is-not-evacuated @id-6eea87
    Scenario: A server with a virtual GPU is evacuated
      Given a host "beta" that has a virtual GPU
      And server "web" runs flavor "graphics" on host "alpha"
      And host "alpha" is down
      When server "web" is evacuated
      Then server "web" is on host "beta"
      And the allocations are
        | consumer   | host       | VCPU | MEMORY_MB | DISK_GB | VGPU |
        | server web | alpha      |    1 |       512 |       1 |    0 |
        | server web | alpha/gpu0 |    0 |         0 |       0 |    1 |
        | server web | beta       |    1 |       512 |       1 |    0 |
        | server web | beta/gpu0  |    0 |         0 |       0 |    1 |
