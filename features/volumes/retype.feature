Feature: A volume that changes its type stays with its server
  Cinder changes the type of an attached volume where it is, or moves it to another back end and has Nova exchange it
  under the running server. Either way the server has one volume, attached on its host, and pays nothing for it.

  Background:
    Given hosts "alpha" and "beta"
    And volume type "plain"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |

  Rule: A volume can change its type where it is

    @id-5b1f0e
    Scenario: An attached volume of another type is attached as before
      Given volume "data" of 1 GB
      And server "web" runs flavor "small" on host "alpha"
      And volume "data" has been attached to server "web"
      When volume "data" is retyped to "plain"
      Then the volumes are
        | volume | status | server | host  | type  |
        | data   | in-use | web    | alpha | plain |
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

  Rule: A volume that moves to another back end is exchanged under its server

    @id-c07a3d
    Scenario: An attached volume moves to another back end
      Given volume type "fast" on another back end
      And volume "data" of 1 GB
      And server "web" runs flavor "small" on host "alpha"
      And volume "data" has been attached to server "web"
      When volume "data" is retyped to "fast"
      Then the volumes are
        | volume | status | server | host  | type |
        | data   | in-use | web    | alpha | fast |
      And server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |

    @id-91e4b2
    Scenario: A root volume moves to another back end
      Given volume type "fast" on another back end
      And bootable volume "root"
      And server "web" runs flavor "small" from volume "root" on host "alpha"
      When volume "root" is retyped to "fast"
      Then the volumes are
        | volume | status | server | host  | type |
        | root   | in-use | web    | alpha | fast |
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       0 |

    @id-e6d570
    Scenario: A volume that has moved is let go with its server
      Given volume type "fast" on another back end
      And volume "data" of 1 GB
      And server "web" runs flavor "small" on host "alpha"
      And volume "data" has been attached to server "web"
      And volume "data" has been retyped to "fast"
      When server "web" is deleted
      Then server "web" is gone
      And the volumes are
        | volume | status    | server | host | type |
        | data   | available |        |      | fast |
      And there are no allocations

    @id-2ac8f4
    Scenario: A volume that has moved goes with its server to another host
      Given volume type "fast" on another back end
      And bootable volume "root"
      And server "web" runs flavor "small" from volume "root" on host "alpha"
      And volume "root" has been retyped to "fast"
      When server "web" is live migrated to host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the volumes are
        | volume | status | server | host | type |
        | root   | in-use | web    | beta | fast |
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       0 |

    @lab @id-7d30c9
    Scenario: The host fails to swap the volume
      Given volume type "fast" on another back end
      And a host "picky" that fails to swap volumes
      And bootable volume "root"
      And server "web" runs flavor "small" from volume "root" on host "picky"
      When volume "root" is retyped to "fast"
      Then server "web" is ACTIVE on host "picky"
      And the volumes are
        | volume | status | server | host  | type        |
        | root   | in-use | web    | picky | __DEFAULT__ |
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | picky |    1 |       512 |       0 |
