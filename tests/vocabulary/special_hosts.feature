Feature: Steps about special hosts

  Scenario: A host is added to the lab for one scenario
    When a scenario says
      """gherkin
      @lab @disruptive
      Given a host "slow" that builds servers slowly
      Then host "slow" has a resource provider
      """
    Then it passes

  Scenario: An unknown behaviour is reported with the nearest one
    When a scenario says
      """gherkin
      @lab @disruptive
      Given a host "slow" that builds server slowly
      Then there are no allocations
      """
    Then it is refused before it runs because
      """text
      "builds server slowly" is not a valid behaviour: did you mean "builds servers slowly"?
      """

  Scenario: A host with another virt driver is added to a lab that has none
    When a scenario says
      """gherkin
      Given host "alpha" with the libvirt driver
      Then host "alpha" has trait COMPUTE_RESCUE_BFV
      """
    Then it passes

  Scenario: A host that has the virt driver is used as it is
    When a scenario says
      """gherkin
      Given host "beta"
      And host "alpha" with the fake driver
      """
    Then its last step changes nothing

  Scenario: A libvirt host returns with other devices
    When a scenario says
      """gherkin
      @lab @disruptive
      Given a host "beta" that has PCI devices
      And host "beta" is down
      When host "beta" returns as one that uses libvirt
      Then host "beta" and its nested providers have no CUSTOM_PCI_8086_1533
      """
    Then it passes

  Scenario: A host that is up does not return with other devices
    When a scenario says
      """gherkin
      @lab @disruptive
      Given a host "beta" that uses libvirt
      When host "beta" returns as one that has PCI devices
      """
    Then its last step fails and says
      """text
      host "beta" is up: begin with a step that stops it
      """

  Scenario: A host that the scenario did not add has no other devices
    When a scenario says
      """gherkin
      @lab @disruptive
      Given host "alpha" is down
      When host "alpha" returns as one that has PCI devices
      """
    Then its last step fails and says
      """text
      host "alpha" was not added for this scenario: begin with a step that adds a host
      """
