Feature: The APIs answer every request so that a client can act on it
  An account can only be checked through APIs that say who may ask, which request failed, and why.

  Rule: Nobody is served without a token

    Scenario Outline: The <service> API refuses a request without a token
      When the <service> API is asked without a token
      Then the answer is 401

      Examples: Services that keep accounts or run servers
        | service   |
        | compute   |
        | placement |
        | image     |

  Rule: Every answer can be found in the service's log

    Scenario Outline: An answer of the <service> API carries a request id
      When the <service> API is asked for its resources
      Then the answer is 200
      And the answer carries a request id

      Examples: Services that log by request id
        | service   |
        | compute   |
        | placement |
        | image     |

  Rule: A fault says in JSON what was wrong

    Scenario: An unknown server is a 404 that names it
      When the compute API is asked for an unknown server
      Then the answer is 404
      And the answer is a JSON fault that says "could not be found"

    Scenario: An unknown resource provider is a 404 that names it
      When the placement API is asked for an unknown resource provider
      Then the answer is 404
      And the answer is a JSON fault that says "No resource provider with uuid"

    Scenario: A body that is not JSON is a 400
      When the compute API is sent a body that is not JSON
      Then the answer is 400
      And the answer is a JSON fault that says "Malformed request body"

    Scenario: A body larger than the limit is refused
      When the compute API is sent a body of 200 KB
      Then the answer is 413

    Scenario: A microversion that the service does not have is a 406
      When the compute API is asked at microversion 2.9999
      Then the answer is 406
      And the answer is a JSON fault that says "2.9999"

  Rule: Links lead back to where the client asked

    @lab @whole-cloud
    Scenario: Behind a proxy, links carry the proxy's address
      Given the compute API trusts the headers of a proxy
      When the compute API is asked through the proxy "https://cloud.example"
      Then the answer is 200
      And the links of the answer begin with "https://cloud.example"

  Rule: A boot that names what does not exist is refused before anything is charged

    Scenario: An unknown flavor is a 400 that says so
      Given host "alpha"
      When a server is booted from an unknown flavor
      Then the answer is 400
      And the answer is a JSON fault that says "Flavor"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |

    Scenario: An unknown image is a 400 that says so
      Given host "alpha"
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
      When a server is booted from flavor "small" and an unknown image
      Then the answer is 400
      And the answer is a JSON fault that says "image"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |

  Rule: A resize to what does not exist is refused and charges nothing

    Scenario: A resize to an unknown flavor leaves the server as it is
      Given host "alpha"
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
      And server "web" runs flavor "small" on host "alpha"
      When server "web" is resized to an unknown flavor
      Then the answer is 400
      And the answer is a JSON fault that says "Flavor"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
