"""The lab's Keystone: password authentication, Fernet tokens and a catalog of the lab's services."""

import base64
import itertools
import os
import socket
import sqlite3
import uuid
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from stocktake.support.lab.blueprint import PROJECTS, REGION, SERVICE_TYPES, Blueprint
from stocktake.support.lab.services import configuration, databases, serving, shared

THREADS = 4

DOMAIN_ID = "default"

# Each role implies the next, as Keystone's own bootstrap has it.
ROLES = ("admin", "manager", "member", "reader")

# user: {project: roles}
PEOPLE: dict[str, dict[str, tuple[str, ...]]] = {
    "admin": {"admin": ("admin",)},
    "lab-user": {"lab-user": ("member",)},
}


def run(plan: Blueprint, listeners: dict[str, socket.socket], report: serving.Report) -> None:
    """Serve Keystone until the process ends."""
    home = plan.home("keystone")
    config = home / "keystone.conf"
    config.write_text(configuration.render(plan.shape.merged("keystone", configuration.keystone(plan))))
    for repository in ("fernet-keys", "credential-keys"):
        _make_key(home / repository)
    shared.import_lazily("saml2")  # for federation, which the lab does not use; a third of Keystone's imports
    from keystone.server.flask import core  # noqa: PLC0415 - a service is imported in its own process only

    empty = False

    @cache
    def application() -> Any:
        return core.initialize_application("public", migrate, config_files=[str(config)])

    def migrate() -> None:
        """Called when the configuration is loaded and before the database is looked at."""
        if empty:
            from keystone.common.sql import upgrades  # noqa: PLC0415

            upgrades.offline_sync_database_to_version()

    def build() -> None:
        nonlocal empty
        empty = True
        application()
        _populate(plan.services)

    report.say("database")
    databases.adapt_oslo_db()
    database = home / "keystone.sqlite"
    databases.provide([database], build=build, source=Path(__file__), services=plan.shape.services)
    _personalise(database, plan)
    report.say("application")
    application()
    report.say(serving.LISTENING)
    serving.serve(application(), listeners["keystone"], threads=THREADS)


def _make_key(repository: Path) -> None:
    """A key repository with a single key, which is never rotated because labs are short-lived."""
    repository.mkdir(mode=0o700)
    for name in ("0", "1"):
        (repository / name).write_bytes(base64.urlsafe_b64encode(os.urandom(32)))


def _users(services: Sequence[str]) -> dict[str, dict[str, tuple[str, ...]]]:
    """Every user, with its roles by project: people, and one for each service but Keystone."""
    return PEOPLE | {service: {"service": ("admin", "service")} for service in services if service != "keystone"}


def _populate(services: Sequence[str]) -> None:
    """Domain, projects, roles, users and catalog; passwords and addresses are put in for each lab."""
    from keystone.common import provider_api  # noqa: PLC0415

    providers = provider_api.ProviderAPIs
    providers.resource_api.create_domain(DOMAIN_ID, {"id": DOMAIN_ID, "name": "Default", "enabled": True})
    for name, project in PROJECTS.items():
        values = {"id": project, "name": name, "domain_id": DOMAIN_ID, "enabled": True}
        providers.resource_api.create_project(project, values)
    roles = {name: _create_role(providers, name) for name in (*ROLES, "service")}
    for prior, implied in itertools.pairwise(ROLES):
        providers.role_api.create_implied_role(roles[prior], roles[implied])
    for name, grants in _users(services).items():
        user = providers.identity_api.create_user(
            {"name": name, "domain_id": DOMAIN_ID, "enabled": True, "password": uuid.uuid4().hex}
        )
        for project, granted in grants.items():
            for role in granted:
                providers.assignment_api.add_role_to_user_and_project(user["id"], PROJECTS[project], roles[role])
        if name == "admin":
            providers.assignment_api.create_system_grant_for_user(user["id"], roles["admin"])
    _create_catalog(providers, services)


def _create_role(providers: Any, name: str) -> str:
    role = {"id": uuid.uuid4().hex, "name": name}
    providers.role_api.create_role(role["id"], role)
    return role["id"]


def _create_catalog(providers: Any, services: Sequence[str]) -> None:
    providers.catalog_api.create_region({"id": REGION})
    for name in services:
        service = {"id": uuid.uuid4().hex, "name": name, "type": SERVICE_TYPES[name], "enabled": True}
        providers.catalog_api.create_service(service["id"], service)
        for interface in ("public", "internal", "admin"):
            endpoint = {
                "id": uuid.uuid4().hex,
                "service_id": service["id"],
                "interface": interface,
                "region_id": REGION,
                "url": name,
                "enabled": True,
            }
            providers.catalog_api.create_endpoint(endpoint["id"], endpoint)


def _personalise(database: Path, plan: Blueprint) -> None:
    """Set this lab's passwords and addresses, and the ids in its catalog, which distinguish it from other labs."""
    import bcrypt  # noqa: PLC0415

    passwords = {"admin": plan.admin_password, "lab-user": plan.user_password}
    with databases.editing(database) as connection:
        for user in _users(plan.services):
            password = passwords.get(user, plan.service_password)
            digest = bcrypt.hashpw(password.encode(), bcrypt.gensalt(configuration.PASSWORD_ROUNDS)).decode()
            connection.execute(
                "UPDATE password SET password_hash = ?"
                " WHERE local_user_id = (SELECT id FROM local_user WHERE name = ?)",
                (digest, user),
            )
        for service in plan.services:
            _make_its_own(connection, SERVICE_TYPES[service], plan.endpoint(service))


def _make_its_own(connection: sqlite3.Connection, kind: str, url: str) -> None:
    """Set the address of a service in the catalog, and new ids for it and its endpoints."""
    ours = "service_id = (SELECT id FROM service WHERE type = :kind)"
    values = {"kind": kind, "url": url, "id": uuid.uuid4().hex}
    connection.execute(
        f"UPDATE endpoint SET url = :url, id = lower(hex(randomblob(16))), service_id = :id WHERE {ours}",  # noqa: S608
        values,
    )
    connection.execute("UPDATE service SET id = :id WHERE type = :kind", values)
