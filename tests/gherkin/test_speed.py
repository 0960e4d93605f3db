"""Checking does not grow into something one would rather not wait for."""

import time

from stocktake.support.gherkin.checks import errors
from stocktake.support.gherkin.style import style_problems
from stocktake.support.gherkin.text.reading import read_feature

SCENARIO = """
    Scenario: A booted server {n} is charged to the host it runs on
      When server "web-{n}" is booted from flavor "small" on host "alpha"
      Then server "web-{n}" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
"""


def test_500_scenarios_are_checked_in_under_two_seconds(small, tmp_path):
    for file in range(20):
        scenarios = "".join(SCENARIO.format(n=n) for n in range(25))
        text = f'Feature: F\n\n  Background:\n    Given hosts "alpha" and "beta"\n\n  Rule: R\n{scenarios}'
        (tmp_path / f"{file}.feature").write_text(text)
    started = time.process_time()
    for path in sorted(tmp_path.iterdir()):
        feature = read_feature(path)
        assert errors(feature, small) == []
        assert style_problems(feature) == []
    assert time.process_time() - started < 2
