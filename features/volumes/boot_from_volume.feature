Feature: A server's root volume is its own while it runs, and nobody's afterwards
  Cinder keeps the root disk of such a server. It knows the volume as attached on the server's host, and deletes it with
  the server only if it was asked for so.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | bare   |    1 |       512 |      10 |

  Rule: A volume is attached on the host of the server that boots from it

    @id-1fe85a
    Scenario: A server boots from a volume
      Given bootable volume "root"
      When server "web" is booted with flavor "bare" from volume "root" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the volumes are
        | volume | status | server | host  |
        | root   | in-use | web    | alpha |
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       0 |

    @id-945006
    Scenario: A server boots from a new volume made of the image
      When server "web" is booted with flavor "bare" from new volume "root" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the volumes are
        | volume | status | server | host  |
        | root   | in-use | web    | alpha |
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       0 |

    @id-06c665
    Scenario: Two servers do not boot from one volume
      Given bootable volume "root"
      And server "web" runs flavor "bare" from volume "root" on host "alpha"
      When server "db" is booted with flavor "bare" from volume "root" on host "beta"
      Then the response status is 400
      And the volumes are
        | volume | status | server | host  |
        | root   | in-use | web    | alpha |
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       0 |

  Rule: A volume outlives its server unless it was asked to end with it

    @id-8a56b0
    Scenario: Deleting a server leaves its volume available
      Given bootable volume "root"
      And server "web" runs flavor "bare" from volume "root" on host "alpha"
      When server "web" is deleted
      Then server "web" is gone
      And the volumes are
        | volume | status    | server | host |
        | root   | available |        |      |
      And there are no allocations

    @id-60b7df
    Scenario: Deleting a server deletes a volume that ends with it
      Given bootable volume "root"
      And server "web" runs flavor "bare" from volume "root" that ends with it
      When server "web" is deleted
      Then server "web" is gone
      And there are no volumes
      And there are no allocations

    @id-3f3e37
    Scenario: Deleting a server deletes the volume that was made for it
      Given server "web" runs flavor "bare" from new volume "root" on host "alpha"
      When server "web" is deleted
      Then server "web" is gone
      And there are no volumes
      And there are no allocations

    @disruptive @id-7731cc
    Scenario: Deleting a server whose host is down leaves its volume available
      Given bootable volume "root"
      And server "web" runs flavor "bare" from volume "root" on host "alpha"
      And host "alpha" is down
      When server "web" is deleted
      Then server "web" is gone
      And the volumes are
        | volume | status    | server | host |
        | root   | available |        |      |
      And there are no allocations
