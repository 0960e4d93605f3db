Feature: Steps about cold migrations

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

  Scenario: A cold migration is left unconfirmed
    When a scenario says
      """gherkin
      When server "web" is cold migrated
      """
    Then its last step sends
      """text
      placement PUT /resource_providers/…/traits
      compute POST /servers/…/action
      """

  Scenario: A host may be specified
    When a scenario says
      """gherkin
      When server "web" is cold migrated to host "beta"
      Then server "web" is VERIFY_RESIZE on host "beta"
      """
    Then it passes

  Scenario: A server's own host is not a destination
    When a scenario says
      """gherkin
      When server "web" is cold migrated to host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      """
    Then its last step fails and says
      """text
      the compute API answered 400 to POST /servers/…/action: Cannot migrate to the host where the server exists. (…)
      """
