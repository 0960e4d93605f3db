Feature: Steps about actions

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

  Scenario: An action that has succeeded has not failed
    When a scenario says
      """gherkin
      Then the create action of server "web" failed
      """
    Then its last step fails and says
      """text
      waited … s for the create action of server "web" to fail (… readings)
      Expected: create as the latest action, failed
           but: create, not failed (compute__do_build_and_run_instance Success)
      History:
      …
      """

  Scenario: A missing action is reported with the recorded ones
    When a scenario says
      """gherkin
      Then the resize action of server "web" failed
      """
    Then its last step fails and says
      """text
      waited … s for the resize action of server "web" to fail (… readings)
      Expected: resize as the latest action, failed
           but: create, not failed (compute__do_build_and_run_instance Success)
      History:
      …
      """
