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

  Scenario: A consumer outside of Nova holds what it requests
    When a scenario says
      """gherkin
      And consumer "guest" holds 3 CUSTOM_SEAT on resource provider "rack"
      """
    Then its last step sends
      """text
      placement PUT /allocations/…
      """

  Scenario: Everything that a consumer holds is compared
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

  Scenario: A request for more than the capacity must be checked
    When a scenario says
      """gherkin
      When consumer "guest" requests 5 CUSTOM_SEAT on resource provider "rack"
      Then the response status is 409
      """
    Then it passes
