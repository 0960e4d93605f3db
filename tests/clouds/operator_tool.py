"""The operator's own program, which `control:` of a shape's clouds.yaml calls: it acts on machines, not on APIs.

    operator_tool.py FILE stop|fail|drop|return|periodic HOST [kept|lost]

FILE has the address and the token of what acts on the machines; here that is the lab.
"""

import json
import sys
import urllib.error
import urllib.request
from pathlib import Path


def main(file: str, action: str, host: str, guests: str = "kept") -> int:
    """Do it; print why not if that fails."""
    control = json.loads(Path(file).read_text())
    body = json.dumps({"guests": guests} if action == "return" else {}).encode()
    request = urllib.request.Request(
        f"{control['url']}/hosts/{host}/{'messages' if action == 'drop' else action}",
        body,
        {"X-Control-Token": control["token"], "Content-Type": "application/json"},
        method="DELETE" if action == "drop" else "POST",
    )
    try:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60).read()
    except urllib.error.HTTPError as error:
        sys.stderr.write(error.read().decode() + "\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
