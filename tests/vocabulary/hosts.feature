Feature: Steps about hosts

  Scenario: A role is a host that no other scenario uses
    When a scenario says
      """gherkin
      Given hosts "alpha" and "beta"
      """
    Then its last step sends
      """text
      placement PUT /traits/CUSTOM_STOCKTAKE_…_SCENARIO_…
      placement PUT /resource_providers/…/traits
      placement PUT /resource_providers/…/traits
      """

  Scenario: A scenario that needs more hosts than available is unverified
    When a scenario says
      """gherkin
      Given hosts "alpha", "beta" and "gamma"
      And host "delta"
      Then there are no allocations
      """
    Then it is unverified because
      """text
      unverified: the scenario needs 4 hosts and may use 3 (…, …, …); list more as "hosts:" under "stocktake:" of the cloud in clouds.yaml, or add hosts to the cloud
      """

  Scenario: A host that goes down is disabled until it is forced down
    When a scenario says
      """gherkin
      @disruptive
      Given host "alpha"
      And host "alpha" is down
      """
    Then its last step sends
      """text
      compute PUT /os-services/…
      compute PUT /os-services/…
      compute PUT /os-services/…
      placement PUT /resource_providers/…/traits
      """

  Scenario: A host that returns is no longer forced down
    When a scenario says
      """gherkin
      @disruptive
      Given host "alpha"
      And host "alpha" is down
      When host "alpha" returns
      """
    Then its last step sends
      """text
      compute PUT /os-services/…
      """

  Scenario: An unknown role is reported with the scenario's roles
    When a scenario says
      """gherkin
      Given host "alpha"
      Then the usages have changed by
        | host  | VCPU |
        | alhpa |    0 |
      """
    Then its last step fails and says
      """text
      host "alhpa" in the table is not a host of this scenario: its hosts are "alpha"
      """
