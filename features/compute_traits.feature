Feature: A compute host says by traits what it is and what its virt driver can do
  The scheduler finds hosts that can attach, extend or encrypt by traits that Nova keeps on their resource providers.
  Their names are those of os-traits; a name that os-traits does not have is an error in this file.

  Rule: Every compute host is marked as Nova's

    @placement-1.6
    Scenario: The provider of a compute host says that it is one
      Given host "alpha"
      When the periodic runs on host "alpha"
      Then host "alpha" has trait COMPUTE_NODE

    @microversion-2.104
    Scenario: The provider of a compute host says whose it is
      Given host "alpha"
      When the periodic runs on host "alpha"
      Then host "alpha" has trait OWNER_NOVA

  Rule: A host has a trait for all that its virt driver can do, and for nothing else

    @lab
    Scenario: A host with the fake driver has its traits and no other
      Given host "alpha"
      And the virt driver of host "alpha" is fake
      When the periodic runs on host "alpha"
      Then the standard traits of host "alpha" are
        | trait                                 | its servers may                         |
        | COMPUTE_NODE                          |                                         |
        | OWNER_NOVA                            |                                         |
        | COMPUTE_ACCELERATORS                  | have accelerators                       |
        | COMPUTE_ADDRESS_SPACE_EMULATED        | have an emulated address space          |
        | COMPUTE_ADDRESS_SPACE_PASSTHROUGH     | have the address space of the processor |
        | COMPUTE_DEVICE_TAGGING                | find their devices by tags              |
        | COMPUTE_IMAGE_TYPE_RAW                | be booted from raw images               |
        | COMPUTE_MEM_BACKING_FILE              | have memory backed by a file            |
        | COMPUTE_NET_ATTACH_INTERFACE          | be given a port while they run          |
        | COMPUTE_NET_ATTACH_INTERFACE_WITH_TAG | be given a port with a tag              |
        | COMPUTE_SECURITY_STATELESS_FIRMWARE   | have firmware that keeps nothing        |
        | COMPUTE_STORAGE_VIRTIO_FS             | share a file system with the host       |
        | COMPUTE_TRUSTED_CERTS                 | insist on signed images                 |
        | COMPUTE_VOLUME_ATTACH_WITH_TAG        | be given a volume with a tag            |
        | COMPUTE_VOLUME_EXTEND                 | have their volumes enlarged             |
        | COMPUTE_VOLUME_MULTI_ATTACH           | share a volume                          |

    Scenario: A host with libvirt has the traits of its driver
      Given host "alpha"
      And the virt driver of host "alpha" is libvirt
      When the periodic runs on host "alpha"
      Then the traits of host "alpha" include
        | trait                                 | its servers may                                 |
        | COMPUTE_NODE                          |                                                 |
        | COMPUTE_ACCELERATORS                  | have accelerators                               |
        | COMPUTE_DEVICE_TAGGING                | find their devices by tags                      |
        | COMPUTE_IMAGE_TYPE_AKI                | be booted from kernel images                    |
        | COMPUTE_IMAGE_TYPE_AMI                | be booted from machine images                   |
        | COMPUTE_IMAGE_TYPE_ARI                | be booted from ramdisk images                   |
        | COMPUTE_IMAGE_TYPE_ISO                | be booted from optical disks                    |
        | COMPUTE_IMAGE_TYPE_RAW                | be booted from raw images                       |
        | COMPUTE_NET_ATTACH_INTERFACE          | be given a port while they run                  |
        | COMPUTE_NET_ATTACH_INTERFACE_WITH_TAG | be given a port with a tag                      |
        | COMPUTE_RESCUE_BFV                    | be rescued although their root disk is a volume |
        | COMPUTE_SOCKET_PCI_NUMA_AFFINITY      | have devices near their processors              |
        | COMPUTE_TRUSTED_CERTS                 | insist on signed images                         |
        | COMPUTE_VOLUME_ATTACH_WITH_TAG        | be given a volume with a tag                    |
        | COMPUTE_VOLUME_EXTEND                 | have their volumes enlarged                     |
        | COMPUTE_VOLUME_MULTI_ATTACH           | share a volume                                  |

  Rule: Nova keeps the traits of its driver and leaves all others to the operator

    @lab
    Scenario: A capability that goes takes its trait along
      Given a host "special" that works like any other
      When the virt driver of host "special" loses capability supports_multiattach
      Then host "special" lacks trait COMPUTE_VOLUME_MULTI_ATTACH
      And host "special" has trait COMPUTE_VOLUME_EXTEND

    @lab
    Scenario: A capability that comes back brings its trait
      Given a host "special" that works like any other
      And the virt driver of host "special" has lost capability supports_multiattach
      When the virt driver of host "special" regains capability supports_multiattach
      Then host "special" has trait COMPUTE_VOLUME_MULTI_ATTACH

    Scenario: A trait of the driver that an operator takes off comes back
      Given host "alpha"
      And trait COMPUTE_NODE has been taken off host "alpha"
      When the periodic runs on host "alpha"
      Then host "alpha" has trait COMPUTE_NODE

    Scenario: A standard trait that an operator adds stays
      Given host "alpha"
      And trait STORAGE_DISK_SSD is on host "alpha"
      When the periodic runs on host "alpha"
      Then host "alpha" has trait STORAGE_DISK_SSD
