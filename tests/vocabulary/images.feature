Feature: Steps about images

  Background:
    Given every scenario begins with
      """gherkin
      Given host "alpha"
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
        | large  |    2 |      1024 |       2 |
      """

  Scenario: An image is created for the scenario and uploaded
    When a scenario says
      """gherkin
      And an image "quick" that requires trait CUSTOM_FAST
      """
    Then its last step sends
      """text
      placement PUT /traits/CUSTOM_STOCKTAKE_…_FAST
      image POST /images
      image PUT /images/…/file
      """

  Scenario: Properties are those of the image
    When a scenario says
      """gherkin
      And an image "firmware" with these properties
        | property         | value |
        | hw_firmware_type | uefi  |
      And server "web" runs flavor "small" from image "firmware" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      """
    Then it passes

  Scenario: A missing image is reported with the existing ones
    When a scenario says
      """gherkin
      And an image "spare"
      When server "web" is booted with flavor "small" from image "spar"
      """
    Then its last step fails and says
      """text
      image "spar" does not exist in this scenario: its images are "spare"
      """
