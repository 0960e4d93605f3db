Feature: Steps about usages

  Background:
    Given every scenario begins with
      """gherkin
      Given hosts "alpha" and "beta"
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
        | large  |    2 |      1024 |       2 |
      """

  Scenario: Changes are signed and relative to the start of the scenario
    When a scenario says
      """gherkin
      And server "web" runs flavor "small" on host "alpha"
      Then the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
      """
    Then its last step changes nothing

  Scenario: A host that is not listed has not changed
    When a scenario says
      """gherkin
      And server "web" runs flavor "small" on host "alpha"
      Then the usages have changed by
        | host | VCPU |
        | beta |    0 |
      """
    Then its last step fails and says
      """text
      waited … s for the usage changes to match (… readings)
      Expected: Placement usages to have changed by
            | host | VCPU |
            | beta |    0 |
           but: Placement says
            | host  | VCPU | MEMORY_MB | DISK_GB |            |
            | beta  |    0 |         0 |       0 |            |
            | alpha |   +1 |      +512 |      +1 | unexpected |
      History:
      …
      """

  Scenario: An undefined resource class is named
    When a scenario says
      """gherkin
      Then the usages have changed by
        | host  | VCPUS |
        | alpha |     0 |
      """
    Then its last step fails and says
      """text
      the table of usages has the column "VCPUS", which is not a resource class; did you mean "VCPU"?
      """
