"""Writes the configuration files of a lab: one per service, and the clouds.yaml for its users."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from stocktake.support.lab.blueprint import IMAGE_NAME, REGION, SERVICE_TYPES, Blueprint
from stocktake.support.lab.hosts.libvirt.profiles import PRODUCTS, VENDOR

Value = str | int | float | bool | Path | Sequence[str]
Sections = Mapping[str, Mapping[str, Value]]

USER_DOMAIN = "Default"
PHYSICAL_NETWORK = "physnet0"  # of a lab with Neutron
POLICY_FILE, POLICY_FOLDER = "policy.yaml", "policy.d"  # both empty, unless the lab's shape has rules

# Any bootable volume of Nova's own stand-in for Cinder.
BOOTABLE_VOLUME = "6ca404f3-d844-4169-bb96-bc792f37de98"

CINDER = "block-storage::publicURL"  # type, name, interface in the catalog

# A revoked token must not be accepted for long; a validation costs one request.
TOKEN_CACHE_SECONDS = 30

# of bcrypt; its minimum, because every service authenticates when it starts
PASSWORD_ROUNDS = 4

# of each database connection; Python's default is 128, and Nova has more
PREPARED_STATEMENTS = 1000

LOG_LINE = (
    "%(asctime)s.%(msecs)03d %(levelname)s %(name)s [%(global_request_id)s %(request_id)s] %(instance)s%(message)s"
)
LOG_LINE_WITHOUT_REQUEST = "%(asctime)s.%(msecs)03d %(levelname)s %(name)s [-] %(instance)s%(message)s"
EXCEPTION_LINE_PREFIX = "%(asctime)s.%(msecs)03d TRACE %(name)s %(instance)s"


def render(sections: Sections) -> str:
    """An oslo.config file: booleans in lower case, and no `$` that oslo.config would take for a reference.

    A sequence gives an option several values, each in a line of its own.
    """
    blocks = []
    for name, options in sections.items():
        lines = [
            f"{key} = {_text(value)}"
            for key, values in options.items()
            for value in ([values] if isinstance(values, str) or not isinstance(values, Sequence) else values)
        ]
        blocks.append("\n".join([f"[{name}]", *lines]))
    return "\n\n".join(blocks) + "\n"


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).replace("$", "$$")


def database_url(path: Path) -> str:
    """SQLAlchemy's name for an SQLite file; a writer waits up to 30 seconds for another process, and each connection
    keeps its prepared statements."""
    return f"sqlite:///{path}?timeout=30&cached_statements={PREPARED_STATEMENTS}"


def keystone(plan: Blueprint) -> Sections:
    """Fernet tokens from a key made for this lab; cheap password hashes, because no real passwords are used."""
    home = plan.home("keystone")
    return {
        "DEFAULT": {**logging_options(), "public_endpoint": plan.url("keystone")},
        # There is one process, so its memory serves as the cache, as memcached does elsewhere.
        "cache": {"enabled": True, "backend": "dogpile.cache.memory"},
        "database": database(home / "keystone.sqlite"),
        "fernet_tokens": {"key_repository": home / "fernet-keys"},
        "fernet_receipts": {"key_repository": home / "fernet-keys"},
        "credential": {"key_repository": home / "credential-keys"},
        "identity": {
            "password_hash_algorithm": "bcrypt",
            "password_hash_rounds": PASSWORD_ROUNDS,
            "max_password_length": 72,
        },
        "token": {"provider": "fernet", "expiration": 86400},
        "oslo_middleware": {"enable_proxy_headers_parsing": True},
        "oslo_policy": policy(home),
    }


def glance(plan: Blueprint, paste: Path) -> Sections:
    """Images are files in the lab's folder; `paste` is the pipeline file that Glance installs."""
    home = plan.home("glance")
    return {
        "DEFAULT": {
            **logging_options(),
            "enabled_backends": "files:file",
            "node_staging_uri": f"file://{home / 'staging'}",
            "worker_self_reference_url": plan.url("glance"),
            "image_cache_dir": home / "cache",
            "enabled_import_methods": "[]",
        },
        "database": database(home / "glance.sqlite"),
        "files": {"filesystem_store_datadir": home / "images"},
        "glance_store": {"default_backend": "files"},
        "os_glance_staging_store": {"filesystem_store_datadir": home / "staging"},
        "os_glance_tasks_store": {"filesystem_store_datadir": home / "tasks"},
        "keystone_authtoken": token_validation(plan, "glance"),
        "oslo_concurrency": {"lock_path": home / "locks"},
        "oslo_middleware": {"enable_proxy_headers_parsing": True},
        "oslo_policy": policy(home),
        "paste_deploy": {"flavor": "keystone", "config_file": paste},
    }


def placement(plan: Blueprint) -> Sections:
    """Placement with only its database and its access to Keystone."""
    home = plan.home("placement")
    return {
        "DEFAULT": logging_options(),
        "api": {"auth_strategy": "keystone"},
        "placement_database": database(home / "placement.sqlite"),
        "keystone_authtoken": token_validation(plan, "placement"),
        "oslo_middleware": {"enable_proxy_headers_parsing": True},
        "oslo_policy": policy(home),
    }


def nova(plan: Blueprint, paste: Path) -> Sections:
    """All of Nova in one process: one cell, messages inside the process, periodic tasks only on demand, no quota.

    `paste` is the API pipeline file that Nova installs.
    """
    home = plan.home("nova")
    return {
        "DEFAULT": _nova_default(home),
        # Nova's validation of its responses against their schemas takes a quarter of a request's time.
        "api": {"auth_strategy": "keystone", "response_validation": "ignore"},
        "api_database": database(home / "api.sqlite"),
        "cinder": {"catalog_info": CINDER},
        "compute": {"resource_provider_association_refresh": 1},
        "database": database(home / "cell1.sqlite"),
        "filter_scheduler": {
            # A host with a failed build must not be avoided in the next scenario.
            "build_failure_weight_multiplier": 0.0,
            "enabled_filters": ",".join(_SCHEDULER_FILTERS),
            "pci_in_placement": True,
        },
        "glance": {"valid_interfaces": "public", **service_user(plan, "nova")},
        "key_manager": {"backend": "nova.keymgr.conf_key_mgr.ConfKeyManager", "fixed_key": "0" * 64},
        "keystone": {"valid_interfaces": "public", **service_user(plan, "nova")},
        "keystone_authtoken": token_validation(plan, "nova"),
        "notifications": {"notification_format": "unversioned"},
        "oslo_concurrency": {"lock_path": home / "locks"},
        "oslo_messaging_notifications": {"driver": "noop"},
        "oslo_middleware": {"enable_proxy_headers_parsing": True},
        "oslo_policy": policy(home),
        "pci": {"alias": _PCI_ALIASES},
        "placement": {"valid_interfaces": "public", **service_user(plan, "nova")},
        "quota": dict.fromkeys(_QUOTAS, -1),
        # Isolated aggregates keep the servers of others away from hosts that a scenario lets fail unnoticed.
        "scheduler": {"discover_hosts_in_cells_interval": -1, "enable_isolated_aggregate_filtering": True},
        "wsgi": {"api_paste_config": paste},
        **_beside(plan),
    }


def _beside(plan: Blueprint) -> Sections:
    """How Nova logs in to the optional services of the lab; instead of these it has stand-ins, or nothing."""
    user = {"valid_interfaces": "public", **service_user(plan, "nova")}
    sections: dict[str, dict[str, Value]] = {}
    if "neutron" in plan.shape.services:
        sections["neutron"] = {**user, "service_metadata_proxy": False}
    if "cinder" in plan.shape.services:
        sections["cinder"] = {"catalog_info": CINDER, **service_user(plan, "nova")}
    if "cyborg" in plan.shape.services:
        sections["cyborg"] = user
    if {"cinder", "cyborg"} & set(plan.shape.services):  # they serve certain requests to services only
        sections["service_user"] = {"send_service_user_token": True, **service_user(plan, "nova")}
    return sections


def _nova_default(home: Path) -> dict[str, Value]:
    """Nova's options in group DEFAULT."""
    return {
        **logging_options(),
        "state_path": home,
        "instances_path": home / "instances",
        "host": "control-plane",
        "my_ip": "127.0.0.1",
        "transport_url": "fake:/",
        "compute_driver": "fake.FakeDriver",  # replaced by each host's own
        "periodic_enable": False,
        "manager_shutdown_timeout": 0,
        "report_interval": 10,
        "service_down_time": 60,
        "vif_plugging_timeout": 0,
        "vif_plugging_is_fatal": False,
        "reclaim_instance_interval": 0,
        # Every host of the lab shares the pools of the process, except the last one, which each server of messages
        # has for itself. Their threads stay, and each wakes once a second: hundreds keep the others from working.
        "max_concurrent_builds": 16,
        "max_concurrent_snapshots": 16,
        "max_concurrent_live_migrations": 8,
        "default_thread_pool_size": 20,
        "cell_worker_thread_pool_size": 8,
        "executor_thread_pool_size": 12,
    }


_SCHEDULER_FILTERS = (
    "ComputeFilter",
    "ComputeCapabilitiesFilter",
    "ImagePropertiesFilter",
    "ServerGroupAntiAffinityFilter",
    "ServerGroupAffinityFilter",
    "NUMATopologyFilter",
    "PciPassthroughFilter",
)

# of devices that some libvirt hosts have; Nova reads them once per process
_PCI_ALIASES = tuple(
    json.dumps({"name": name, "vendor_id": VENDOR, "product_id": product, "device_type": kind})
    for (name, product), kind in zip(PRODUCTS.items(), ("type-PCI", "type-VF"), strict=True)
)

_QUOTAS = ("instances", "cores", "ram", "metadata_items", "injected_files", "key_pairs", "server_groups")


def logging_options() -> dict[str, Value]:
    """One line for each record on stderr, which the supervisor has made the service's log file."""
    return {
        "debug": False,
        "use_stderr": True,
        "logging_context_format_string": LOG_LINE,
        "logging_default_format_string": LOG_LINE_WITHOUT_REQUEST,
        "logging_exception_prefix": EXCEPTION_LINE_PREFIX,
    }


def database(path: Path) -> dict[str, Value]:
    """The options of a service's access to its database, an SQLite file."""
    return {"connection": database_url(path), "sqlite_synchronous": False, "max_pool_size": 20, "max_overflow": 50}


def policy(home: Path) -> dict[str, Value]:
    """The service's default rules. An existing policy file avoids a search in five places at every request."""
    return {"policy_file": home / POLICY_FILE, "policy_dirs": home / POLICY_FOLDER}


def token_validation(plan: Blueprint, service: str) -> dict[str, Value]:
    """The options by which a service has Keystone validate its clients' tokens."""
    return {
        "www_authenticate_uri": plan.identity_url,
        "auth_version": "v3",
        "token_cache_time": TOKEN_CACHE_SECONDS,
        "service_token_roles_required": True,
        "service_token_roles": "service",
        "service_type": SERVICE_TYPES[service],
        **service_user(plan, service),
    }


def service_user(plan: Blueprint, service: str) -> dict[str, Value]:
    """The options by which a service logs in to others as a user of its own."""
    return {
        "auth_type": "password",
        "auth_url": plan.identity_url,
        "username": service,
        "password": plan.service_password,
        "project_name": "service",
        "user_domain_name": USER_DOMAIN,
        "project_domain_name": USER_DOMAIN,
        "region_name": REGION,
    }


def clouds(plan: Blueprint) -> dict[str, object]:
    """The clouds.yaml of the lab, as data: `lab` is its administrator, `lab-user` an ordinary member elsewhere."""
    return {
        "clouds": {
            "lab": {
                **_cloud(plan, "admin", plan.admin_password, project="admin"),
                "stocktake": {
                    "image": IMAGE_NAME,
                    "network": "none",
                    **({"physical_network": PHYSICAL_NETWORK} if "neutron" in plan.shape.services else {}),
                    "hosts": list(plan.host_names),
                    **({"volume_backend": "other"} if "cinder" in plan.shape.services else {"volume": BOOTABLE_VOLUME}),
                    "state": str(plan.folder / "state"),
                    "patience": {"accounts": 20, "api": 30},  # seconds: everything is local, and the lab is not shared
                    "allow_disruptive": True,
                    "control": {"url": plan.url("control"), "token": plan.control_token},
                },
            },
            "lab-user": _cloud(plan, "lab-user", plan.user_password, project="lab-user"),
        }
    }


def _cloud(plan: Blueprint, username: str, password: str, *, project: str) -> dict[str, object]:
    return {
        "auth_type": "password",
        "auth": {
            "auth_url": plan.identity_url,
            "username": username,
            "password": password,
            "project_name": project,
            "user_domain_name": USER_DOMAIN,
            "project_domain_name": USER_DOMAIN,
        },
        "region_name": REGION,
        "interface": "public",
        "identity_api_version": 3,
    }
