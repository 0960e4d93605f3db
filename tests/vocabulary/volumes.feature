Feature: Steps about volumes

  Background:
    Given every scenario begins with
      """gherkin
      Given host "alpha"
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
        | large  |    2 |      1024 |       2 |
      """

  Scenario: A volume that no step provided does not exist
    When a scenario says
      """gherkin
      When server "web" is booted with flavor "small" from the volume on host "alpha"
      """
    Then its last step fails and says
      """text
      there is no volume to boot from: begin with "a bootable volume"
      """

  Scenario: A server boots from the volume
    When a scenario says
      """gherkin
      And a bootable volume
      When server "web" is booted with flavor "small" from the volume on host "alpha"
      """
    Then its last step sends
      """text
      compute POST /flavors
      compute POST /flavors/…/os-extra_specs
      compute POST /servers
      """

  Scenario: Without Cinder there is no volume
    When a scenario says
      """gherkin
      And volume "data" of 1 GB
      """
    Then it is unverified because
      """text
      … has no block storage service in its catalog…
      """

  Scenario: Without Cinder no volumes can be looked at
    When a scenario says
      """gherkin
      When server "web" is booted with flavor "small" on host "alpha"
      Then there are no volumes
      """
    Then it is unverified because
      """text
      … has no block storage service in its catalog…
      """

  Scenario: Without Cinder there are no volume types
    When a scenario says
      """gherkin
      And volume type "plain"
      """
    Then it is unverified because
      """text
      … has no block storage service in its catalog…
      """

  Scenario: A volume is not retyped to a type that no step created
    When a scenario says
      """gherkin
      When volume "data" is retyped to "fast"
      """
    Then its last step fails and says
      """text
      volume "data" does not exist in this scenario: its volumes are none yet
      """
