Feature: Steps about resource providers

  Scenario: A provider is created with a name unique to the scenario
    When a scenario says
      """gherkin
      Given resource provider "rack"
      """
    Then its last step sends
      """text
      placement PUT /traits/CUSTOM_STOCKTAKE_…_SCENARIO_…
      placement POST /resource_providers
      """

  Scenario: An inventory is replaced as a whole
    When a scenario says
      """gherkin
      Given resource provider "rack"
      And resource class CUSTOM_SEAT
      When resource provider "rack" is given this inventory
        | resource class | total |
        | CUSTOM_SEAT    |    10 |
      """
    Then its last step sends
      """text
      placement PUT /resource_providers/…/inventories
      """

  Scenario: A different generation is reported
    When a scenario says
      """gherkin
      Given resource provider "rack"
      Then the generation of resource provider "rack" is 3
      """
    Then its last step fails and says
      """text
      waited … s for the generation of resource provider "rack" to match (… readings)
      Expected: <3>
           but: was <0>
      History:
      …
      """

  Scenario: A missing provider is reported with the existing ones
    When a scenario says
      """gherkin
      Given resource provider "rack"
      When resource provider "rakc" is deleted
      """
    Then its last step fails and says
      """text
      resource provider "rakc" does not exist in this scenario: its resource providers are "rack"
      """

  Scenario: A different tree is shown
    When a scenario says
      """gherkin
      Given resource provider "rack"
      And resource provider "shelf" is a child of "rack"
      Then the tree of resource provider "shelf" is
        | provider | parent |
        | shelf    |        |
      """
    Then its last step fails and says
      """text
      waited … s for the tree of resource provider "shelf" to match (… readings)
      Expected: shelf
           but: rack, shelf under rack (it lacks shelf; it has besides rack, shelf under rack)
      History:
      …
      """

  Scenario: Shared storage holds the disk of a server on a host that uses it
    When a scenario says
      """gherkin
      @lab
      Given shared storage "nfs" with 100 GB
      And a host "diskless" that has no disk of its own and is preferred by the scheduler
      And host "diskless" uses shared storage "nfs"
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
      And server "web" runs flavor "small"
      Then the allocations are
        | consumer   | host     | VCPU | MEMORY_MB | DISK_GB |
        | server web | diskless |    1 |       512 |       0 |
        | server web | nfs      |    0 |         0 |       1 |
      """
    Then it passes

  Scenario: A host of others cannot use shared storage of a scenario
    When a scenario says
      """gherkin
      @lab
      Given shared storage "nfs" with 100 GB
      And host "alpha" uses shared storage "nfs"
      """
    Then its last step fails and says
      """text
      host "alpha" was not added for this scenario: begin with a step that adds a host
      """

  Scenario: Shared storage needs a name of its own
    When a scenario says
      """gherkin
      @lab
      Given resource provider "rack"
      And shared storage "rack" with 100 GB
      """
    Then its last step fails and says
      """text
      "rack" is already the name of a provider or a host: give the shared storage its own
      """
