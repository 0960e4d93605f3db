Feature: Steps that nobody knows

  Scenario: A misspelt step
    Then nothing is wrong
    When server "web" is evacuted
    Then nothing is wrong
