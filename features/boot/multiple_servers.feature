Feature: Servers booted in one request each hold their own allocations
  One request may boot several servers; each of them holds its own flavor on the host that it runs on.

  Background:
    Given host "alpha"
    And these flavors
      | flavor | VCPU | MEMORY_MB  | DISK_GB |
      | small  |    1 |        512 |       1 |
      | pair   |    2 |        512 |       1 |
      | huge   |    1 | 1000000000 |       1 |

  Rule: Each server of a request is a consumer of its own

    @id-443093
    Scenario: Three servers of one request hold their flavor three times
      When 3 servers "web" are booted in one request with flavor "small"
      Then server "web-3" is ACTIVE on host "alpha"
      And the allocations are
        | consumer     | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web-1 | alpha |    1 |       512 |       1 |
        | server web-2 | alpha |    1 |       512 |       1 |
        | server web-3 | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +3 |     +1536 |      +3 |

    @id-4a10c4
    Scenario: Deleting one server keeps the allocations of the others
      Given 3 servers "web" run flavor "small"
      When server "web-2" is deleted
      Then server "web-2" is gone
      And the allocations are
        | consumer     | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web-1 | alpha |    1 |       512 |       1 |
        | server web-3 | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +2 |     +1024 |      +2 |

  Rule: A request that finds no valid host allocates nothing

    @id-7f6cbd
    Scenario: None of the servers holds allocations when no host fits
      When 2 servers "web" are booted in one request with flavor "huge"
      Then server "web-1" is ERROR with fault "No valid host was found"
      And server "web-2" is ERROR with fault "No valid host was found"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |

    @disruptive @id-9c506b
    Scenario: None of the servers holds allocations when only some fit
      Given host "alpha" has capacity for 3 more VCPU
      When 2 servers "web" are booted in one request with flavor "pair"
      Then server "web-1" is ERROR with fault "No valid host was found"
      And server "web-2" is ERROR with fault "No valid host was found"
      And there are no allocations
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |    0 |         0 |       0 |
