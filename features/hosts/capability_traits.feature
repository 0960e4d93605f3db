Feature: A compute host reports its capabilities as traits
  Nova sets traits on the resource provider of each host, so that the scheduler finds hosts with the needed capabilities.
  The names are those of os-traits; a name that os-traits does not define is an error in this file.

  Rule: Every compute host is marked as a compute node of Nova

    @placement-1.6 @id-b50c5b
    Scenario: The provider of a compute host has trait COMPUTE_NODE
      Given host "alpha"
      When the periodic task runs on host "alpha"
      Then host "alpha" has trait COMPUTE_NODE

    @microversion-2.104 @id-4c46a2
    Scenario: The provider of a compute host has trait OWNER_NOVA
      Given host "alpha"
      When the periodic task runs on host "alpha"
      Then host "alpha" has trait OWNER_NOVA

  Rule: Capability traits match the capabilities of the virt driver

    @lab @id-59b502
    Scenario: A host with the fake driver has exactly the driver's traits
      Given host "alpha" with the fake driver
      When the periodic task runs on host "alpha"
      Then the standard traits of host "alpha" are
        | trait                                 | its servers may                                |
        | COMPUTE_NODE                          |                                                |
        | OWNER_NOVA                            |                                                |
        | COMPUTE_ACCELERATORS                  | have accelerators                              |
        | COMPUTE_ADDRESS_SPACE_EMULATED        | have an emulated physical address size         |
        | COMPUTE_ADDRESS_SPACE_PASSTHROUGH     | have the physical address size of the host CPU |
        | COMPUTE_DEVICE_TAGGING                | find their devices by tag                      |
        | COMPUTE_IMAGE_TYPE_RAW                | be booted from raw images                      |
        | COMPUTE_MEM_BACKING_FILE              | have file-backed memory                        |
        | COMPUTE_NET_ATTACH_INTERFACE          | get a port while they run                      |
        | COMPUTE_NET_ATTACH_INTERFACE_WITH_TAG | get a port with a tag                          |
        | COMPUTE_SECURITY_STATELESS_FIRMWARE   | have stateless firmware                        |
        | COMPUTE_STORAGE_VIRTIO_FS             | share a file system with the host              |
        | COMPUTE_TRUSTED_CERTS                 | require signed images                          |
        | COMPUTE_VOLUME_ATTACH_WITH_TAG        | get a volume with a tag                        |
        | COMPUTE_VOLUME_EXTEND                 | have their volumes extended                    |
        | COMPUTE_VOLUME_MULTI_ATTACH           | share a volume                                 |

    @id-506fda
    Scenario: A host with the libvirt driver has the driver's traits
      Given host "alpha" with the libvirt driver
      When the periodic task runs on host "alpha"
      Then the traits of host "alpha" include
        | trait                                 | its servers may                        |
        | COMPUTE_NODE                          |                                        |
        | COMPUTE_ACCELERATORS                  | have accelerators                      |
        | COMPUTE_DEVICE_TAGGING                | find their devices by tag              |
        | COMPUTE_IMAGE_TYPE_AKI                | be booted from kernel images           |
        | COMPUTE_IMAGE_TYPE_AMI                | be booted from machine images          |
        | COMPUTE_IMAGE_TYPE_ARI                | be booted from ramdisk images          |
        | COMPUTE_IMAGE_TYPE_ISO                | be booted from ISO images              |
        | COMPUTE_IMAGE_TYPE_RAW                | be booted from raw images              |
        | COMPUTE_NET_ATTACH_INTERFACE          | get a port while they run              |
        | COMPUTE_NET_ATTACH_INTERFACE_WITH_TAG | get a port with a tag                  |
        | COMPUTE_RESCUE_BFV                    | be rescued when they are volume-backed |
        | COMPUTE_SOCKET_PCI_NUMA_AFFINITY      | have PCI devices on their CPU socket   |
        | COMPUTE_TRUSTED_CERTS                 | require signed images                  |
        | COMPUTE_VOLUME_ATTACH_WITH_TAG        | get a volume with a tag                |
        | COMPUTE_VOLUME_EXTEND                 | have their volumes extended            |
        | COMPUTE_VOLUME_MULTI_ATTACH           | share a volume                         |

  Rule: Nova maintains driver traits and leaves other traits to the operator

    @lab @id-cb50be
    Scenario: Losing a capability removes its trait
      Given a host "special" that behaves normally
      When the virt driver of host "special" loses capability supports_multiattach
      Then host "special" does not have trait COMPUTE_VOLUME_MULTI_ATTACH
      And host "special" has trait COMPUTE_VOLUME_EXTEND

    @lab @id-117d7d
    Scenario: Regaining a capability restores its trait
      Given a host "special" that behaves normally
      And the virt driver of host "special" has lost capability supports_multiattach
      When the virt driver of host "special" regains capability supports_multiattach
      Then host "special" has trait COMPUTE_VOLUME_MULTI_ATTACH

    @disruptive @id-a00b18
    Scenario: A driver trait that an operator removes is restored
      Given host "alpha"
      And trait COMPUTE_NODE has been removed from host "alpha"
      When the periodic task runs on host "alpha"
      Then host "alpha" has trait COMPUTE_NODE

    @disruptive @id-c9221c
    Scenario: A standard trait that an operator adds is kept
      Given host "alpha"
      And trait STORAGE_DISK_SSD has been added to host "alpha"
      When the periodic task runs on host "alpha"
      Then host "alpha" has trait STORAGE_DISK_SSD
