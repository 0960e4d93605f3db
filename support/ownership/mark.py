"""The mark of a run: everything that it creates carries it, and only that may be swept."""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

PREFIX = "stocktake"
METADATA_KEY = "stocktake"
NAME_PREFIX = f"{PREFIX}-"
CUSTOM_PREFIX = f"CUSTOM_{PREFIX.upper()}_"

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_TIME_DIGITS = 7  # seconds since 1970, base 36
_RANDOM_DIGITS = 5
_RUN = re.compile(rf"[0-9a-z]{{{_TIME_DIGITS + _RANDOM_DIGITS}}}")
_NAME = re.compile(rf"{PREFIX}-(?P<run>{_RUN.pattern})(-|$)")
_CUSTOM = re.compile(rf"CUSTOM_{PREFIX.upper()}_(?P<run>{_RUN.pattern.replace('a-z', 'A-Z')})(_|$)")


@dataclass(frozen=True)
class Mark:
    """The mark of everything that one run creates: `stocktake-RUN-…`, `CUSTOM_STOCKTAKE_RUN_…`, metadata `stocktake:
    RUN`.

    `run` is twelve digits and small letters: the start time of the run, and a random part.
    """

    run: str

    def __post_init__(self) -> None:
        if not _RUN.fullmatch(self.run):
            raise ValueError(f'"{self.run}" is not the name of a run: twelve digits and small letters')

    @classmethod
    def new(cls) -> Self:
        """A new, unique mark."""
        seconds = int(datetime.now(UTC).timestamp())
        began = "".join(_DIGITS[seconds // 36**power % 36] for power in reversed(range(_TIME_DIGITS)))
        return cls(began + "".join(secrets.choice(_DIGITS) for _ in range(_RANDOM_DIGITS)))

    @classmethod
    def of(cls, name: str) -> Self | None:
        """The mark in this name of a thing, trait or resource class; None if there is none."""
        found = _NAME.match(name) or _CUSTOM.match(name)
        return cls(found["run"].lower()) if found else None

    @property
    def began(self) -> datetime:
        """When the run began."""
        return datetime.fromtimestamp(int(self.run[:_TIME_DIGITS], 36), UTC)

    @property
    def prefix(self) -> str:
        """How the name of everything marked begins."""
        return f"{PREFIX}-{self.run}-"

    @property
    def metadata(self) -> dict[str, str]:
        """What servers carry beside their name."""
        return {METADATA_KEY: self.run}

    def name(self, what: str) -> str:
        """A marked name: `stocktake-RUN-web`. The same word gives the same name."""
        return self.prefix + what

    def trait(self, what: str) -> str:
        """A marked trait or resource class, `CUSTOM_STOCKTAKE_RUN_…`: capitals, digits and underscores."""
        return f"CUSTOM_{PREFIX.upper()}_{self.run.upper()}_{re.sub('[^A-Z0-9]', '_', what.upper())}"

    def id(self) -> str:
        """A marked, unique id, for flavors."""
        return self.prefix + secrets.token_hex(6)

    def owns(self, name: str | None) -> bool:
        """Whether a thing of this name was created by this run."""
        return name is not None and Mark.of(name) == self
