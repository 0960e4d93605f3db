"""The helpers of the tests of safety serve here as well."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(folder) for folder in (HERE, HERE.parent / "safety") if str(folder) not in sys.path]
