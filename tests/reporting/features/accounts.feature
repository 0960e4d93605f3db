Feature: Reverting a resize returns the new flavor
  A resize waiting for its owner is charged twice: the server holds the new flavor where it would run,
  its migration holds the old flavor where it could return to.

  A revert gives the first one back.

  Background:
    Given these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
      | large  |    2 |      1024 |       2 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: An undecided resize is charged on both hosts

    Scenario: The migration keeps the old flavor while the server holds the new one
      When server "web" is resized to flavor "large"
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host  | VCPU | MEMORY_MB | DISK_GB |
        | migration of web | alpha |    1 |       512 |       1 |
        | server web       | beta  |    2 |      1024 |       2 |

  Rule: A reverted resize leaves no trace on the host it visited
    Whoever reverts owes nothing.

    # The migration's allocation was kept: see the bug.
    @bug-1234567 @two-hosts
    Scenario: The server holds its old flavor on its old host again
      When server "web" is resized to flavor "large"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    Scenario: A revert that is charged wrongly is shown
      When the resize of server "web" is reverted
      Then the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    2 |       512 |       1 |

  Rule: A server holds what its flavor promises

    Scenario Outline: A <flavor> server called <server> holds <vcpus> VCPU
      When server "<server>" is booted from flavor "<flavor>" on host "beta"
      Then server "<server>" is <status> on host "beta"

      Examples: common flavors
        | server | flavor | vcpus | status |
        | one    | small  |     1 | ACTIVE |
        | two    | large  |     2 | ACTIVE |

      @disruptive
      Examples: flavors that disturb
        | server | flavor | vcpus | status |
        | three  | large  |     2 | ACTIVE |
        | four   | small  |     1 | ERROR  |

    Scenario: A name is shown and not run
      When server "<script>alert(1)</script>" is booted from flavor "small" on host "alpha"
      Then nothing is wrong
