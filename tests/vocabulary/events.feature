Feature: Steps about events

  Background:
    Given every scenario begins with
      """gherkin
      Given host "alpha"
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
        | large  |    2 |      1024 |       2 |
      """

  Scenario: Events on compute hosts are read and compared
    When a scenario says
      """gherkin
      And server "web" runs flavor "small" on host "alpha"
      Then the compute events of the create action of server "web" are
        | event                              | host  | result  |
        | compute__do_build_and_run_instance | alpha | Success |
      """
    Then its last step changes nothing

  Scenario: A host that took part but is not listed is reported
    When a scenario says
      """gherkin
      And server "web" runs flavor "small" on host "alpha"
      Then the create action of server "web" has no compute events
      """
    Then its last step fails and says
      """text
      waited … s for the create action of server "web" to have these compute events (… readings)
      Expected: none
           but: compute__do_build_and_run_instance on host "alpha" Success
      History:
      …
      """

  Scenario: A missing column is named
    When a scenario says
      """gherkin
      Then the compute events of the create action of server "web" are
        | event                              | host  |
        | compute__do_build_and_run_instance | alpha |
      """
    Then its last step fails and says
      """text
      the table of events lacks the column "result"; it has "event", "host"
      """
