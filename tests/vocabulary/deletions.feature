Feature: Steps about deletions

  Background:
    Given every scenario begins with
      """gherkin
      Given host "alpha"
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
        | large  |    2 |      1024 |       2 |
      And server "web" runs flavor "small" on host "alpha"
      """

  Scenario: A forced deletion is not a soft deletion
    When a scenario says
      """gherkin
      When server "web" is force-deleted
      """
    Then its last step sends
      """text
      compute POST /servers/…/action
      """

  Scenario: A server that was force-deleted is gone
    When a scenario says
      """gherkin
      Given server "web" has been force-deleted
      Then server "web" is gone
      """
    Then it passes

  Scenario: A server is reset to ERROR by an administrator
    When a scenario says
      """gherkin
      When server "web" is reset to ERROR
      Then server "web" is ERROR on host "alpha"
      """
    Then it passes

  Scenario: A server that was not soft-deleted cannot be restored
    When a scenario says
      """gherkin
      When server "web" is restored
      Then server "web" is ACTIVE on host "alpha"
      """
    Then its last step fails and says
      """text
      the compute API answered 409 to POST /servers/…/action: Cannot 'restore' instance … while it is in vm_state active (…)
      """
