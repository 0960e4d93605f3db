Feature: Steps about consumers

  Background:
    Given every scenario begins with
      """gherkin
      Given resource provider "rack"
      And resource class CUSTOM_SEAT
      And resource provider "rack" has this inventory
        | resource class | total |
        | CUSTOM_SEAT    |     4 |
      """

  Scenario: A made-up consumer holds what it is given
    When a scenario says
      """gherkin
      And consumer "guest" holds 3 CUSTOM_SEAT on resource provider "rack"
      """
    Then its last step sends
      """text
      placement PUT /allocations/…
      """

  Scenario: What it holds is compared with all that it should
    When a scenario says
      """gherkin
      And consumer "guest" holds 3 CUSTOM_SEAT on resource provider "rack"
      Then consumer "guest" holds 4 CUSTOM_SEAT
      """
    Then its last step fails and says
      """text
      waited … s for consumer "guest" to hold CUSTOM_SEAT 4 (… readings)
      Expected: <CUSTOM_STOCKTAKE_…_SEAT 4>
           but: was <CUSTOM_STOCKTAKE_…_SEAT 3>
      History:
      …
      """

  Scenario: More than there is must be spoken of
    When a scenario says
      """gherkin
      When consumer "guest" requests 5 CUSTOM_SEAT on resource provider "rack"
      Then the response status is 409
      """
    Then it passes
