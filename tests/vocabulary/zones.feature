Feature: Steps about zones

  Background:
    Given every scenario begins with
      """gherkin
      Given hosts "alpha" and "beta"
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
        | large  |    2 |      1024 |       2 |
      """

  Scenario: A zone is an aggregate of one host
    When a scenario says
      """gherkin
      @disruptive
      And zone "east" contains only host "beta"
      """
    Then its last step sends
      """text
      compute PUT /os-services/…
      compute POST /os-aggregates
      compute POST /os-aggregates/…/action
      compute PUT /os-services/…
      """

  Scenario: A missing zone is reported with the existing ones
    When a scenario says
      """gherkin
      @disruptive
      And zone "east" contains only host "beta"
      When server "web" is booted with flavor "small" in zone "esat"
      """
    Then its last step fails and says
      """text
      zone "esat" does not exist in this scenario: its zones are "east"
      """

  Scenario: A host outside of a zone is reported
    When a scenario says
      """gherkin
      @disruptive
      And zone "east" contains only host "beta"
      Then the resource provider of host "alpha" is in the aggregate of zone "east"
      """
    Then its last step fails and says
      """text
      waited … s for the resource provider of host "alpha" to be in the aggregate of zone "east" (… readings)
      Expected: the aggregate of zone "east"
           but: none
      History:
      …
      """
