Feature: Steps about servers

  Background:
    Given every scenario begins with
      """gherkin
      Given hosts "alpha" and "beta"
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
        | large  |    2 |      1024 |       2 |
      """

  Scenario: A server is booted on the host that is named
    When a scenario says
      """gherkin
      When server "web" is booted with flavor "small" on host "alpha"
      """
    Then its last step sends
      """text
      compute POST /servers
      """

  Scenario: A server is deleted until Nova knows it no longer
    When a scenario says
      """gherkin
      And server "web" runs flavor "small" on host "alpha"
      When server "web" is deleted
      """
    Then its last step sends
      """text
      compute DELETE /servers/…
      """

  Scenario: A claim of status and host does no more than read
    When a scenario says
      """gherkin
      And server "web" runs flavor "small" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      """
    Then its last step changes nothing

  Scenario: A wrong status is told with the one that was found
    When a scenario says
      """gherkin
      And server "web" runs flavor "small" on host "alpha"
      Then server "web" is SHUTOFF on host "alpha"
      """
    Then its last step fails and says
      """text
      waited … s for server "web" to be SHUTOFF on host "alpha" (… readings)
      Expected: SHUTOFF on host "alpha"
           but: ACTIVE on host "alpha"
      History:
      …
      """

  Scenario: A wrong host is told with the one that was found
    When a scenario says
      """gherkin
      And server "web" runs flavor "small" on host "alpha"
      Then server "web" is ACTIVE on host "beta"
      """
    Then its last step fails and says
      """text
      waited … s for server "web" to be ACTIVE on host "beta" (… readings)
      Expected: ACTIVE on host "beta"
           but: ACTIVE on host "alpha"
      History:
      …
      """

  Scenario: A server on a host is not on none
    When a scenario says
      """gherkin
      And server "web" runs flavor "small" on host "alpha"
      Then server "web" is ACTIVE without a host
      """
    Then its last step fails and says
      """text
      waited … s for server "web" to be ACTIVE (… readings)
      Expected: ACTIVE without a host
           but: ACTIVE on host "alpha"
      History:
      …
      """

  Scenario: A server that nobody booted has no state
    When a scenario says
      """gherkin
      When server "web" is started
      """
    Then its last step fails and says
      """text
      server "web" does not exist at this step: the scenario has booted none yet
      """

  Scenario: A Given that does not come true fails as itself
    When a scenario says
      """gherkin
      And no valid host was found for server "web" with flavor "small"
      """
    Then its last step fails and says
      """text
      server "web" should be ERROR, but is ACTIVE on host "…"
      """
