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
      When the compute service on host "beta" is disabled
      """
    Then its last step sends
      """text
      compute PUT /os-services/…
      """

  Scenario: A compute service is enabled again
    When a scenario says
      """gherkin
      @disruptive
      And the compute service on host "beta" has been disabled
      When the compute service on host "beta" is enabled
      """
    Then its last step sends
      """text
      compute PUT /os-services/…
      """
