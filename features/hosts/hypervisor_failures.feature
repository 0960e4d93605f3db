@lab
Feature: Hypervisor figures exclude servers that a host failed to take
  A hypervisor counts a server from the moment the server claims its resources. A host that then fails releases the claim
  at once, in its own figures as well as in Placement.

  Background:
    Given host "alpha"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |

  Rule: A server that a host failed to start is not counted there

    @id-9a86ce
    Scenario: A server whose build was aborted is not counted
      Given a host "picky" that aborts builds
      And the hypervisor figures are up to date
      When server "web" is booted with flavor "small" on host "picky"
      Then server "web" is ERROR with fault "Build of instance"
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | picky |    0 |         0 |       0 |

    @id-15e8c4
    Scenario: A server rescheduled to another host is counted only there
      Given a host "flaky" that is preferred by the scheduler but fails to start servers
      And the hypervisor figures are up to date
      When server "web" is booted with flavor "small"
      Then server "web" is ACTIVE on host "alpha"
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | flaky |    0 |         0 |       0 |
        | alpha |   +1 |      +512 |      +1 |

    @id-e71e31
    Scenario: A server that failed to unshelve is not counted
      Given a host "weak" that fails to start unshelved servers
      And the hypervisor figures are up to date
      And server "web" runs flavor "small" on host "alpha"
      And server "web" has been offloaded
      When server "web" is unshelved to host "weak"
      Then server "web" is SHELVED_OFFLOADED without a host
      And the hypervisor figures have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | weak |    0 |         0 |       0 |

  Rule: A refused move is counted where the server stays

    @id-1256a9
    Scenario: A resize is not counted on the host that refused it
      Given a host "full" that is preferred by the scheduler but refuses the claim of a move
      And the hypervisor figures are up to date
      And server "web" runs flavor "small" on host "alpha"
      When server "web" is resized to flavor "large"
      Then server "web" is ERROR on host "alpha"
      And the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | full  |    0 |         0 |       0 |
        | alpha |   +1 |      +512 |      +1 |
