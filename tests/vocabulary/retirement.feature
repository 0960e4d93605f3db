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
