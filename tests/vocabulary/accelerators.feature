Feature: Steps about accelerators

  Background:
    Given every scenario begins with
      """gherkin
      Given host "alpha"
      """

  Scenario: Without Cyborg there is no device profile
    When a scenario says
      """gherkin
      And device profile "card" of 1 FPGA
      """
    Then it is unverified because
      """text
      … has no accelerator service in its catalog…
      """

  Scenario: Without Cyborg no requests can be looked at
    When a scenario says
      """gherkin
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
      When server "web" is booted with flavor "small" on host "alpha"
      Then there are no accelerator requests
      """
    Then it is unverified because
      """text
      … has no accelerator service in its catalog…
      """

  Scenario: Without Cyborg no binding can be refused
    When a scenario says
      """gherkin
      @lab @whole-cloud @disruptive
      And Cyborg refuses the next binding
      """
    Then it is unverified because
      """text
      … has no accelerator service in its catalog…
      """
