Feature: Steps about traits

  Background:
    Given every scenario begins with
      """gherkin
      Given hosts "alpha" and "beta"
      """

  Scenario: A custom trait is created and added to a host
    When a scenario says
      """gherkin
      And trait CUSTOM_FAST has been added to host "beta"
      """
    Then its last step sends
      """text
      placement PUT /traits/CUSTOM_STOCKTAKE_…_FAST
      placement PUT /resource_providers/…/traits
      """

  Scenario: A trait that a host has is not missing
    When a scenario says
      """gherkin
      Then host "alpha" does not have trait COMPUTE_NODE
      """
    Then its last step fails and says
      """text
      waited … s for the resource provider of host "alpha" not to have trait COMPUTE_NODE (… readings)
      Expected: not COMPUTE_NODE
           but: the provider has COMPUTE_NODE
      History:
      …
      """

  Scenario: A missing trait is named
    When a scenario says
      """gherkin
      And trait CUSTOM_FAST has been added to host "beta"
      Then host "alpha" has trait CUSTOM_FAST
      """
    Then its last step fails and says
      """text
      waited … s for the resource provider of host "alpha" to have trait CUSTOM_FAST (… readings)
      Expected: CUSTOM_FAST
           but: the provider lacks CUSTOM_FAST
      History:
      …
      """

  Scenario: A trait that is neither standard nor custom is rejected
    When a scenario says
      """gherkin
      Then host "alpha" has trait COMPUTE_NOD
      """
    Then it is refused before it runs because
      """text
      "COMPUTE_NOD" is not a valid trait: no trait is named COMPUTE_NOD; did you mean COMPUTE_NODE?
      """
