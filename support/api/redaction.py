"""Hiding passwords and tokens in everything that is written for people."""

import re
from collections.abc import Iterable

HIDDEN = "***"
SHORTEST_SECRET = 4  # characters; hiding "a" would hide everything

TOKEN_SHAPES = re.compile(r"gAAAA[\w-]{20,}={0,2}")
SECRET_FIELDS = re.compile(
    r"""(["']?(?:adminPass|password|secret|X-Auth-Token|X-Subject-Token|X-Control-Token|token)["']?\s*[:=]\s*)"""
    r"""("[^"]*"|'[^']*'|[^\s,;}&]+)""",
    re.IGNORECASE,
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Put `***` in place of the given secrets, of Keystone's tokens and of the values of fields that hold secrets."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, HIDDEN)
    text = TOKEN_SHAPES.sub(HIDDEN, text)
    return SECRET_FIELDS.sub(lambda match: match[1] + HIDDEN, text)
