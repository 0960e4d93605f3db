Feature: Steps about users

  Background:
    Given every scenario begins with
      """gherkin
      Given host "alpha"
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
        | large  |    2 |      1024 |       2 |
      And user "bob" without the admin role
      """

  Scenario: A user has a project, and the member role in it
    When a scenario says
      """gherkin
      And user "eve" without the admin role
      """
    Then its last step sends
      """text
      identity POST /projects
      identity POST /users
      identity PUT /projects/…/users/…/roles/…
      """

  Scenario: A flavor is for the users of the scenario
    When a scenario says
      """gherkin
      When user "bob" boots server "own" with flavor "small"
      """
    Then its last step sends
      """text
      compute POST /flavors
      compute POST /flavors/…/os-extra_specs
      compute POST /flavors/…/action
      compute POST /servers
      """

  Scenario: A user that no step introduced is unknown
    When a scenario says
      """gherkin
      When user "eve" boots server "own" with flavor "small"
      """
    Then its last step fails and says
      """text
      user "eve" does not exist in this scenario: its users are "bob"
      """

  Scenario: A server that a user cannot see is reported
    When a scenario says
      """gherkin
      Then user "bob" sees these servers
        | server |
        | own    |
      """
    Then its last step fails and says
      """text
      the servers that user "bob" sees
      Expected: own
           but: none
      """

  Scenario: An unknown list is rejected
    When a scenario says
      """gherkin
      When user "bob" lists the secrets
      """
    Then it is refused before it runs because
      """text
      "secrets" is not a valid listing (what administrators may list), which is written as compute services|hypervisors|host aggregates|migrations|servers of every project|hosts of availability zones|resource providers|resource classes|traits|allocation candidates, in: When user "bob" lists the secrets
      """
