"""Evidence that is attached to a step: ledgers, API exchanges, a server's history, the cloud's description.

Four of the media types (support/media_types.py) hold JSON of a fixed shape:

LEDGER   {"title": str,
          "providers": [{"name": str, "capacity": {class: int}}],
          "rows": [{"consumer": str, "provider": str, "resources": {class: int}}],
          "usages": {provider: {class: int}},       as Placement reports them; others hold what exceeds the rows
          "changes": {provider: {class: int}},      optional: the usages less the baseline's
          "expected": {"rows": [...]}               optional: the allocations claimed; complete, a missing row is 0
                   or {"changes": {provider: {class: int}}}}    the changes claimed
HISTORY  [{"seconds": float, "server": str, "status": str, "task_state": str | null, "host": str | null}, ...]
CLOUD    {"name": str, "versions": {service: str}, "microversions": {service: str or [min, max]},
          "hosts": [str, ...], "packages": {name: version}}   every key but the name is optional, further ones are shown
CHECKS   {"checks": [{"name": "usages" | "periodic" | "clean-up", "outcome": "checked" | "unverified" | "failed",
                      "reason": str | null}]}   the implicit checks of every scenario, once, at its end

Amounts are in the unit of their resource class (MEMORY_MB: MB, DISK_GB: GB); seconds count from the scenario's begin.
"""

import base64
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Attachment:
    """One piece of evidence; binary bodies and pictures are base64, as Cucumber's formatters want them."""

    media_type: str
    body: str
    encoding: str
    name: str

    @classmethod
    def of(cls, media_type: str, content: str | bytes, name: str) -> "Attachment":
        """Wrap `content`; text stays text unless it is a picture."""
        if isinstance(content, str) and not media_type.startswith("image/"):
            return cls(media_type, content, "IDENTITY", name)
        data = content.encode() if isinstance(content, str) else content
        return cls(media_type, base64.b64encode(data).decode("ascii"), "BASE64", name)

    @property
    def message(self) -> dict[str, Any]:
        """The attachment message, still without the step it belongs to."""
        return {
            "body": self.body,
            "contentEncoding": self.encoding,
            "mediaType": self.media_type,
            "fileName": self.name,
        }
