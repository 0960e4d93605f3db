@lab
Feature: Whatever fails, volumes are where their server is
  A volume is attached on the host that Nova reports for its server, or available once the server has none; it is never
  left on a host that failed, nor between two states.

  Background:
    Given bootable volume "root"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |      10 |
      | large  |    2 |      1024 |      20 |

  Rule: A host that could not start a server has no volume

    @id-7620be
    Scenario: The volume of a server that failed to build is available
      Given a host "picky" that aborts builds
      When server "web" is booted with flavor "small" from volume "root" on host "picky"
      Then server "web" is ERROR with fault "Build of instance"
      And the volumes are
        | volume | status    | server | host |
        | root   | available |        |      |
      And there are no allocations

    @id-17116b
    Scenario: The host that starts the server in the end has its volume
      Given a host "flaky" that is preferred by the scheduler but fails to start servers
      And host "beta"
      When server "web" is booted with flavor "small" from volume "root"
      Then server "web" is ACTIVE on host "beta"
      And the volumes are
        | volume | status | server | host |
        | root   | in-use | web    | beta |
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       0 |

    @microversion-2.91 @id-76fd1f
    Scenario: The volume of a server that could not be unshelved stays reserved
      Given a host "weak" that fails to start unshelved servers
      And server "web" runs flavor "small" from volume "root" on host "weak"
      And server "web" has been offloaded
      When server "web" is unshelved to host "weak"
      Then server "web" is SHELVED_OFFLOADED without a host
      And the volumes are
        | volume | status   | server | host |
        | root   | reserved | web    |      |
      And there are no allocations

  Rule: A failed resize leaves the volume where it stopped

    @id-778457
    Scenario: The source fails to start the resize
      Given a host "stuck" that fails to start outgoing resizes
      And host "beta"
      And server "web" runs flavor "small" from volume "root" on host "stuck"
      When server "web" is resized to flavor "large"
      Then server "web" is ERROR on host "stuck"
      And the volumes are
        | volume | status | server | host  |
        | root   | in-use | web    | stuck |
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | stuck |    1 |       512 |       0 |

    @known-failed-resize-leaves-volume-attaching @id-06e7fb
    Scenario: The destination fails to finish the resize
      Given a host "broken" that fails to finish resizes
      And host "alpha"
      And server "web" runs flavor "small" from volume "root" on host "alpha"
      When server "web" is resized to flavor "large"
      Then server "web" is ERROR on host "broken"
      And the volumes are
        | volume | status | server | host   |
        | root   | in-use | web    | broken |
      And the allocations are
        | consumer   | host   | VCPU | MEMORY_MB | DISK_GB |
        | server web | broken |    2 |      1024 |       0 |

  Rule: A failed live migration leaves the volume on the source

    @id-459d51
    Scenario: The destination fails to prepare
      Given a host "broken" that fails to prepare for live migration
      And host "alpha"
      And server "web" runs flavor "small" from volume "root" on host "alpha"
      When server "web" is live migrated to host "broken"
      Then server "web" is ACTIVE on host "alpha"
      And the volumes are
        | volume | status | server | host  |
        | root   | in-use | web    | alpha |
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       0 |

    @id-7c6441
    Scenario: The migration fails midway
      Given a host "broken" that fails live migrations midway
      And host "beta"
      And server "web" runs flavor "small" from volume "root" on host "broken"
      When server "web" is live migrated to host "beta"
      Then server "web" is ACTIVE on host "broken"
      And the volumes are
        | volume | status | server | host   |
        | root   | in-use | web    | broken |
      And the allocations are
        | consumer   | host   | VCPU | MEMORY_MB | DISK_GB |
        | server web | broken |    1 |       512 |       0 |

    @id-aafa15
    Scenario: The migration is aborted
      Given a host "slow" that live migrates slowly
      And a host "beta" that behaves normally
      And server "web" runs flavor "small" from volume "root" on host "slow"
      And server "web" is live migrating to host "beta"
      When the live migration of server "web" is aborted
      Then server "web" is ACTIVE on host "slow"
      And the volumes are
        | volume | status | server | host |
        | root   | in-use | web    | slow |
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | slow |    1 |       512 |       0 |

  Rule: A failed evacuation leaves the volume on the dead host

    @disruptive @id-be1d3a
    Scenario: The destination refuses the claim
      Given host "alpha"
      And a host "full" that refuses the claim of evacuated servers
      And server "web" runs flavor "small" from volume "root" on host "alpha"
      And host "alpha" is down
      When server "web" is evacuated to host "full"
      Then server "web" is ACTIVE on host "alpha"
      And the volumes are
        | volume | status | server | host  |
        | root   | in-use | web    | alpha |
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       0 |

    @disruptive @known-failed-evacuation-takes-volumes-along @id-a7d6cf
    Scenario: The destination fails to rebuild the server
      Given host "alpha"
      And a host "broken" that fails to rebuild servers
      And server "web" runs flavor "small" from volume "root" on host "alpha"
      And host "alpha" is down
      When server "web" is evacuated to host "broken"
      Then server "web" is ERROR on host "alpha"
      And the volumes are
        | volume | status | server | host  |
        | root   | in-use | web    | alpha |
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       0 |

  Rule: What Cinder refuses is not attached

    @whole-cloud @id-967b68
    Scenario: Cinder refuses to connect the volume of a new server
      Given host "alpha"
      And Cinder refuses to connect the next volume
      When server "web" is booted with flavor "small" from volume "root" on host "alpha"
      Then server "web" is ERROR with fault "Build of instance"
      And Cinder has refused the request
      And the volumes are
        | volume | status    | server | host |
        | root   | available |        |      |
      And there are no allocations

    @whole-cloud @id-14071e
    Scenario: Cinder refuses to complete an attachment
      Given host "alpha"
      And server "web" runs flavor "small" on host "alpha"
      And Cinder refuses to complete the next attachment
      When volume "root" is attached to server "web"
      Then server "web" is ACTIVE on host "alpha"
      And Cinder has refused the request
      And the volumes are
        | volume | status    | server | host |
        | root   | available |        |      |

    @whole-cloud @known-refused-disconnection-leaves-volume-detaching @id-69a40f
    Scenario: Cinder refuses to disconnect a volume
      Given host "alpha"
      And server "web" runs flavor "small" on host "alpha"
      And volume "root" has been attached to server "web"
      And Cinder refuses to disconnect the next volume
      When volume "root" is detached from server "web"
      Then server "web" is ACTIVE on host "alpha"
      And Cinder has refused the request
      And the volumes are
        | volume | status | server | host  |
        | root   | in-use | web    | alpha |

    @whole-cloud @id-ebb311
    Scenario: Cinder refuses an attachment to the destination
      Given hosts "alpha" and "beta"
      And server "web" runs flavor "small" from volume "root" on host "alpha"
      And Cinder refuses to create the next attachment
      When server "web" is live migrated to host "beta"
      Then server "web" is ACTIVE on host "alpha"
      And Cinder has refused the request
      And the volumes are
        | volume | status | server | host  |
        | root   | in-use | web    | alpha |
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       0 |

    @whole-cloud @id-757a66
    Scenario: Cinder refuses an attachment to a new server
      Given host "alpha"
      And Cinder refuses to create the next attachment
      When server "web" is booted with flavor "small" from volume "root" on host "alpha"
      Then the response status is 400
      And Cinder has refused the request
      And the volumes are
        | volume | status    | server | host |
        | root   | available |        |      |
      And there are no allocations
