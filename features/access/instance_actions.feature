Feature: Instance actions record what happened to a server, and on which hosts
  When allocations look wrong, the history of the server explains them. Every request leaves an instance action with its
  events; each event names its host and result, and all of them outlive the server.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB  | DISK_GB |
      | small  |    1 |        512 |       1 |
      | large  |    2 |       1024 |       2 |
      | huge   |    1 | 1000000000 |       1 |

  Rule: Successful events are recorded with the hosts that ran them

    @id-190f66
    Scenario: A boot runs on one host
      When server "web" is booted with flavor "small" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the create action of server "web" succeeded
      And the compute events of the create action of server "web" are
        | event                              | host  | result  |
        | compute__do_build_and_run_instance | alpha | Success |

    @id-e730db
    Scenario: A stop runs on one host
      Given server "web" runs flavor "small" on host "alpha"
      When server "web" is shut off
      Then the stop action of server "web" succeeded
      And the compute events of the stop action of server "web" are
        | event                 | host  | result  |
        | compute_stop_instance | alpha | Success |

    @id-86820a
    Scenario: A resize runs on both hosts
      Given server "web" runs flavor "small" on host "alpha"
      When server "web" is resized to flavor "large"
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the resize action of server "web" succeeded
      And the compute events of the resize action of server "web" are
        | event                   | host  | result  |
        | compute_prep_resize     | beta  | Success |
        | compute_resize_instance | alpha | Success |
        | compute_finish_resize   | beta  | Success |

    @id-3c423b
    Scenario: A resize is confirmed on the source host
      Given server "web" runs flavor "small" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "large" on host "beta"
      When the resize of server "web" is confirmed
      Then the confirmResize action of server "web" succeeded
      And the compute events of the confirmResize action of server "web" are
        | event                  | host  | result  |
        | compute_confirm_resize | alpha | Success |

    @id-5ee149
    Scenario: A resize is reverted on both hosts
      Given server "web" runs flavor "small" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "large" on host "beta"
      When the resize of server "web" is reverted
      Then the revertResize action of server "web" succeeded
      And the compute events of the revertResize action of server "web" are
        | event                        | host  | result  |
        | compute_revert_resize        | beta  | Success |
        | compute_finish_revert_resize | alpha | Success |

    @id-c76400
    Scenario: The actions of a deleted server remain readable
      Given server "web" runs flavor "small" on host "alpha"
      When server "web" is deleted
      Then server "web" is gone
      And the delete action of server "web" succeeded
      And the compute events of the delete action of server "web" are
        | event                      | host  | result  |
        | compute_terminate_instance | alpha | Success |

  Rule: Failed events are recorded with the host that failed

    @id-aeb0e2
    Scenario: A boot without a valid host fails before it reaches a host
      When server "web" is booted with flavor "huge"
      Then the create action of server "web" failed
      And the create action of server "web" has no compute events

    @id-64b928
    Scenario: A resize without a valid host fails before it reaches a host
      Given server "web" runs flavor "small" on host "alpha"
      When server "web" is resized to flavor "huge"
      Then the resize action of server "web" failed
      And the resize action of server "web" has no compute events

    @lab @disruptive @id-714766
    Scenario: A resize that fails on the source host is recorded there
      Given a host "broken" that fails to start outgoing resizes
      And server "web" runs flavor "small" on host "broken"
      And the compute service on host "beta" has been disabled
      When server "web" is resized to flavor "large"
      Then the resize action of server "web" failed
      And the compute events of the resize action of server "web" are
        | event                   | host   | result  |
        | compute_prep_resize     | alpha  | Success |
        | compute_resize_instance | broken | Error   |

    @lab @id-8619c9
    Scenario: An unshelve that fails on its host is recorded there
      Given a host "broken" that fails to start unshelved servers
      And server "web" runs flavor "small" on host "alpha"
      And server "web" has been offloaded
      When server "web" is unshelved to host "broken"
      Then the unshelve action of server "web" failed
      And the compute events of the unshelve action of server "web" are
        | event                     | host   | result |
        | compute_unshelve_instance | broken | Error  |
