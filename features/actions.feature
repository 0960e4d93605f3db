Feature: Nova records what was asked of a server and which hosts did it
  An account that looks wrong is explained by what happened before. Every request leaves an action with its events,
  each with the host it ran on and its result, and they outlive the server.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB  | DISK_GB |
      | small  |    1 |        512 |       1 |
      | large  |    2 |       1024 |       2 |
      | huge   |    1 | 1000000000 |       1 |

  Rule: What succeeds is recorded on the hosts that did it

    Scenario: A boot is one host's work
      When server "web" is booted from flavor "small" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And action create of server "web" has succeeded
      And the compute hosts did this for action create of server "web"
        | event                              | host  | result  |
        | compute__do_build_and_run_instance | alpha | Success |

    Scenario: A stop is one host's work
      Given server "web" runs flavor "small" on host "alpha"
      When server "web" is shut off
      Then action stop of server "web" has succeeded
      And the compute hosts did this for action stop of server "web"
        | event                 | host  | result  |
        | compute_stop_instance | alpha | Success |

    Scenario: A resize is the work of both hosts
      Given server "web" runs flavor "small" on host "alpha"
      When server "web" is resized to flavor "large"
      Then server "web" is VERIFY_RESIZE on host "beta"
      And action resize of server "web" has succeeded
      And the compute hosts did this for action resize of server "web"
        | event                   | host  | result  |
        | compute_prep_resize     | beta  | Success |
        | compute_resize_instance | alpha | Success |
        | compute_finish_resize   | beta  | Success |

    Scenario: A resize is confirmed on the host that the server left
      Given server "web" runs flavor "small" on host "alpha"
      And server "web" awaits a decision on flavor "large" on host "beta"
      When the resize of server "web" is confirmed
      Then action confirmResize of server "web" has succeeded
      And the compute hosts did this for action confirmResize of server "web"
        | event                  | host  | result  |
        | compute_confirm_resize | alpha | Success |

    Scenario: A resize is reverted by both hosts
      Given server "web" runs flavor "small" on host "alpha"
      And server "web" awaits a decision on flavor "large" on host "beta"
      When the resize of server "web" is reverted
      Then action revertResize of server "web" has succeeded
      And the compute hosts did this for action revertResize of server "web"
        | event                        | host  | result  |
        | compute_revert_resize        | beta  | Success |
        | compute_finish_revert_resize | alpha | Success |

    Scenario: A deleted server's actions can still be read
      Given server "web" runs flavor "small" on host "alpha"
      When server "web" is deleted
      Then server "web" is gone
      And action delete of server "web" has succeeded
      And the compute hosts did this for action delete of server "web"
        | event                      | host  | result  |
        | compute_terminate_instance | alpha | Success |

  Rule: What fails is recorded where it failed

    Scenario: A boot that finds no host fails before any host is asked
      When server "web" is booted from flavor "huge"
      Then action create of server "web" has failed
      And no compute host took part in action create of server "web"

    Scenario: A resize that finds no host fails before any host is asked
      Given server "web" runs flavor "small" on host "alpha"
      When server "web" is resized to flavor "huge"
      Then action resize of server "web" has failed
      And no compute host took part in action resize of server "web"

    @lab @disruptive
    Scenario: A resize that the source cannot begin fails there
      Given a host "broken" that fails to hand servers over
      And server "web" runs flavor "small" on host "broken"
      And host "beta" is disabled
      When server "web" is resized to flavor "large"
      Then action resize of server "web" has failed
      And the compute hosts did this for action resize of server "web"
        | event                   | host   | result  |
        | compute_prep_resize     | alpha  | Success |
        | compute_resize_instance | broken | Error   |

    @lab
    Scenario: A server that a host cannot bring back fails there
      Given a host "broken" that fails to start unshelved servers
      And server "web" runs flavor "small" on host "alpha"
      And server "web" has been offloaded
      When server "web" is unshelved on host "broken"
      Then action unshelve of server "web" has failed
      And the compute hosts did this for action unshelve of server "web"
        | event                     | host   | result |
        | compute_unshelve_instance | broken | Error  |
