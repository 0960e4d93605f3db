Feature: Operators manage resource providers through the Placement API
  Racks, shared storage and devices are tracked without Nova. Every update includes the generation it is based on, and
  resources that are in use cannot be removed.

  Rule: A resource provider has a unique name and one place in a tree

    @id-4ad7b1
    Scenario: A new resource provider is the root of its own tree
      When resource provider "rack" is created
      Then the tree of resource provider "rack" is
        | provider | parent |
        | rack     |        |
      And the generation of resource provider "rack" is 0

    @id-000206
    Scenario: A name cannot be used twice
      Given resource provider "rack"
      When another resource provider named "rack" is created
      Then the response status is 409

    @id-32385c
    Scenario: A child belongs to the tree of its parent
      Given resource provider "rack"
      And resource provider "shelf" is a child of "rack"
      When resource provider "disk" is created as a child of "shelf"
      Then the tree of resource provider "rack" is
        | provider | parent |
        | rack     |        |
        | shelf    | rack   |
        | disk     | shelf  |

    @id-9f0bc6
    Scenario: Two trees are independent
      Given resource provider "rack"
      And resource provider "cage"
      When resource provider "shelf" is created as a child of "rack"
      Then the tree of resource provider "cage" is
        | provider | parent |
        | cage     |        |

    @id-1328e1
    Scenario: A parent cannot be deleted before its children
      Given resource provider "rack"
      And resource provider "shelf" is a child of "rack"
      When resource provider "rack" is deleted
      Then the response status is 409
      And resource provider "rack" exists

    @id-2df2cd
    Scenario: An unused resource provider can be deleted
      Given resource provider "rack"
      When resource provider "rack" is deleted
      Then resource provider "rack" does not exist

  Rule: An inventory defines what can be allocated

    @id-627e0a
    Scenario: Omitted inventory fields have defaults
      Given resource provider "rack"
      When resource provider "rack" is given this inventory
        | resource class | total |
        | CUSTOM_SEAT    |    10 |
      Then the inventory of resource provider "rack" is
        | resource class | total | reserved | min_unit | max_unit   | step_size | allocation_ratio |
        | CUSTOM_SEAT    |    10 |        0 |        1 | 2147483647 |         1 |              1.0 |
      And the generation of resource provider "rack" is 1

    @id-6301a4
    Scenario: A new inventory replaces the old one
      Given resource provider "rack"
      And resource provider "rack" has this inventory
        | resource class | total |
        | CUSTOM_SEAT    |    10 |
        | DISK_GB        |   100 |
      When resource provider "rack" is given this inventory
        | resource class | total | reserved |
        | CUSTOM_SEAT    |    12 |        2 |
      Then the inventory of resource provider "rack" is
        | resource class | total | reserved |
        | CUSTOM_SEAT    |    12 |        2 |
      And the generation of resource provider "rack" is 2

    @id-fa413b
    Scenario: An inventory update with a stale generation is rejected
      Given resource provider "rack"
      And resource provider "rack" has this inventory
        | resource class | total |
        | CUSTOM_SEAT    |    10 |
      When resource provider "rack" is given this inventory with a stale generation
        | resource class | total |
        | CUSTOM_SEAT    |     5 |
      Then the response status is 409
      And the inventory of resource provider "rack" is
        | resource class | total |
        | CUSTOM_SEAT    |    10 |
      And the generation of resource provider "rack" is 1

  Rule: Allocations never exceed the inventory

    Background:
      Given resource provider "rack"
      And resource provider "rack" has this inventory
        | resource class | total | reserved | min_unit | max_unit | step_size | allocation_ratio |
        | CUSTOM_SEAT    |    10 |        2 |        2 |        8 |         2 |              1.5 |

    @id-793f1d
    Scenario: An allocation is counted as usage
      When consumer "guest" requests 4 CUSTOM_SEAT on resource provider "rack"
      Then consumer "guest" holds 4 CUSTOM_SEAT
      And the usage of resource provider "rack" is 4 CUSTOM_SEAT

    @id-4592a0
    Scenario: The usage is the sum of all allocations
      Given consumer "guest" holds 4 CUSTOM_SEAT on resource provider "rack"
      When consumer "visitor" requests 6 CUSTOM_SEAT on resource provider "rack"
      Then consumer "visitor" holds 6 CUSTOM_SEAT
      And the usage of resource provider "rack" is 10 CUSTOM_SEAT

    @id-c84648
    Scenario: The whole capacity can be allocated
      Given consumer "guest" holds 8 CUSTOM_SEAT on resource provider "rack"
      When consumer "visitor" requests 4 CUSTOM_SEAT on resource provider "rack"
      Then consumer "visitor" holds 4 CUSTOM_SEAT
      And the usage of resource provider "rack" is 12 CUSTOM_SEAT

    @id-d983e2
    Scenario Outline: A request that <why> is rejected
      Given consumer "guest" holds 8 CUSTOM_SEAT on resource provider "rack"
      When consumer "visitor" requests <amount> CUSTOM_SEAT on resource provider "rack"
      Then the response status is 409
      And consumer "visitor" holds 0 CUSTOM_SEAT
      And the usage of resource provider "rack" is 8 CUSTOM_SEAT

      Examples: Limits of an inventory
        | why                  | amount |
        | exceeds the capacity |      6 |
        | exceeds max_unit     |     10 |
        | is below min_unit    |      1 |
        | violates step_size   |      3 |

    @id-ec5403
    Scenario: A consumer holds nothing after its allocations are deleted
      Given consumer "guest" holds 4 CUSTOM_SEAT on resource provider "rack"
      When the allocations of consumer "guest" are deleted
      Then consumer "guest" holds 0 CUSTOM_SEAT
      And the usage of resource provider "rack" is 0 CUSTOM_SEAT

    @id-7d3679
    Scenario: An allocation update with a stale generation is rejected
      Given consumer "guest" holds 4 CUSTOM_SEAT on resource provider "rack"
      When consumer "guest" requests 6 CUSTOM_SEAT on "rack" with a stale generation
      Then the response status is 409
      And consumer "guest" holds 4 CUSTOM_SEAT

  Rule: Resources in use cannot be removed

    Background:
      Given resource provider "rack"
      And resource provider "rack" has this inventory
        | resource class | total |
        | CUSTOM_SEAT    |    10 |

    @id-d86f0c
    Scenario: A resource provider in use cannot be deleted
      Given consumer "guest" holds 4 CUSTOM_SEAT on resource provider "rack"
      When resource provider "rack" is deleted
      Then the response status is 409
      And consumer "guest" holds 4 CUSTOM_SEAT

    @id-6c2009
    Scenario: The inventory of a resource class in use cannot be removed
      Given consumer "guest" holds 4 CUSTOM_SEAT on resource provider "rack"
      When resource provider "rack" is given this inventory
        | resource class | total |
        | DISK_GB        |   100 |
      Then the response status is 409
      And the usage of resource provider "rack" is 4 CUSTOM_SEAT

    @id-f6d750
    Scenario: A resource class in an inventory cannot be deleted
      When resource class CUSTOM_SEAT is deleted
      Then the response status is 409
      And resource class CUSTOM_SEAT exists

    @id-33f5d6
    Scenario: A trait of a provider cannot be deleted
      Given resource provider "rack" has trait CUSTOM_COOLED
      When trait CUSTOM_COOLED is deleted
      Then the response status is 409
      And trait CUSTOM_COOLED exists

  Rule: Operators create and delete custom resource classes and traits

    @id-91cb5c
    Scenario: A custom resource class can be created
      When resource class CUSTOM_SEAT is created
      Then resource class CUSTOM_SEAT exists

    @id-59cc72
    Scenario: An unused custom resource class can be deleted
      Given resource class CUSTOM_SEAT
      When resource class CUSTOM_SEAT is deleted
      Then resource class CUSTOM_SEAT does not exist

    @id-ffb0c4
    Scenario: A standard resource class cannot be deleted
      When resource class VCPU is deleted
      Then the response status is 400
      And resource class VCPU exists

    @id-1db0ff
    Scenario: A custom trait can be created
      When trait CUSTOM_COOLED is created
      Then trait CUSTOM_COOLED exists

    @id-ede491
    Scenario: An unused custom trait can be deleted
      Given trait CUSTOM_COOLED
      When trait CUSTOM_COOLED is deleted
      Then trait CUSTOM_COOLED does not exist

    @id-b9e902
    Scenario: A standard trait cannot be deleted
      When trait COMPUTE_NODE is deleted
      Then the response status is 400
      And trait COMPUTE_NODE exists

    @id-eb4189
    Scenario: A provider can have several traits
      Given resource provider "rack"
      And resource provider "rack" has trait CUSTOM_COOLED
      When resource provider "rack" is given trait MISC_SHARES_VIA_AGGREGATE
      Then the traits of resource provider "rack" are
        | trait                     |
        | CUSTOM_COOLED             |
        | MISC_SHARES_VIA_AGGREGATE |

  Rule: Aggregates group resource providers

    @id-af5cf6
    Scenario: An aggregate contains the resource providers that joined it
      Given resource provider "rack"
      And resource provider "cage"
      And resource provider "rack" is in aggregate "east"
      And resource provider "rack" is in aggregate "cold"
      When resource provider "cage" joins aggregate "east"
      Then the resource providers of aggregate "east" are
        | provider |
        | rack     |
        | cage     |
      And the resource providers of aggregate "cold" are
        | provider |
        | rack     |
