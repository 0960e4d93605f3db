Feature: Steps about hypervisors

  Background:
    Given every scenario begins with
      """gherkin
      Given host "alpha"
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
        | large  |    2 |      1024 |       2 |
      """

  Scenario: Figures that differ are shown as a table
    When a scenario says
      """gherkin
      And the hypervisor figures are up to date
      Then the hypervisor figures have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +7 |         0 |       0 |
      """
    Then its last step fails and says
      """text
      waited … s for the changes in the hypervisor figures to match (… readings)
      Expected: hypervisor figures to have changed by
            | host  | VCPU | MEMORY_MB | DISK_GB |
            | alpha |   +7 |         0 |       0 |
           but: Nova says
            | host  |       VCPU | MEMORY_MB | DISK_GB |
            | alpha | 0 (not +7) |         0 |       0 |
      History:
      …
      """

  Scenario: Nova's figures are compared with Placement's
    When a scenario says
      """gherkin
      And the hypervisor figures are up to date
      Then the hypervisor figures of host "alpha" match its usages plus reserved amounts
      """
    Then its last step changes nothing
