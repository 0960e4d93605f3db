Feature: Steps about special hosts

  Scenario: A host is added to the lab for one scenario
    When a scenario says
      """gherkin
      @lab @disruptive
      Given a host "slow" that takes its time to build servers
      Then host "slow" has a resource provider
      """
    Then it passes

  Scenario: A behaviour that no host has is answered by the nearest
    When a scenario says
      """gherkin
      @lab @disruptive
      Given a host "slow" that takes its time to build server
      Then there are no allocations
      """
    Then it is refused before it runs because
      """text
      "takes its time to build server" is no behaviour: did you mean "takes its time to build servers"?
      """
