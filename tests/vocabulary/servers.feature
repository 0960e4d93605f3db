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

  Scenario: A server is booted on the specified host
    When a scenario says
      """gherkin
      When server "web" is booted with flavor "small" on host "alpha"
      """
    Then its last step sends
      """text
      compute POST /flavors
      compute POST /flavors/…/os-extra_specs
      compute POST /servers
      """

  Scenario: A server is booted with a hint for the scheduler
    When a scenario says
      """gherkin
      When server "web" is booted with flavor "small" on host "alpha" with scheduler hint "query=none"
      """
    Then its last step sends
      """text
      compute POST /flavors
      compute POST /flavors/…/os-extra_specs
      compute POST /servers
      """

  Scenario: A deletion is awaited until Nova no longer knows the server
    When a scenario says
      """gherkin
      And server "web" runs flavor "small" on host "alpha"
      When server "web" is deleted
      """
    Then its last step sends
      """text
      compute DELETE /servers/…
      """

  Scenario: Checking status and host only reads
    When a scenario says
      """gherkin
      And server "web" runs flavor "small" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      """
    Then its last step changes nothing

  Scenario: A wrong status is reported
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

  Scenario: A wrong host is reported
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

  Scenario: A server on a host is not without a host
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

  Scenario: A server that was never booted has no state
    When a scenario says
      """gherkin
      When server "web" is started
      """
    Then its last step fails and says
      """text
      server "web" does not exist at this step: the scenario has booted none yet
      """

  Scenario: A Given whose state is not reached fails itself
    When a scenario says
      """gherkin
      And no valid host was found for server "web" with flavor "small"
      """
    Then its last step fails and says
      """text
      server "web" should be ERROR, but is ACTIVE on host "…"
      """
