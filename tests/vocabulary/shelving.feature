Feature: Steps about shelving

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

  Scenario: A server that was unshelved runs again
    When a scenario says
      """gherkin
      Given server "web" has been offloaded
      And server "web" has been unshelved
      Then server "web" is ACTIVE on host "alpha"
      """
    Then it passes

  Scenario: A server is shelved and offloaded
    When a scenario says
      """gherkin
      When server "web" is shelved and offloaded
      Then server "web" is SHELVED_OFFLOADED without a host
      """
    Then it passes

  Scenario: A server that is not shelved cannot be unshelved
    When a scenario says
      """gherkin
      When server "web" is unshelved
      Then server "web" is ACTIVE on host "alpha"
      """
    Then its last step fails and says
      """text
      the compute API answered 409 to POST /servers/…/action: Cannot 'unshelve' instance … while it is in vm_state active (…)
      """

  Scenario: A server that is being unshelved has its new host
    When a scenario says
      """gherkin
      @lab
      And a host "slow" that builds servers slowly
      And server "db" runs flavor "small" on host "alpha"
      And server "db" has been offloaded
      And server "db" is being unshelved to host "slow"
      Then server "db" is SHELVED_OFFLOADED with task spawning
      """
    Then it passes

  Scenario: A server that is not shelved is not being unshelved
    When a scenario says
      """gherkin
      And server "web" is being unshelved to host "alpha"
      """
    Then its last step fails and says
      """text
      the compute API answered 409 to POST /servers/…/action: Cannot 'unshelve' instance … while it is in vm_state active (…)
      """
