Feature: Steps about moves

  Background:
    Given every scenario begins with
      """gherkin
      Given hosts "alpha" and "beta"
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
        | large  |    2 |      1024 |       2 |
      And server "web" runs flavor "small" on host "alpha"
      """

  Scenario: A resize is left unconfirmed
    When a scenario says
      """gherkin
      When server "web" is resized to flavor "large"
      """
    Then its last step sends
      """text
      compute POST /flavors
      compute POST /flavors/…/os-extra_specs
      placement PUT /resource_providers/…/traits
      compute POST /servers/…/action
      """

  Scenario: A revert is one request
    When a scenario says
      """gherkin
      And server "web" has an unconfirmed resize to flavor "large" on host "beta"
      When the resize of server "web" is reverted
      """
    Then its last step sends
      """text
      compute POST /servers/…/action
      """

  Scenario: An evacuation that Nova rejects must be checked
    When a scenario says
      """gherkin
      When server "web" is evacuated
      Then server "web" is ACTIVE on host "alpha"
      """
    Then its last step fails and says
      """text
      the compute API answered 400 to POST /servers/…/action: Compute service of … is still in use. (…)
      """

  Scenario: A confirmation without a resize is refused
    When a scenario says
      """gherkin
      When the resize of server "web" is confirmed
      Then the response status is 409
      """
    Then it passes
