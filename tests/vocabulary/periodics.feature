Feature: Steps about the periodic task

  Background:
    Given every scenario begins with
      """gherkin
      Given host "alpha"
      """

  Scenario: A host's periodic task runs through the cloud's control, not an API
    When a scenario says
      """gherkin
      When the periodic task runs on host "alpha"
      """
    Then its last step changes nothing
