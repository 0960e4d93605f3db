Feature: Steps about the laboratory

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

  Scenario: Wrong allocations are found by the audit
    When a scenario says
      """gherkin
      @lab
      And server "web" has lost its allocations
      Then the audit reports "holds nothing on host"
      """
    Then it passes

  Scenario: An audit without findings fails a step that expects one
    When a scenario says
      """gherkin
      @lab
      Then the audit reports "holds nothing on host"
      """
    Then its last step fails and says
      """text
      waited … s for the audit to report "holds nothing on host" (… readings)
      Expected: a line that contains "holds nothing on host"
           but: nothing
      History:
      …
      """

  Scenario: The status of nova-manage is reported
    When a scenario says
      """gherkin
      @lab
      When nova-manage audits host "alpha"
      Then nova-manage exits with status 3
      """
    Then its last step fails and says
      """text
      the exit status of nova-manage, which says ''
      Expected: <3>
           but: was <0>
      """

  Scenario: Without Cinder nothing of a volume can be refused
    When a scenario says
      """gherkin
      @lab @whole-cloud @disruptive
      And Cinder refuses to connect the next volume
      """
    Then it is unverified because
      """text
      … has no block storage service in its catalog…
      """

  Scenario: Cinder only refuses what compute hosts ask for
    When a scenario says
      """gherkin
      @lab @whole-cloud @disruptive
      And Cinder refuses to create the next volume
      """
    Then it is refused before it runs because
      """text
      "create the next volume" is not a valid connection (what a compute host asks of Cinder), which is written as …
      """
