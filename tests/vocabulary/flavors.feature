Feature: Steps about flavors

  Background:
    Given every scenario begins with
      """gherkin
      Given host "alpha"
      """

  Scenario: A table becomes flavors of the scenario
    When a scenario says
      """gherkin
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs      |
        | small  |    1 |       512 |       1 |                  |
        | large  |    2 |      1024 |       2 | resources:VCPU=2 |
      """
    Then its last step changes nothing

  Scenario: A flavor is created for the request that needs it
    When a scenario says
      """gherkin
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
        | large  |    2 |      1024 |       2 |
      When server "web" is booted with flavor "large" on host "alpha"
      """
    Then its last step sends
      """text
      compute POST /flavors
      compute POST /flavors/…/os-extra_specs
      compute POST /servers
      """

  Scenario: A flavor that no table lists does not exist
    When a scenario says
      """gherkin
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
      When server "web" is booted with flavor "smal" on host "alpha"
      """
    Then its last step fails and says
      """text
      flavor "smal" does not exist in this scenario: its flavors are "small"
      """

  Scenario: An amount with a unit is not a number
    When a scenario says
      """gherkin
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |    512 MB |       1 |
      """
    Then its last step fails and says
      """text
      the table of flavors, row 1, column "MEMORY_MB": "512 MB" has a unit; write 512 in the unit of the column
      """

  Scenario: An unknown column is named
    When a scenario says
      """gherkin
      And these flavors
        | flavor | VCPU | MEMROY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
      """
    Then its last step fails and says
      """text
      the table of flavors has an unknown column "MEMROY_MB"; did you mean "MEMORY_MB"?
      """

  Scenario: The table is required
    When a scenario says
      """gherkin
      And these flavors
      """
    Then it is refused before it runs because
      """text
      a table is missing under: Given these flavors
      """
