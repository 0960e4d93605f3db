Feature: Volumes follow their server from host to host
  Wherever a server is, its root volume and every other one are attached there and nowhere else. DISK_GB never includes
  them.

  Background:
    Given hosts "alpha" and "beta"
    And bootable volume "root"
    And volume "data" of 1 GB
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB | ephemeral GB |
      | small  |    1 |       512 |      10 |            0 |
      | large  |    2 |      1024 |      20 |            5 |
    And server "web" runs flavor "small" from volume "root" on host "alpha"
    And volume "data" has been attached to server "web"

  Rule: Volumes are on the new host as soon as the server is

    @id-716261
    Scenario: An unconfirmed resize has its volumes on the destination
      When server "web" is resized to flavor "large"
      Then server "web" is VERIFY_RESIZE on another host "beta"
      And the volumes are
        | volume | status | server | host |
        | root   | in-use | web    | beta |
        | data   | in-use | web    | beta |
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       0 |
        | server web       | beta  |    2 |      1024 |       5 |

    @id-4c286a
    Scenario: A confirmed resize leaves the volumes on the destination
      Given server "web" has an unconfirmed resize to flavor "large" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the volumes are
        | volume | status | server | host |
        | root   | in-use | web    | beta |
        | data   | in-use | web    | beta |
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    2 |      1024 |       5 |

    @id-c4a892
    Scenario: A reverted resize brings the volumes back
      Given server "web" has an unconfirmed resize to flavor "large" on host "beta"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the volumes are
        | volume | status | server | host  |
        | root   | in-use | web    | alpha |
        | data   | in-use | web    | alpha |
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       0 |

    @id-8cc8a4
    Scenario: A cold migration takes the volumes along
      When server "web" is cold migrated to host "beta"
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the volumes are
        | volume | status | server | host |
        | root   | in-use | web    | beta |
        | data   | in-use | web    | beta |
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       0 |
        | server web       | beta  |    1 |       512 |       0 |

    @id-c4f18f
    Scenario: A live migration takes the volumes along
      When server "web" is live migrated to host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the volumes are
        | volume | status | server | host |
        | root   | in-use | web    | beta |
        | data   | in-use | web    | beta |
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       0 |

  Rule: A dead host has no volumes

    @disruptive @id-a0119a
    Scenario: An evacuation takes the volumes off the dead host
      Given host "alpha" is down
      When server "web" is evacuated
      Then server "web" is on another host "beta"
      And the volumes are
        | volume | status | server | host |
        | root   | in-use | web    | beta |
        | data   | in-use | web    | beta |
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       0 |
        | server web | beta  |    1 |       512 |       0 |

    @disruptive @id-e3b005
    Scenario: The dead host returns without taking the volumes back
      Given host "alpha" is down
      And server "web" has been evacuated to host "beta"
      When host "alpha" returns
      Then server "web" is on host "beta"
      And the volumes are
        | volume | status | server | host |
        | root   | in-use | web    | beta |
        | data   | in-use | web    | beta |
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       0 |

  Rule: An offloaded server keeps its volumes reserved

    @id-9bf66f
    Scenario: A shelved server's volumes are reserved on no host
      When server "web" is shelved and offloaded
      Then server "web" is SHELVED_OFFLOADED without a host
      And the volumes are
        | volume | status   | server | host |
        | root   | reserved | web    |      |
        | data   | reserved | web    |      |
      And there are no allocations

    @microversion-2.91 @id-d7496c
    Scenario: An unshelved server has its volumes on its new host
      Given server "web" has been offloaded
      When server "web" is unshelved to host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the volumes are
        | volume | status | server | host |
        | root   | in-use | web    | beta |
        | data   | in-use | web    | beta |
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       0 |

    @id-961c38
    Scenario: A volume can be detached from an offloaded server
      Given server "web" has been offloaded
      When volume "data" is detached from server "web"
      Then the volumes are
        | volume | status    | server | host |
        | root   | reserved  | web    |      |
        | data   | available |        |      |

    @microversion-2.91 @id-6140ef
    Scenario: A volume attached to an offloaded server waits for its host
      Given server "web" has been offloaded
      And volume "more" of 1 GB
      And volume "more" has been attached to server "web"
      When server "web" is unshelved to host "beta"
      Then server "web" is ACTIVE on host "beta"
      And the volumes are
        | volume | status | server | host |
        | root   | in-use | web    | beta |
        | data   | in-use | web    | beta |
        | more   | in-use | web    | beta |

    @id-5ada60
    Scenario: Deleting an offloaded server makes its volumes available
      Given server "web" has been offloaded
      When server "web" is deleted
      Then server "web" is gone
      And the volumes are
        | volume | status    | server | host |
        | root   | available |        |      |
        | data   | available |        |      |
      And there are no allocations
