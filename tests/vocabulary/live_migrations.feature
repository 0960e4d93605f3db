Feature: Steps about live migrations

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

  Scenario: A live migration is awaited until it ends
    When a scenario says
      """gherkin
      When server "web" is live migrated
      Then server "web" is ACTIVE on another host "beta"
      And the last migration of server "web" has status completed
      """
    Then it passes

  Scenario: A different status of the last migration is reported
    When a scenario says
      """gherkin
      And server "web" has been live migrated to host "beta"
      Then the last migration of server "web" has status failed
      """
    Then its last step fails and says
      """text
      waited … s for the last migration of server "web" to be failed (… readings)
      Expected: an object with a property 'status' matching 'failed'
           but: property 'status' was 'completed'
      History:
      …
      """

  Scenario: A server that is not migrating has nothing to abort
    When a scenario says
      """gherkin
      When the live migration of server "web" is aborted
      """
    Then its last step fails and says
      """text
      server "web" has no live migration in progress…
      """

  Scenario: A live migration that was to fail must have failed
    When a scenario says
      """gherkin
      Given server "web" failed to live migrate to host "beta"
      """
    Then its last step fails and says
      """text
      the live migration of server "web" should have failed, but is completed
      """
