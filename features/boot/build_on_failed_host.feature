@disruptive @lab
Feature: A server whose host fails during the build stays charged there until it is deleted
  A host that fails after its claim can neither finish the build nor release the claim. The server is in ERROR once the
  host has returned, and can be deleted at any time.

  Background:
    Given a host "slow" that builds servers slowly
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |
    And server "web" is being built with flavor "small" on host "slow"

  Rule: The claim outlives the failure

    @id-f13ffd
    Scenario: A server whose host fails during the build stays charged
      When host "slow" fails unnoticed
      Then server "web" is BUILD with task spawning
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | slow |    1 |       512 |       1 |
      And the usages have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | slow |   +1 |      +512 |      +1 |

    @id-358827
    Scenario: A returned host keeps the server in ERROR, and charged
      Given host "slow" has failed unnoticed
      When host "slow" returns without its guests
      Then server "web" is ERROR on host "slow"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | slow |    1 |       512 |       1 |

  Rule: Deleting the server frees the host, at the latest when it returns

    @id-44a450
    Scenario: The deletion waits for a host that Nova reports as up
      Given host "slow" has failed unnoticed
      When the deletion of server "web" is requested
      Then server "web" is BUILD with task deleting
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | slow |    1 |       512 |       1 |

    @id-c1cd70
    Scenario: A returned host completes the deletion
      Given host "slow" has failed unnoticed
      And the deletion of server "web" has been requested
      When host "slow" returns without its guests
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | slow |    0 |         0 |       0 |

    @id-58395d
    Scenario: A server whose deletion was lost is in ERROR, and charged
      Given host "slow" has failed unnoticed
      And the deletion of server "web" has been requested
      And the messages that wait for host "slow" are lost
      When host "slow" returns without its guests
      Then server "web" is ERROR on host "slow"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | slow |    1 |       512 |       1 |

    @id-dcd7b2
    Scenario: Deleting the server once Nova reports the host as down frees the host
      Given host "slow" has failed unnoticed
      And host "slow" is down
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host | VCPU | MEMORY_MB | DISK_GB |
        | slow |    0 |         0 |       0 |
