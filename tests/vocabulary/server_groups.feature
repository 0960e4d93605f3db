Feature: Steps about server groups

  Background:
    Given every scenario begins with
      """gherkin
      Given hosts "alpha" and "beta"
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
      """

  Scenario: A server is booted in a group
    When a scenario says
      """gherkin
      And server group "apart" with policy anti-affinity
      And server "web" of group "apart" runs flavor "small" on host "alpha"
      When server "db" of group "apart" is booted with flavor "small"
      Then server "db" is ACTIVE on host "beta"
      """
    Then it passes

  Scenario: A server group is created for the scenario
    When a scenario says
      """gherkin
      And server group "apart" with policy anti-affinity
      """
    Then its last step sends
      """text
      compute POST /os-server-groups
      """

  Scenario: A missing group is reported with the existing ones
    When a scenario says
      """gherkin
      And server group "apart" with policy anti-affinity
      When server "web" of group "appart" is booted with flavor "small" on host "alpha"
      """
    Then its last step fails and says
      """text
      server group "appart" does not exist in this scenario: its groups are "apart"
      """
