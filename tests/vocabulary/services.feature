Feature: Steps about compute services

  Background:
    Given every scenario begins with
      """gherkin
      Given hosts "alpha" and "beta"
      """

  Scenario: A compute service is disabled
    When a scenario says
      """gherkin
      @disruptive
      When host "beta" gets disabled
      """
    Then its last step sends
      """text
      compute PUT /os-services/…
      """

  Scenario: And enabled again
    When a scenario says
      """gherkin
      @disruptive
      And host "beta" is disabled
      When host "beta" gets enabled
      """
    Then its last step sends
      """text
      compute PUT /os-services/…
      """
