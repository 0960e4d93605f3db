"""Makes the helpers of these tests importable, and gives them the shared lab as a site."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from stocktake.support.lab.client import Lab

HERE = Path(__file__).parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))


@pytest.fixture
def site(shared_lab: Lab):
    """The shared lab's whole state."""
    from sites import Site  # noqa: PLC0415 - importable only now

    return Site(shared_lab.clouds_yaml)


@pytest.fixture
def features(tmp_path: Path) -> Callable[..., list[str]]:
    """Copies samples as feature files: `features("quiet")`; here they have another suffix, lest they are collected."""

    def copied(*names: str) -> list[str]:
        return [str(shutil.copy(HERE / f"{name}.gherkin", tmp_path / f"{name}.feature")) for name in names]

    return copied
