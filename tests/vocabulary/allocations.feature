Feature: Steps about allocations

  Background:
    Given every scenario begins with
      """gherkin
      Given hosts "alpha" and "beta"
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
        | large  |    2 |      1024 |       2 |
      """

  Scenario: What the scenario's consumers hold is read and compared
    When a scenario says
      """gherkin
      And server "web" runs flavor "small" on host "alpha"
      Then the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      """
    Then its last step changes nothing

  Scenario: A wrong amount, a missing row and an unexpected row are marked
    When a scenario says
      """gherkin
      And server "web" runs flavor "small" on host "alpha"
      Then the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    2 |       512 |       1 |
        | server web | beta  |    1 |       512 |       1 |
      """
    Then its last step fails and says
      """text
      waited … s for the allocations to match (… readings)
      Expected: Placement allocations
            | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
            | server web | alpha |    2 |       512 |       1 |
            | server web | beta  |    1 |       512 |       1 |
           but: Placement says
            | consumer   | host  |      VCPU |   MEMORY_MB |   DISK_GB |         |
            | server web | alpha | 1 (not 2) |         512 |         1 |         |
            | server web | beta  | 0 (not 1) | 0 (not 512) | 0 (not 1) | missing |
      History:
      …
      """

  Scenario: A row that is not listed must not exist
    When a scenario says
      """gherkin
      And server "web" runs flavor "small" on host "alpha"
      Then there are no allocations
      """
    Then its last step fails and says
      """text
      waited … s for the allocations to match (… readings)
      Expected: Placement allocations
            no rows
           but: Placement says
            | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |            |
            | server web | alpha |    1 |       512 |       1 | unexpected |
      History:
      …
      """

  Scenario: A resource class that is held but not listed is reported
    When a scenario says
      """gherkin
      And server "web" runs flavor "small" on host "alpha"
      Then the allocations are
        | consumer   | host  | VCPU | DISK_GB |
        | server web | alpha |    1 |       1 |
      """
    Then its last step fails and says
      """text
      waited … s for the allocations to match (… readings)
      Expected: Placement allocations
            | consumer   | host  | VCPU | DISK_GB |
            | server web | alpha |    1 |       1 |
           but: Placement says
            | consumer   | host  | VCPU | DISK_GB |   MEMORY_MB |
            | server web | alpha |    1 |       1 | 512 (not 0) |
      History:
      …
      """

  Scenario: A repeated row is a mistake in the table
    When a scenario says
      """gherkin
      Then the allocations are
        | consumer   | host  | VCPU |
        | server web | alpha |    1 |
        | server web | alpha |    1 |
      """
    Then its last step fails and says
      """text
      the table of allocations, row 2: "server web" on host "alpha" is listed a second time
      """
