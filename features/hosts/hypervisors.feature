Feature: Hypervisor figures agree with Placement
  Operators also read the usage that each hypervisor reports. It follows every operation without waiting for the periodic
  task of the resource tracker, and still agrees after the periodic task has run.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
    And the hypervisor figures are up to date
    And server "web" runs flavor "small" on host "alpha"

  Rule: A hypervisor counts the servers that it runs

    @id-36f065
    Scenario: An unconfirmed resize is counted on both hypervisors
      When server "web" is resized to flavor "large"
      Then server "web" is VERIFY_RESIZE on another host "beta"
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +2 |     +1024 |      +2 |

    @id-d04acb
    Scenario: Confirming a resize frees the source at once
      Given server "web" has an unconfirmed resize to flavor "large" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +2 |     +1024 |      +2 |

    @id-866dd4
    Scenario: Reverting a resize frees the destination at once
      Given server "web" has an unconfirmed resize to flavor "large" on host "beta"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |

    @id-4caaa1
    Scenario: A deleted server is not counted
      When server "web" is deleted
      Then server "web" is gone
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |    0 |         0 |       0 |

    @id-eed265
    Scenario: An offloaded server is not counted
      Given server "web" has been offloaded
      When server "db" is booted with flavor "large" on host "beta"
      Then server "db" is ACTIVE on host "beta"
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +2 |     +1024 |      +2 |

    @id-70855a
    Scenario: An unshelved server is counted where it runs
      Given server "web" has been offloaded
      When server "web" is unshelved to host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |

  Rule: After the periodic task, a live migration is counted on its new host

    @id-893654
    Scenario: Both hypervisors are up to date after the periodic task
      Given server "web" has been live migrated to host "beta"
      When the periodic task runs on every host
      Then server "web" is ACTIVE on host "beta"
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |

  Rule: A dead host counts its servers until it returns

    @disruptive @id-8a2ce3
    Scenario: An evacuated server is counted on both hosts
      Given host "alpha" is down
      When server "web" is evacuated
      Then server "web" is on another host "beta"
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |   +1 |      +512 |      +1 |

    @disruptive @id-0d8b3b
    Scenario: A host that returns no longer counts an evacuated server
      Given host "alpha" is down
      And server "web" has been evacuated to host "beta"
      When host "alpha" returns
      Then server "web" is on host "beta"
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
        | beta  |   +1 |      +512 |      +1 |

  Rule: Hypervisor figures include the reserved amounts

    @id-f33326
    Scenario: A host counts its servers and its reserved amounts
      When server "db" is booted with flavor "large" on host "alpha"
      Then server "db" is ACTIVE on host "alpha"
      And the hypervisor figures of host "alpha" match its usages plus reserved amounts
      And the hypervisor figures of host "beta" match its usages plus reserved amounts

    @id-058121
    Scenario: A host without servers counts its reserved amounts
      When server "web" is deleted
      Then server "web" is gone
      And the hypervisor figures of host "alpha" match its usages plus reserved amounts
