Feature: Steps about resource providers

  Scenario: A provider is created with a name unique to the scenario
    When a scenario says
      """gherkin
      Given resource provider "rack"
      """
    Then its last step sends
      """text
      placement PUT /traits/CUSTOM_STOCKTAKE_…_SCENARIO_…
      placement POST /resource_providers
      """

  Scenario: An inventory is replaced as a whole
    When a scenario says
      """gherkin
      Given resource provider "rack"
      And resource class CUSTOM_SEAT
      When resource provider "rack" is given this inventory
        | resource class | total |
        | CUSTOM_SEAT    |    10 |
      """
    Then its last step sends
      """text
      placement PUT /resource_providers/…/inventories
      """

  Scenario: A different generation is reported
    When a scenario says
      """gherkin
      Given resource provider "rack"
      Then the generation of resource provider "rack" is 3
      """
    Then its last step fails and says
      """text
      waited … s for the generation of resource provider "rack" to match (… readings)
      Expected: <3>
           but: was <0>
      History:
      …
      """

  Scenario: A missing provider is reported with the existing ones
    When a scenario says
      """gherkin
      Given resource provider "rack"
      When resource provider "rakc" is deleted
      """
    Then its last step fails and says
      """text
      resource provider "rakc" does not exist in this scenario: its resource providers are "rack"
      """

  Scenario: A different tree is shown
    When a scenario says
      """gherkin
      Given resource provider "rack"
      And resource provider "shelf" is a child of "rack"
      Then the tree of resource provider "shelf" is
        | provider | parent |
        | shelf    |        |
      """
    Then its last step fails and says
      """text
      waited … s for the tree of resource provider "shelf" to match (… readings)
      Expected: shelf
           but: rack, shelf under rack (it lacks shelf; it has besides rack, shelf under rack)
      History:
      …
      """
