Feature: Operators keep accounts in Placement by hand, and Placement keeps them consistent
  Racks, shared storage and devices are accounted for without Nova. Every change names the state it was based on, and
  what is in use cannot be taken away.

  Rule: A resource provider has one name, and one place in a tree

    Scenario: A new resource provider is the root of its own tree
      When resource provider "rack" is created
      Then the tree of resource provider "rack" is
        | provider | parent |
        | rack     |        |
      And the generation of resource provider "rack" is 0

    Scenario: A name can be given once
      Given resource provider "rack"
      When another resource provider is created with the name of "rack"
      Then the answer is 409

    Scenario: A child belongs to the tree of its parent
      Given resource provider "rack"
      And resource provider "shelf" below "rack"
      When resource provider "disk" is created below "shelf"
      Then the tree of resource provider "rack" is
        | provider | parent |
        | rack     |        |
        | shelf    | rack   |
        | disk     | shelf  |

    Scenario: Two trees have nothing to do with each other
      Given resource provider "rack"
      And resource provider "cage"
      When resource provider "shelf" is created below "rack"
      Then the tree of resource provider "cage" is
        | provider | parent |
        | cage     |        |

    Scenario: A parent cannot be deleted before its children
      Given resource provider "rack"
      And resource provider "shelf" below "rack"
      When resource provider "rack" is deleted
      Then the answer is 409
      And resource provider "rack" exists

    Scenario: A resource provider that nobody uses can be deleted
      Given resource provider "rack"
      When resource provider "rack" is deleted
      Then resource provider "rack" does not exist

  Rule: An inventory says what may be given away

    Scenario: What is not said of an inventory has a default
      Given resource provider "rack"
      When resource provider "rack" is given this inventory
        | resource class | total |
        | CUSTOM_SEAT    |    10 |
      Then the inventory of resource provider "rack" is
        | resource class | total | reserved | min_unit | max_unit   | step_size | allocation_ratio |
        | CUSTOM_SEAT    |    10 |        0 |        1 | 2147483647 |         1 |              1.0 |
      And the generation of resource provider "rack" is 1

    Scenario: A new inventory takes the place of the old one
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

    Scenario: A change that missed another one is refused
      Given resource provider "rack"
      And resource provider "rack" has this inventory
        | resource class | total |
        | CUSTOM_SEAT    |    10 |
      When resource provider "rack" is given this inventory by somebody who missed the last change
        | resource class | total |
        | CUSTOM_SEAT    |     5 |
      Then the answer is 409
      And the inventory of resource provider "rack" is
        | resource class | total |
        | CUSTOM_SEAT    |    10 |
      And the generation of resource provider "rack" is 1

  Rule: Nobody holds more than there is

    Background:
      Given resource provider "rack"
      And resource provider "rack" has this inventory
        | resource class | total | reserved | min_unit | max_unit | step_size | allocation_ratio |
        | CUSTOM_SEAT    |    10 |        2 |        2 |        8 |         2 |              1.5 |

    Scenario: What a consumer holds is used
      When consumer "guest" asks for 4 CUSTOM_SEAT of resource provider "rack"
      Then consumer "guest" holds 4 CUSTOM_SEAT
      And 4 CUSTOM_SEAT of resource provider "rack" are used

    Scenario: Usages are the sum of what consumers hold
      Given consumer "guest" holds 4 CUSTOM_SEAT of resource provider "rack"
      When consumer "visitor" asks for 6 CUSTOM_SEAT of resource provider "rack"
      Then consumer "visitor" holds 6 CUSTOM_SEAT
      And 10 CUSTOM_SEAT of resource provider "rack" are used

    Scenario: All that is not reserved can be held, as often as the ratio says
      Given consumer "guest" holds 8 CUSTOM_SEAT of resource provider "rack"
      When consumer "visitor" asks for 4 CUSTOM_SEAT of resource provider "rack"
      Then consumer "visitor" holds 4 CUSTOM_SEAT
      And 12 CUSTOM_SEAT of resource provider "rack" are used

    Scenario Outline: A request that <why> is refused
      Given consumer "guest" holds 8 CUSTOM_SEAT of resource provider "rack"
      When consumer "visitor" asks for <amount> CUSTOM_SEAT of resource provider "rack"
      Then the answer is 409
      And consumer "visitor" holds 0 CUSTOM_SEAT
      And 8 CUSTOM_SEAT of resource provider "rack" are used

      Examples: Limits of an inventory
        | why                                | amount |
        | exceeds the capacity               |      6 |
        | exceeds the largest amount at once |     10 |
        | is below the least amount          |      1 |
        | does not follow the steps          |      3 |

    Scenario: A consumer that is freed holds nothing
      Given consumer "guest" holds 4 CUSTOM_SEAT of resource provider "rack"
      When consumer "guest" is freed
      Then consumer "guest" holds 0 CUSTOM_SEAT
      And 0 CUSTOM_SEAT of resource provider "rack" are used

    Scenario: A change of what a consumer holds that missed another one is refused
      Given consumer "guest" holds 4 CUSTOM_SEAT of resource provider "rack"
      When somebody who missed that asks that consumer "guest" holds 6 CUSTOM_SEAT of "rack"
      Then the answer is 409
      And consumer "guest" holds 4 CUSTOM_SEAT

  Rule: What is in use cannot be taken away

    Background:
      Given resource provider "rack"
      And resource provider "rack" has this inventory
        | resource class | total |
        | CUSTOM_SEAT    |    10 |

    Scenario: A resource provider that somebody uses cannot be deleted
      Given consumer "guest" holds 4 CUSTOM_SEAT of resource provider "rack"
      When resource provider "rack" is deleted
      Then the answer is 409
      And consumer "guest" holds 4 CUSTOM_SEAT

    Scenario: The inventory of a class that somebody uses cannot be removed
      Given consumer "guest" holds 4 CUSTOM_SEAT of resource provider "rack"
      When resource provider "rack" is given this inventory
        | resource class | total |
        | DISK_GB        |   100 |
      Then the answer is 409
      And 4 CUSTOM_SEAT of resource provider "rack" are used

    Scenario: A resource class that a provider has cannot be deleted
      When resource class CUSTOM_SEAT is deleted
      Then the answer is 409
      And resource class CUSTOM_SEAT exists

    Scenario: A trait that a provider has cannot be deleted
      Given resource provider "rack" has trait CUSTOM_COOLED
      When trait CUSTOM_COOLED is deleted
      Then the answer is 409
      And trait CUSTOM_COOLED exists

  Rule: Custom resource classes and traits come and go with their operators

    Scenario: A custom resource class can be made
      When resource class CUSTOM_SEAT is created
      Then resource class CUSTOM_SEAT exists

    Scenario: A custom resource class that nobody has can be deleted
      Given resource class CUSTOM_SEAT
      When resource class CUSTOM_SEAT is deleted
      Then resource class CUSTOM_SEAT does not exist

    Scenario: A standard resource class cannot be deleted
      When resource class VCPU is deleted
      Then the answer is 400
      And resource class VCPU exists

    Scenario: A custom trait can be made
      When trait CUSTOM_COOLED is created
      Then trait CUSTOM_COOLED exists

    Scenario: A custom trait that no provider has can be deleted
      Given trait CUSTOM_COOLED
      When trait CUSTOM_COOLED is deleted
      Then trait CUSTOM_COOLED does not exist

    Scenario: A standard trait cannot be deleted
      When trait COMPUTE_NODE is deleted
      Then the answer is 400
      And trait COMPUTE_NODE exists

    Scenario: A trait says what a provider is, beside others
      Given resource provider "rack"
      And resource provider "rack" has trait CUSTOM_COOLED
      When resource provider "rack" is given trait MISC_SHARES_VIA_AGGREGATE
      Then the traits of resource provider "rack" are
        | trait                     |
        | CUSTOM_COOLED             |
        | MISC_SHARES_VIA_AGGREGATE |

  Rule: Aggregates gather resource providers

    Scenario: An aggregate has the resource providers that joined it
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
