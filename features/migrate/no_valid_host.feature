Feature: A move that finds no valid host leaves all allocations unchanged
  A server whose move was refused has not moved. The server still holds its old allocations, and its migration holds none.

  Background:
    Given host "alpha"
    And these flavors
      | flavor | VCPU | MEMORY_MB  | DISK_GB |
      | small  |    1 |        512 |       1 |
      | huge   |    1 | 1000000000 |       1 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: The server holds its old allocations again

    @id-b7665f
    Scenario: A resize to a flavor that fits on no host
      When server "web" is resized to flavor "huge"
      Then server "web" is ACTIVE on host "alpha"
      And the resize action of server "web" failed
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @id-f840cd
    Scenario: A cold migration without another host
      When server "web" is cold migrated
      Then server "web" is ACTIVE on host "alpha"
      And the migrate action of server "web" failed
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @id-86349b
    Scenario: A live migration without another host
      When server "web" is live migrated
      Then server "web" is ACTIVE on host "alpha"
      And the last migration of server "web" has status error
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

  Rule: Deleting the server after a refused move frees everything

    @id-d441c2
    Scenario: Deleting a server after a refused resize leaves no allocations
      Given no valid host was found to resize server "web" to flavor "huge"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
