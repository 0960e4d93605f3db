Feature: Steps about failures

  Background:
    Given every scenario begins with
      """gherkin
      Given hosts "alpha" and "beta"
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
      """

  @id-ef0d8b
  Scenario: A host that fails unnoticed is isolated, and never forced down
    When a scenario says
      """gherkin
      @disruptive
      When host "alpha" fails unnoticed
      """
    Then its last step sends
      """text
      compute POST /os-aggregates
      compute POST /os-aggregates/…/action
      compute POST /os-aggregates/…/action
      compute PUT /os-services/…
      compute PUT /os-services/…
      """

  @id-50e849
  Scenario: Nova reports a host that has failed unnoticed as up
    When a scenario says
      """gherkin
      @disruptive
      And server "web" runs flavor "small" on host "alpha"
      And host "alpha" has failed unnoticed
      When server "web" is evacuated to host "beta"
      Then server "web" is on host "beta"
      """
    Then its last step fails and says
      """text
      the compute API answered 400 to POST /servers/…/action: Compute service of … is still in use. (…)
      """

  @id-5e523d
  Scenario: A host that has failed unnoticed is only forced down to be down
    When a scenario says
      """gherkin
      @disruptive
      And host "alpha" has failed unnoticed
      And host "alpha" is down
      """
    Then its last step sends
      """text
      compute PUT /os-services/…
      """

  @id-e1c240
  Scenario: Messages are lost without a request to an API
    When a scenario says
      """gherkin
      @disruptive
      And host "alpha" has failed unnoticed
      And the messages that wait for host "alpha" are lost
      """
    Then its last step changes nothing

  @id-68c413
  Scenario: No messages wait for a host that is up
    When a scenario says
      """gherkin
      @disruptive
      And the messages that wait for host "alpha" are lost
      """
    Then its last step fails and says
      """text
      no messages wait for host "alpha", which is up: let it fail unnoticed first
      """

  @id-973a21
  Scenario: A host that is down cannot fail
    When a scenario says
      """gherkin
      @disruptive
      And host "alpha" is down
      When host "alpha" fails unnoticed
      """
    Then its last step fails and says
      """text
      host "alpha" is down or has failed already: let it return first
      """
