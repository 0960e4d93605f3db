@lab
Feature: Servers move between hypervisors of different kinds only while they are off
  A cold migration starts the guest anew on its destination. A live migration needs a hypervisor of the same kind, so
  that Nova refuses it and the server stays as it is.

  Background:
    Given a host "alpha" that behaves normally
    And a host "beta" that uses libvirt
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |

  Rule: A cold migration holds both hosts like any other

    @id-faf9b1
    Scenario Outline: Confirming the migration to host "<to>" frees host "<from>"
      Given server "web" runs flavor "small" on host "<from>"
      And server "web" has an unconfirmed migration to host "<to>"
      When the migration of server "web" is confirmed
      Then server "web" is ACTIVE on host "<to>"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | <to> |    1 |       512 |       1 |

      Examples: Directions
        | from  | to    |
        | alpha | beta  |
        | beta  | alpha |

    @id-79324c
    Scenario Outline: Reverting the migration to host "<to>" frees that host
      Given server "web" runs flavor "small" on host "<from>"
      And server "web" has an unconfirmed migration to host "<to>"
      When the migration of server "web" is reverted
      Then server "web" is ACTIVE on host "<from>"
      And the allocations are
        | consumer   | host   | VCPU | MEMORY_MB | DISK_GB |
        | server web | <from> |    1 |       512 |       1 |

      Examples: Directions
        | from  | to    |
        | alpha | beta  |
        | beta  | alpha |

  Rule: A refused live migration changes nothing

    @id-533443
    Scenario Outline: The server stays on host "<from>"
      Given server "web" runs flavor "small" on host "<from>"
      When server "web" is live migrated to host "<to>"
      Then server "web" is ACTIVE on host "<from>"
      And the last migration of server "web" has status error
      And the allocations are
        | consumer   | host   | VCPU | MEMORY_MB | DISK_GB |
        | server web | <from> |    1 |       512 |       1 |

      Examples: Directions
        | from  | to    |
        | alpha | beta  |
        | beta  | alpha |

  Rule: A returning host of another kind is freed as well

    @id-985ccb
    Scenario: The libvirt host is freed when it returns after an evacuation
      Given server "web" runs flavor "small" on host "beta"
      And host "beta" is down
      And server "web" has been evacuated to host "alpha"
      When host "beta" returns
      Then server "web" is on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
