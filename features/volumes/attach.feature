Feature: An attached volume is nothing that a host pays for
  Nova attaches a volume to a server, and Cinder knows on which host. Whatever becomes of it, neither the allocations of
  the server nor the usages of its host change.

  Background:
    Given hosts "alpha" and "beta"
    And volume "data" of 1 GB
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: A volume is attached on its server's host, or nowhere

    @id-935c0d
    Scenario: Attaching a volume charges nothing
      When volume "data" is attached to server "web"
      Then the volumes are
        | volume | status | server | host  | GB |
        | data   | in-use | web    | alpha |  1 |
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |

    @id-ab1cb5
    Scenario: Detaching a volume makes it available
      Given volume "data" has been attached to server "web"
      When volume "data" is detached from server "web"
      Then the volumes are
        | volume | status    | server | host |
        | data   | available |        |      |
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @id-59a03f
    Scenario: A volume that is attached is not attached to another server
      Given volume "data" has been attached to server "web"
      And server "db" runs flavor "small" on host "beta"
      When volume "data" is attached to server "db"
      Then the response status is 400
      And the volumes are
        | volume | status | server | host  |
        | data   | in-use | web    | alpha |

    @id-6424a0
    Scenario: A volume that is attached is not deleted
      Given volume "data" has been attached to server "web"
      When volume "data" is deleted
      Then the response status is 400
      And the volumes are
        | volume | status | server | host  |
        | data   | in-use | web    | alpha |

    @id-d01e46
    Scenario: Extending an attached volume charges nothing
      Given volume "data" has been attached to server "web"
      When volume "data" is extended to 3 GB
      Then the volumes are
        | volume | status | server | host  | GB |
        | data   | in-use | web    | alpha |  3 |
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

  Rule: A server that ends lets its volumes go

    @id-cbfafb
    Scenario: Deleting a server makes its volume available
      Given volume "data" has been attached to server "web"
      When server "web" is deleted
      Then server "web" is gone
      And the volumes are
        | volume | status    | server | host |
        | data   | available |        |      |
      And there are no allocations

    @disruptive @id-ad97ab
    Scenario: Deleting a server whose host is down makes its volume available
      Given volume "data" has been attached to server "web"
      And host "alpha" is down
      When server "web" is deleted
      Then server "web" is gone
      And the volumes are
        | volume | status    | server | host |
        | data   | available |        |      |
      And there are no allocations

    @id-38dc4c
    Scenario: A stopped server keeps its volume
      Given volume "data" has been attached to server "web"
      When server "web" is shut off
      Then server "web" is SHUTOFF on host "alpha"
      And the volumes are
        | volume | status | server | host  |
        | data   | in-use | web    | alpha |

    @id-612b5c
    Scenario: A rebuilt server keeps its volume
      Given volume "data" has been attached to server "web"
      When server "web" is rebuilt
      Then server "web" is ACTIVE on host "alpha"
      And the volumes are
        | volume | status | server | host  |
        | data   | in-use | web    | alpha |
