Feature: Deleting a server in ERROR frees everything held for it
  A server in ERROR still holds its allocations; deleting the server frees them.

  Background:
    Given host "alpha"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: A server in ERROR is charged until it is deleted

    @id-11f7af
    Scenario: A server in ERROR keeps its allocations
      When server "web" is reset to ERROR
      Then server "web" is ERROR on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @id-d28280
    Scenario: Deleting a server in ERROR leaves no allocations
      Given server "web" has been reset to ERROR
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
