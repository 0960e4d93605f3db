"""Runs `nova-manage` in a process that dies with its caller.

python -m stocktake.support.lab.services.nova_manage PARENT-PROCESS-ID NOVA.CONF ARGUMENT...
"""

import sys

from stocktake.support.lab.services import serving


def main() -> int:
    """The exit status of nova-manage."""
    parent, config, *arguments = sys.argv[1:]
    serving.die_with(int(parent))
    from nova.cmd import manage  # noqa: PLC0415 - after the parent is known to live

    sys.argv = ["nova-manage", "--config-file", config, *arguments]
    return int(manage.main() or 0)


if __name__ == "__main__":
    sys.exit(main())
