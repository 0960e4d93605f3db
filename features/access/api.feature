Feature: API responses are useful to clients
  Allocations can only be verified through APIs that authenticate their callers and explain why a request failed.

  Rule: A token is required

    @id-005725
    Scenario Outline: The <service> API rejects a request without a token
      When a request is sent to the <service> API without a token
      Then the response status is 401

      Examples: Services that this suite uses
        | service   |
        | compute   |
        | placement |
        | image     |

  Rule: Every response can be found in the service's log

    @id-e3202c
    Scenario Outline: A response of the <service> API includes a request ID
      When the resources of the <service> API are listed
      Then the response status is 200
      And the response includes a request ID

      Examples: Services that log request IDs
        | service   |
        | compute   |
        | placement |
        | image     |

  Rule: A fault explains in JSON what went wrong

    @id-53d7a7
    Scenario: Requesting an unknown server returns 404
      When an unknown server is requested from the compute API
      Then the response status is 404
      And the response is a JSON fault that says "could not be found"

    @id-408843
    Scenario: Requesting an unknown resource provider returns 404
      When an unknown resource provider is requested from the placement API
      Then the response status is 404
      And the response is a JSON fault that says "No resource provider with uuid"

    @id-21bacf
    Scenario: Sending a body that is not JSON returns 400
      When a body that is not JSON is sent to the compute API
      Then the response status is 400
      And the response is a JSON fault that says "Malformed request body"

    @id-5f0fdc
    Scenario: Sending a body above the size limit returns 413
      When a body of 200 KB is sent to the compute API
      Then the response status is 413

    @id-799097
    Scenario: Requesting an unsupported microversion returns 406
      When a request is sent to the compute API using microversion 2.9999
      Then the response status is 406
      And the response is a JSON fault that says "2.9999"

  Rule: Links use the address that the client used

    @lab @whole-cloud @id-9c7623
    Scenario: Behind a proxy, links use the address of the proxy
      Given the compute API trusts proxy headers
      When a request is sent to the compute API through the proxy "https://cloud.example"
      Then the response status is 200
      And the links in the response begin with "https://cloud.example"

  Rule: A boot with an unknown flavor or image allocates nothing

    @id-be1060
    Scenario: Booting with an unknown flavor returns 400
      Given host "alpha"
      When a server is booted with an unknown flavor
      Then the response status is 400
      And the response is a JSON fault that says "Flavor"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |

    @id-f2dd91
    Scenario: Booting from an unknown image returns 400
      Given host "alpha"
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
      When a server is booted with flavor "small" from an unknown image
      Then the response status is 400
      And the response is a JSON fault that says "image"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |

  Rule: A resize to an unknown flavor allocates nothing

    @id-55c0b5
    Scenario: Resizing to an unknown flavor leaves the server unchanged
      Given host "alpha"
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
      And server "web" runs flavor "small" on host "alpha"
      When server "web" is resized to an unknown flavor
      Then the response status is 400
      And the response is a JSON fault that says "Flavor"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
