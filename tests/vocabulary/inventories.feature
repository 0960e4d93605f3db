Feature: Steps about inventories

  Background:
    Given every scenario begins with
      """gherkin
      Given host "alpha"
      """

  Scenario: An allocation ratio is set through Placement
    When a scenario says
      """gherkin
      And the allocation ratio of VCPU on host "alpha" has been set to 2.0
      """
    Then its last step sends
      """text
      placement PUT /resource_providers/…/inventories
      """

  Scenario: A different field is shown in the table
    When a scenario says
      """gherkin
      Then the inventory of host "alpha" is
        | resource class | total |
        | VCPU           |     7 |
      """
    Then its last step fails and says
      """text
      waited … s for the inventory of host "alpha" to match (… readings)
      Expected:
            | resource class | total |
            | VCPU           |     7 |
           but: Placement says
            | resource class | total |
            | VCPU           |    32 |
            | MEMORY_MB      | 65536 |
            | DISK_GB        |  2000 |
      History:
      …
      """

  Scenario: A ratio is written with its decimals
    When a scenario says
      """gherkin
      Then the allocation ratio of VCPU on host "alpha" is 2
      """
    Then it is refused before it runs because
      """text
      "2" is not a valid ratio, which is written as [0-9]+[.][0-9]+, in: Then the allocation ratio of VCPU on host "alpha" is 2
      """

  Scenario: A different reserved amount is reported
    When a scenario says
      """gherkin
      Then host "alpha" reserves 7 VCPU
      """
    Then its last step fails and says
      """text
      waited … s for host "alpha" to reserve 7 VCPU (… readings)
      Expected: <7>
           but: was <0>
      History:
      …
      """
