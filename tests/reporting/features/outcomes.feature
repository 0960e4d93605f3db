Feature: Everything that can become of a scenario

  Scenario: It passes
    Then nothing is wrong

  @disruptive
  Scenario: It is unverified by its tag
    When a step breaks
    Then nothing is wrong

  Scenario: It is unverified by a step
    Then nothing is wrong
    When the periodic runs
    Then nothing is wrong

  Scenario: It is skipped as pytest skips
    When somebody says skip
    Then nothing is wrong

  Scenario: It fails with a bug
    When a step breaks
    Then nothing is wrong

  Scenario: It passes until the audit finds something
    Then nothing is wrong

  Scenario: A fixture breaks in a step
    Given a fixture that breaks
    Then nothing is wrong
