Feature: Steps about responses

  Scenario: Listing resources changes nothing
    When a scenario says
      """gherkin
      When a request is sent to the placement API without a token
      Then the response status is 401
      """
    Then its last step changes nothing

  Scenario: A different status is reported with the response
    When a scenario says
      """gherkin
      When a request is sent to the placement API without a token
      Then the response status is 200
      """
    Then its last step fails and says
      """text
      the status of the response, whose body is {'error': {'code': 401, 'title': 'Unauthorized', 'message': 'The request you have made requires authentication.'}}
      Expected: <200>
           but: was <401>
      """

  Scenario: Words missing from a fault are reported with its message
    When a scenario says
      """gherkin
      When an unknown server is requested from the compute API
      Then the response is a JSON fault that says "no such cloud"
      """
    Then its last step fails and says
      """text
      the fault
      Expected: a string containing 'no such cloud'
           but: was "{'itemNotFound': {'code': 404, 'message': 'Instance … could not be found.'}}"
      """

  Scenario: A status that HTTP does not have is refused
    When a scenario says
      """gherkin
      When a request is sent to the placement API without a token
      Then the response status is 999
      """
    Then it is refused before it runs because
      """text
      "999" is not a valid code, which is written as [1-5][0-9][0-9], in: Then the response status is 999
      """
