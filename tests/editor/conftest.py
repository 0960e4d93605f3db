"""The official Cucumber libraries, asked through one short script."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("what_editors_see.mjs")


@pytest.fixture(scope="session")
def editor(node_modules: Path) -> Callable[..., dict[str, Any]]:
    """Ask what an editor sees; see the script for the question and the answer."""

    def ask(**question: Any) -> dict[str, Any]:
        asked = {"python": [], "features": [], "steps": [], "beginnings": [], "texts": [], **question}
        result = subprocess.run(
            ["node", str(SCRIPT), str(node_modules)],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        answer: dict[str, Any] = json.loads(result.stdout)
        return answer

    return ask
