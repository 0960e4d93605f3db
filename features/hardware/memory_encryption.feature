@lab
Feature: A server with encrypted memory holds an encryption context
  A host encrypts the memory of a limited number of guests. The contexts are a child of its resource provider, one for
  each model of encryption.

  Background:
    Given a host "alpha" that encrypts memory
    And an image "firmware" with these properties
      | property         | value |
      | hw_firmware_type | uefi  |
      | hw_machine_type  | q35   |
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB | extra specs            |
      | plain  |    1 |       512 |       1 |                        |
      | secret |    1 |       512 |       1 | hw:mem_encryption=True |

  Rule: The context is charged, not the host

    @id-8228d3
    Scenario: A server with encrypted memory holds its host and a context
      When server "web" is booted with flavor "secret" from image "firmware"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host          | VCPU | MEMORY_MB | DISK_GB | MEM_ENCRYPTION_CONTEXT |
        | server web | alpha         |    1 |       512 |       1 |                      0 |
        | server web | alpha/amd_sev |    0 |         0 |       0 |                      1 |

    @id-1000be
    Scenario: Deleting a server frees its context
      Given server "web" runs flavor "secret" from image "firmware" on host "alpha"
      When server "web" is deleted
      Then server "web" is gone
      And there are no allocations
      And the usages have changed by
        | host          | VCPU | MEMORY_MB | DISK_GB | MEM_ENCRYPTION_CONTEXT |
        | alpha         |    0 |         0 |       0 |                      0 |
        | alpha/amd_sev |    0 |         0 |       0 |                      0 |

  Rule: A context is freed where its server has left

    @id-6c322d
    Scenario: An unconfirmed cold migration holds a context on both hosts
      Given a host "beta" that encrypts memory
      And server "web" runs flavor "secret" from image "firmware" on host "alpha"
      When server "web" is cold migrated
      Then server "web" is VERIFY_RESIZE on host "beta"
      And the allocations are
        | consumer         | host          | VCPU | MEMORY_MB | DISK_GB | MEM_ENCRYPTION_CONTEXT |
        | migration of web | alpha         |    1 |       512 |       1 |                      0 |
        | migration of web | alpha/amd_sev |    0 |         0 |       0 |                      1 |
        | server web       | beta          |    1 |       512 |       1 |                      0 |
        | server web       | beta/amd_sev  |    0 |         0 |       0 |                      1 |

    @id-d6cace
    Scenario: Confirming a resize to a flavor without encryption frees the context
      Given a host "beta" that encrypts memory
      And server "web" runs flavor "secret" from image "firmware" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "plain" on host "beta"
      When the resize of server "web" is confirmed
      Then server "web" is ACTIVE on host "beta"
      And the allocations are
        | consumer   | host | VCPU | MEMORY_MB | DISK_GB |
        | server web | beta |    1 |       512 |       1 |

    @id-32ab7d
    Scenario: Reverting a resize to a flavor with encryption frees the context
      Given a host "beta" that encrypts memory
      And server "web" runs flavor "plain" from image "firmware" on host "alpha"
      And server "web" has an unconfirmed resize to flavor "secret" on host "beta"
      When the resize of server "web" is reverted
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |

    @id-546030
    Scenario: A host that returns after an evacuation frees its context
      Given a host "beta" that encrypts memory
      And server "web" runs flavor "secret" from image "firmware" on host "alpha"
      And host "alpha" is down
      And server "web" has been evacuated to host "beta"
      When host "alpha" returns
      Then server "web" is on host "beta"
      And the allocations are
        | consumer   | host         | VCPU | MEMORY_MB | DISK_GB | MEM_ENCRYPTION_CONTEXT |
        | server web | beta         |    1 |       512 |       1 |                      0 |
        | server web | beta/amd_sev |    0 |         0 |       0 |                      1 |

    @id-ecde68
    Scenario: Offloading a server frees its context
      Given server "web" runs flavor "secret" from image "firmware" on host "alpha"
      When server "web" is shelved and offloaded
      Then server "web" is SHELVED_OFFLOADED without a host
      And there are no allocations
