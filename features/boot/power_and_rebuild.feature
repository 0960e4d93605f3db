Feature: Operations that do not move a server do not change its allocations
  A stopped server keeps its host, and a rebuilt server keeps its host and flavor, so their allocations stay the same.

  Background:
    Given host "alpha"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" runs flavor "small" on host "alpha"

  Rule: A stopped server is charged like a running one

    @id-81791a
    Scenario: A stopped server keeps its allocations
      When server "web" is shut off
      Then server "web" is SHUTOFF on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @id-50aec0
    Scenario: A started server is charged once
      Given server "web" is stopped
      When server "web" is started
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

  Rule: An interrupted server is charged like a running one

    @id-f8ea22
    Scenario Outline: A server that is <interrupted> keeps its allocations
      When server "web" is <interrupted>
      Then server "web" is <status> on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

      Examples: Interruptions that the owner can request
        | interrupted | status    |
        | paused      | PAUSED    |
        | suspended   | SUSPENDED |
        | rescued     | RESCUE    |
        | rebooted    | ACTIVE    |

  Rule: A rebuilt server is charged once, on its own host

    @id-e9e0f7
    Scenario: Rebuilding from the same image changes no allocations
      When server "web" is rebuilt
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @id-554a59
    Scenario: Rebuilding from another image changes no allocations
      Given an image "spare"
      When server "web" is rebuilt from image "spare"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
