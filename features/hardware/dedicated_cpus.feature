@lab
Feature: Dedicated CPUs are counted as PCPU
  A dedicated CPU is not shared between servers, so Placement counts it separately from shared CPUs (VCPU).

  Background:
    Given a host "alpha" that has dedicated CPUs
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs                                  |
      | shared |    2 |       512 |       1 |                                              |
      | pinned |    2 |       512 |       1 | hw:cpu_policy=dedicated                      |
      | mixed  |    4 |      1024 |       2 | hw:cpu_policy=mixed, hw:cpu_dedicated_mask=3 |

  Rule: The CPU policy of the flavor determines the resource class

    @id-06257a
    Scenario Outline: A server <with> holds the matching resource classes
      Given these flavors
        | flavor   | VCPU | MEMORY_MB | DISK_GB | extra specs   |
        | peculiar |    4 |       512 |       1 | <extra specs> |
      When server "web" is booted with flavor "peculiar" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU   | MEMORY_MB | DISK_GB | PCPU   |
        | server web | alpha | <VCPU> |       512 |       1 | <PCPU> |

      Examples: Policies that Nova translates
        | with                             | extra specs                                                                        | VCPU | PCPU |
        | without a policy                 |                                                                                    |    4 |    0 |
        | with dedicated CPUs              | hw:cpu_policy=dedicated                                                            |    0 |    4 |
        | with one more for the emulator   | hw:cpu_policy=dedicated, hw:emulator_threads_policy=isolate                        |    0 |    5 |
        | with a shared emulator           | hw:cpu_policy=dedicated, hw:emulator_threads_policy=share                          |    0 |    4 |
        | with one of four dedicated       | hw:cpu_policy=mixed, hw:cpu_dedicated_mask=3                                       |    3 |    1 |
        | with a mixed policy and one more | hw:cpu_policy=mixed, hw:cpu_dedicated_mask=2-3, hw:emulator_threads_policy=isolate |    2 |    3 |
        | with both threads of each core   | hw:cpu_policy=dedicated, hw:cpu_thread_policy=require                              |    0 |    4 |
        | with PCPU named in the flavor    | resources:PCPU=4                                                                   |    0 |    4 |

    @id-93ec69
    Scenario: A server that is alone on its cores holds only the CPUs of its flavor
      Given a host "beta" that has dedicated CPUs without hyperthreading
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs                                           |
        | alone  |    2 |       512 |       1 | hw:cpu_policy=dedicated, hw:cpu_thread_policy=isolate |
      When server "web" is booted with flavor "alone"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB | PCPU |
        | server web | beta |    0 |       512 |       1 |    2 |

  Rule: Resizing between CPU policies frees the CPUs of the old flavor

    @id-1aef96
    Scenario: An unconfirmed resize holds both kinds of CPU
      Given a host "beta" that has dedicated CPUs
      And server "web" runs flavor "pinned" on host "alpha"
      When server "web" is resized to flavor "shared"
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB | PCPU |
        | migration of web | alpha |    0 |       512 |       1 |    2 |
        | server web       | beta  |    2 |       512 |       1 |    0 |

    @id-2a7586
    Scenario: Confirming the resize frees the dedicated CPUs
      Given a host "beta" that has dedicated CPUs
      And server "web" runs flavor "pinned" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "shared" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB | PCPU |
        | server web | beta |    2 |       512 |       1 |    0 |

    @id-9a28bf
    Scenario: Reverting the resize frees both kinds of CPU on the destination
      Given a host "beta" that has dedicated CPUs
      And server "web" runs flavor "shared" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "mixed" on host "beta"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB | PCPU |
        | server web | alpha |    2 |       512 |       1 |    0 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB | PCPU |
        | alpha |   +2 |      +512 |      +1 |    0 |
        | beta  |    0 |         0 |       0 |    0 |

  Rule: A server takes its dedicated CPUs along when it moves

    @id-1fe4ed
    Scenario Outline: Confirming a cold migration moves the CPUs of a <kind> server
      Given a host "beta" that has dedicated CPUs
      And server "web" runs flavor "<kind>" on host "alpha"
      And server "web" has an unconfirmed migration to host "beta"
      When the migration of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU   | MEMORY_MB   | DISK_GB   | PCPU   |
        | server web | beta | <VCPU> | <MEMORY_MB> | <DISK_GB> | <PCPU> |

      Examples: CPU policies
        | kind   | VCPU | MEMORY_MB | DISK_GB | PCPU |
        | pinned |    0 |       512 |       1 |    2 |
        | mixed  |    3 |      1024 |       2 |    1 |

    @id-96b074
    Scenario: A live migration frees the dedicated CPUs of the source
      Given a host "beta" that has dedicated CPUs
      And server "web" runs flavor "mixed" on host "alpha"
      When server "web" is live migrated
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB | PCPU |
        | server web | beta |    3 |      1024 |       2 |    1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB | PCPU |
        | alpha |    0 |         0 |       0 |    0 |
        | beta  |   +3 |     +1024 |      +2 |   +1 |

    @id-f9b371
    Scenario: A server that is evacuated holds dedicated CPUs of both hosts
      Given a host "beta" that has dedicated CPUs
      And server "web" runs flavor "mixed" on host "alpha"
      And host "alpha" is down
      When server "web" is evacuated
      Then server "web" is on host "beta"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB | PCPU |
        | server web | alpha |    3 |      1024 |       2 |    1 |
        | server web | beta  |    3 |      1024 |       2 |    1 |

    @id-69906b
    Scenario: A host that returns after an evacuation frees its dedicated CPUs
      Given a host "beta" that has dedicated CPUs
      And server "web" runs flavor "pinned" on host "alpha"
      And host "alpha" is down
      And server "web" has been evacuated to host "beta"
      When host "alpha" returns
      Then server "web" is on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB | PCPU |
        | server web | beta |    0 |       512 |       1 |    2 |

    @microversion-2.91 @id-9d8730
    Scenario: An unshelved server holds dedicated CPUs of its new host
      Given a host "beta" that has dedicated CPUs
      And server "web" runs flavor "pinned" on host "alpha"
      And server "web" has been offloaded
      When server "web" is unshelved to host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB | PCPU |
        | server web | beta |    0 |       512 |       1 |    2 |

  Rule: Dedicated CPUs are free once their server is gone

    @id-9d964e
    Scenario: Offloading a server frees its dedicated CPUs
      Given server "web" runs flavor "pinned" on host "alpha"
      When server "web" is shelved and offloaded
      Then server "web" is SHELVED_OFFLOADED without a host
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB | PCPU |
        | alpha |    0 |         0 |       0 |    0 |

    @id-574214
    Scenario: Deleting a server with an unconfirmed resize frees all dedicated CPUs
      Given a host "beta" that has dedicated CPUs
      And server "web" runs flavor "pinned" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "mixed" on host "beta"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB | PCPU |
        | alpha |    0 |         0 |       0 |    0 |
        | beta  |    0 |         0 |       0 |    0 |
