Feature: Steps about ports
  The lab of these tests has no Neutron; the lab that has one is verified by the features themselves.

  Background:
    Given every scenario begins with
      """gherkin
      Given host "alpha"
      And these flavors
        | flavor | VCPU | MEMORY_MB | DISK_GB |
        | small  |    1 |       512 |       1 |
      """

  Scenario: Ports cannot guarantee anything on a cloud without Neutron
    When a scenario says
      """gherkin
      And these ports
        | port | NET_BW_EGR_KILOBIT_PER_SEC |
        | gold |                       1000 |
      When server "web" is booted with flavor "small" and port "gold" on host "alpha"
      """
    Then it is unverified because
      """text
      unverified: cloud "…" has no networking service; use a cloud whose Neutron has the plugins qos and placement; the lab has it with --lab-with=neutron
      """

  Scenario: A port that no step has made does not exist
    When a scenario says
      """gherkin
      When server "web" is booted with flavor "small" and port "gold" on host "alpha"
      """
    Then its last step fails and says
      """text
      port "gold" does not exist in this scenario: its ports are none yet
      """

  Scenario: A column that no port can guarantee is refused
    When a scenario says
      """gherkin
      And these ports
        | port | VCPU |
        | gold |    1 |
      """
    Then its last step fails and says
      """text
      the table of ports has an unknown column "VCPU"; it may have …
      """
