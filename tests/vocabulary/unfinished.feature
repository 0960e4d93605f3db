Feature: Steps about unfinished operations

  Background:
    Given every scenario begins with
      """gherkin
      Given hosts "alpha" and "beta"
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
        | large  |    2 |      1024 |       2 |
      """

  Scenario: A server is requested on the specified host
    When a scenario says
      """gherkin
      @disruptive
      And host "alpha" has failed unnoticed
      When server "web" is requested with flavor "small" on host "alpha"
      """
    Then its last step sends
      """text
      compute POST /flavors
      compute POST /flavors/…/os-extra_specs
      compute POST /servers
      """

  Scenario: A deletion is requested and not awaited
    When a scenario says
      """gherkin
      @disruptive
      And server "web" runs flavor "small" on host "alpha"
      And host "alpha" has failed unnoticed
      When the deletion of server "web" is requested
      """
    Then its last step sends
      """text
      compute DELETE /servers/…
      """

  Scenario: A move is requested and handed on
    When a scenario says
      """gherkin
      @disruptive
      And server "web" runs flavor "small" on host "alpha"
      And host "beta" has failed unnoticed
      When the resize of server "web" to flavor "large" is requested
      """
    Then its last step sends
      """text
      compute POST /flavors
      compute POST /flavors/…/os-extra_specs
      placement PUT /resource_providers/…/traits
      compute POST /servers/…/action
      """

  Scenario: An evacuation is requested and handed on
    When a scenario says
      """gherkin
      @disruptive
      And server "web" runs flavor "small" on host "alpha"
      And host "alpha" is down
      When the evacuation of server "web" is requested
      """
    Then its last step sends
      """text
      compute POST /servers/…/action
      """

  Scenario: What was requested is awaited
    When a scenario says
      """gherkin
      And server "web" runs flavor "small" on host "alpha"
      And the cold migration of server "web" has been requested
      And server "web" has become VERIFY_RESIZE
      When the migration of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      """
    Then it passes

  Scenario: What became otherwise is reported
    When a scenario says
      """gherkin
      And server "web" runs flavor "small" on host "alpha"
      And the cold migration of server "web" has been requested
      And server "web" has become SHUTOFF
      """
    Then its last step fails and says
      """text
      waited … s for server "web" to be SHUTOFF (… readings)
      Expected: SHUTOFF
           but: VERIFY_RESIZE on host "beta"
      History:
      …
      """

  Scenario: The last request is sent again, and not checked
    When a scenario says
      """gherkin
      And server "web" runs flavor "small" on host "alpha"
      And server "web" is stopped
      When the last request is sent again
      """
    Then its last step sends
      """text
      compute POST /servers/…/action
      """

  Scenario: Nothing can be sent again before anything was sent
    When a scenario says
      """gherkin
      When the last request is sent again
      """
    Then its last step fails and says
      """text
      there is no request to send again: begin with a step that sends one about a server
      """

  Scenario: A rejected evacuation must be checked
    When a scenario says
      """gherkin
      @disruptive
      And server "web" runs flavor "small" on host "alpha"
      And host "alpha" has failed unnoticed
      When the evacuation of server "web" is requested
      Then server "web" is ACTIVE on host "alpha"
      """
    Then its last step fails and says
      """text
      the compute API answered 400 to POST /servers/…/action: Compute service of … is still in use. (…)
      """

  Scenario: Checking a status and a task only reads
    When a scenario says
      """gherkin
      @disruptive
      And server "web" runs flavor "small" on host "alpha"
      And host "alpha" has failed unnoticed
      And the deletion of server "web" has been requested
      Then server "web" is ACTIVE with task deleting
      """
    Then its last step changes nothing

  Scenario: A server without the task is reported
    When a scenario says
      """gherkin
      And server "web" runs flavor "small" on host "alpha"
      Then server "web" is ACTIVE with task deleting
      """
    Then its last step fails and says
      """text
      waited … s for server "web" to be ACTIVE with task deleting (… readings)
      Expected: an object with properties 'status' matching 'ACTIVE' and 'task_state' matching 'deleting'
           but: property 'task_state' was <None>
      History:
      …
      """
