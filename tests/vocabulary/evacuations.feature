Feature: Steps about evacuations

  Background:
    Given every scenario begins with
      """gherkin
      Given hosts "alpha" and "beta"
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
        | large  |    2 |      1024 |       2 |
      And server "web" runs flavor "small" on host "alpha"
      And host "alpha" is down
      """

  Scenario: A server is evacuated to the specified host
    When a scenario says
      """gherkin
      @disruptive
      When server "web" is evacuated to host "beta"
      """
    Then its last step sends
      """text
      compute POST /servers/…/action
      """

  Scenario: A rejected evacuation from a host that is up must be checked
    When a scenario says
      """gherkin
      @disruptive
      And host "alpha" is back
      When server "web" is evacuated to host "beta"
      Then server "web" is on host "alpha"
      """
    Then its last step fails and says
      """text
      the compute API answered 400 to POST /servers/…/action: Compute service of … is still in use. (…)
      """

  Scenario: Force is refused from microversion 2.68 on
    When a scenario says
      """gherkin
      @disruptive
      When server "web" is forcibly evacuated to host "beta" using microversion 2.68
      Then the response status is 400
      """
    Then it passes

  Scenario: From microversion 2.95 on a server arrives stopped
    When a scenario says
      """gherkin
      @disruptive
      When server "web" is evacuated using microversion 2.95
      Then server "web" is SHUTOFF on host "beta"
      """
    Then it passes
