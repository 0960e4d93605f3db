Feature: Steps about resource classes

  Scenario: A custom class is created at Placement
    When a scenario says
      """gherkin
      Given resource class CUSTOM_SEAT
      """
    Then its last step sends
      """text
      placement PUT /traits/CUSTOM_STOCKTAKE_…_SCENARIO_…
      placement PUT /resource_classes/CUSTOM_STOCKTAKE_…_SEAT
      """

  Scenario: A class that should not exist is reported
    When a scenario says
      """gherkin
      Given resource class CUSTOM_SEAT
      Then resource class CUSTOM_SEAT does not exist
      """
    Then its last step fails and says
      """text
      Expected: resource class CUSTOM_SEAT does not exist
           but: resource class CUSTOM_SEAT exists
      """

  Scenario: A class that is neither standard nor custom is rejected
    When a scenario says
      """gherkin
      Given resource class SEAT
      Then resource class VCPU exists
      """
    Then it is refused before it runs because
      """text
      "SEAT" is not a valid resource: no resource class is named SEAT; names of your own begin with CUSTOM_
      """

  Scenario: A deletion that Placement rejects must be checked
    When a scenario says
      """gherkin
      When resource class VCPU is deleted
      Then resource class VCPU exists
      """
    Then its last step fails and says
      """text
      the placement API answered 400 to DELETE /resource_classes/VCPU: Error in delete resource class: Cannot delete standard resource class VCPU. (…)
      """
