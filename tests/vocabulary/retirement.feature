Feature: Steps about retirement

  Scenario: A host's compute service is deleted at Nova
    When a scenario says
      """gherkin
      @lab @disruptive
      Given a host "old" that behaves normally
      And host "old" is down
      When the compute service on host "old" is deleted
      """
    Then its last step sends
      """text
      compute DELETE /os-services/…
      """

  Scenario: A provider that should be gone is reported
    When a scenario says
      """gherkin
      @lab @disruptive
      Given host "alpha"
      Then host "alpha" has no resource provider
      """
    Then its last step fails and says
      """text
      waited … s for the resource provider of host "alpha" to be gone (… readings)
      Expected: none
           but: …
      History:
      …
      """

  Scenario: A host that still has its compute service is not registered anew
    When a scenario says
      """gherkin
      @lab @disruptive
      Given a host "old" that behaves normally
      And host "old" has been registered anew
      """
    Then its last step fails and says
      """text
      host "old" still has its compute service: begin with a step that deletes it
      """

  Scenario: A host whose compute service was deleted is registered anew
    When a scenario says
      """gherkin
      @lab @disruptive
      Given a host "old" that behaves normally
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
      And host "old" is down
      And the compute service on host "old" has been deleted
      And host "old" has been registered anew
      When server "web" is booted with flavor "small" on host "old"
      Then server "web" is ACTIVE on host "old"
      """
    Then it passes

  Scenario: Without Neutron no host has a network agent
    When a scenario says
      """gherkin
      @lab
      Given host "alpha"
      And the network agent of host "alpha" has started anew
      """
    Then it is unverified because
      """text
      …the hosts of this lab have no network agents; start one with --with=neutron
      """
