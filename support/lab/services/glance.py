"""The lab's Glance: images as files, and one small active image to boot from."""

import hashlib
import os
import socket
from functools import cache
from pathlib import Path
from typing import Any

from stocktake.support.lab import releases
from stocktake.support.lab.blueprint import IMAGE_BYTES, IMAGE_ID, IMAGE_NAME, PROJECTS, Blueprint
from stocktake.support.lab.services import configuration, databases, serving
from stocktake.support.lab.services.installed import installed_file

THREADS = 4
STORE = "files"


def run(plan: Blueprint, listeners: dict[str, socket.socket], report: serving.Report) -> None:
    """Serve Glance until the process ends."""
    home = plan.home("glance")
    for folder in ("images", "staging", "tasks", "cache", "locks"):
        (home / folder).mkdir()
    config = home / "glance-api.conf"
    paste = home / "glance-api-paste.ini"  # Glance also looks for it in its folder, whatever the option says
    paste.write_bytes(installed_file("glance", paste.name).read_bytes())
    config.write_text(configuration.render(plan.shape.merged("glance", configuration.glance(plan, paste))))
    os.environ["OS_GLANCE_CONFIG_DIR"] = str(home)
    from glance.common import wsgi_app  # noqa: PLC0415 - a service is imported in its own process only

    @cache
    def application() -> Any:
        return wsgi_app.init_app()

    def build() -> None:
        wsgi_app.CONF([], project="glance", prog="glance-api", default_config_files=[str(config)])
        _migrate()
        _record_image()

    report.say("database")
    databases.adapt_oslo_db(told_of_writers=releases.installed().glance_writers)
    databases.provide([home / "glance.sqlite"], build=build, source=Path(__file__))
    _store_image(home)
    report.say("application")
    application()
    report.say(serving.LISTENING)
    serving.serve(application(), listeners["glance"], threads=THREADS)


def _migrate() -> None:
    from alembic import command  # noqa: PLC0415
    from glance.db import migration  # noqa: PLC0415
    from glance.db.sqlalchemy import alembic_migrations  # noqa: PLC0415

    config = alembic_migrations.get_alembic_config()
    for branch in (migration.EXPAND_BRANCH, migration.CONTRACT_BRANCH):
        command.upgrade(config, alembic_migrations.get_alembic_branch_head(branch))


def _record_image() -> None:
    """The image's record, except for the address of its file, which is different in each lab."""
    from glance import context  # noqa: PLC0415
    from glance.db.sqlalchemy import api  # noqa: PLC0415

    values = {
        "id": IMAGE_ID,
        "name": IMAGE_NAME,
        "status": "active",
        "visibility": "public",
        "owner": PROJECTS["admin"],
        "disk_format": "raw",
        "container_format": "bare",
        "min_disk": 0,
        "min_ram": 0,
        "size": len(IMAGE_BYTES),
        "virtual_size": len(IMAGE_BYTES),
        "checksum": hashlib.md5(IMAGE_BYTES, usedforsecurity=False).hexdigest(),
        "os_hash_algo": "sha512",
        "os_hash_value": hashlib.sha512(IMAGE_BYTES).hexdigest(),
        "locations": [{"url": "file:///", "metadata": {"store": STORE}, "status": "active"}],
    }
    api.image_create(context.get_admin_context(), values)


def _store_image(home: Path) -> None:
    path = home / "images" / IMAGE_ID
    path.write_bytes(IMAGE_BYTES)
    with databases.editing(home / "glance.sqlite") as connection:
        connection.execute("UPDATE image_locations SET value = ?", (f"file://{path}",))
