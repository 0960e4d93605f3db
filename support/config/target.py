"""Which cloud a run is about: an entry of clouds.yaml, and how to authenticate with it.

It is read by openstacksdk's rules (OS_CLIENT_CONFIG_FILE, the working directory,
~/.config/openstack, /etc/openstack; secure.yaml and vendor profiles included). Where an entry lists regions,
`region_name:` beside them or OS_REGION_NAME chooses one.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stocktake.support.config.sdk import open_config, quiet
from stocktake.support.config.settings import SECTION, Settings, did_you_mean, shown
from stocktake.support.errors import ConfigurationError, Unverified

if TYPE_CHECKING:
    from openstack.config.cloud_region import CloudRegion
    from openstack.config.loader import OpenStackConfig
ERRNO = re.compile(r"\[Errno -?\d+\] ([^'\")]+)")
"""The operating system's words for what is wrong with a connection, within what others wrap them in."""


@dataclass(frozen=True)
class Target:
    """A cloud of clouds.yaml: how to authenticate (`region`, openstacksdk's) and what is allowed (`settings`)."""

    name: str
    region: "CloudRegion" = field(repr=False)
    settings: Settings
    file: str

    @classmethod
    def load(cls, name: str) -> "Target":
        """Read the cloud of that name, without talking to it.

        Raises ConfigurationError when clouds.yaml cannot be read, has no such cloud, or the cloud lacks what is
        needed to authenticate or has a wrong `stocktake:` key.
        """
        config = _read_clouds()
        file = str(config.config_filename or "the OS_* environment variables")
        section = _entry_of(config, name).get(SECTION)
        settings = Settings.read(section, cloud=name, file=file)
        return cls(name=name, region=_region(config, name, file), settings=settings, file=file)

    def load_user(self) -> "Target":
        """Read the cloud entry of a user without the admin role. Raises Unverified when none is configured."""
        name = self.settings.user_cloud
        if name is None:
            raise Unverified(
                f'no user without the admin role is configured for cloud "{self.name}"',
                f"add an entry for such a user to {self.file} and name it under {SECTION}: user_cloud",
            )
        return Target.load(name)

    @property
    def auth_url(self) -> str:
        """The address of Keystone; "" if the authentication type needs none."""
        return str(self.region.get_auth_args().get("auth_url") or "")

    def names_beside_keystone(self, address: str) -> bool:
        """Return whether `auth:` names an address besides Keystone's, such as an identity provider's."""
        others = {key: value for key, value in self.region.get_auth_args().items() if key != "auth_url"}
        return any(str(value).startswith(address) for value in others.values())

    @property
    def secrets(self) -> frozenset[str]:
        """Everything in the configuration that must never be shown."""
        auth = self.region.get_auth_args()
        found = {str(value) for key, value in auth.items() if _is_secret(key) and value}
        found |= {str(value) for key, value in self.settings.control.items() if key == "token"}
        password = _url_password(self.settings.coordinator)
        return frozenset(found | ({password} if password else set()))


def _read_clouds() -> "OpenStackConfig":
    """Read all files and variables. Raises ConfigurationError when they are missing or malformed."""
    import yaml  # noqa: PLC0415 - start-up time
    from keystoneauth1.exceptions import ClientException  # noqa: PLC0415

    chosen = os.environ.get("OS_CLIENT_CONFIG_FILE")
    if chosen and not Path(chosen).exists():
        raise ConfigurationError(f"OS_CLIENT_CONFIG_FILE names {chosen}, which does not exist")
    try:
        with quiet():
            config = open_config()
        _check_skipped(config)
        _name_by_text(config)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{mark.name}:{mark.line + 1}" if mark else chosen or "clouds.yaml"
        raise ConfigurationError(f"{place}: not YAML: {getattr(error, 'problem', None) or _line(error)}") from error
    except OSError as error:
        raise ConfigurationError(f"{error.filename or 'clouds.yaml'} cannot be read: {error.strerror}") from error
    except (ClientException, _sdk_error(), AttributeError, TypeError, ValueError) as error:
        # openstacksdk does not validate the structure of the file
        raise ConfigurationError(f"{chosen or 'clouds.yaml'} cannot be used: {_line(error)}") from error
    return config


def _name_by_text(config: "OpenStackConfig") -> None:
    """Let a cloud whose name YAML takes for a number or a date be found by its text, as on the command line."""
    clouds = config.cloud_config.get("clouds")
    if isinstance(clouds, Mapping):
        config.cloud_config["clouds"] = {str(name): entry for name, entry in clouds.items()}


def _check_skipped(config: "OpenStackConfig") -> None:
    """Raise an error for a file that openstacksdk found first but skipped with only a warning."""
    import yaml  # noqa: PLC0415 - start-up time

    for candidate in config._config_files:
        path = Path(candidate)
        if path.exists() and str(candidate) != str(config.config_filename):
            with path.open() as file:
                yaml.safe_load(file)
        if path.exists():
            return


def _entry_of(config: "OpenStackConfig", name: str) -> Mapping[str, Any]:
    """Return the entry of that cloud in the files."""
    clouds = config.cloud_config.get("clouds")
    known = sorted(clouds) if isinstance(clouds, Mapping) else []
    if config.config_filename is None and "envvars" not in known:
        looked = ", ".join(str(path) for path in config._config_files)
        raise ConfigurationError(f'no clouds.yaml found for cloud "{name}": looked for {looked}')
    if name not in known or not isinstance(clouds, Mapping):
        nearest = did_you_mean(name, known)
        listed = ", ".join(f'"{cloud}"' for cloud in known) or "no cloud"
        raise ConfigurationError(f'no cloud "{name}" in {config.config_filename}, which has {listed}{nearest}')
    entry = clouds[name]
    if not isinstance(entry, Mapping):
        raise ConfigurationError(
            f'{config.config_filename}: cloud "{name}" is {shown(entry)}, but should be a mapping with "auth:"'
        )
    return entry


def _region(config: "OpenStackConfig", name: str, file: str) -> "CloudRegion":
    """Let openstacksdk make the region and its authentication. Raises ConfigurationError."""
    from keystoneauth1.exceptions import ClientException, MissingRequiredOptions, NoMatchingPlugin  # noqa: PLC0415
    from requests import RequestException  # noqa: PLC0415

    where = f'{file}: cloud "{name}"'
    try:
        with quiet():
            region = config.get_one(name, region_name=_region_name(config, name, where))
    except MissingRequiredOptions as error:
        missing = ", ".join(f'"{option.dest}"' for option in error.options)
        raise ConfigurationError(f"{where}: auth: lacks {missing}, needed to authenticate") from error
    except NoMatchingPlugin as error:
        raise ConfigurationError(f'{where}: auth_type: "{error.name}" is not a known authentication type') from error
    except RequestException as error:  # also of an answer that is not JSON
        profile = config.cloud_config["clouds"][name].get("profile")
        found = ERRNO.search(str(error))
        reason = found[1] if found else _line(error)
        raise ConfigurationError(f'{where}: its profile "{profile}" cannot be fetched: {reason}') from error
    except (ClientException, _sdk_error(), AttributeError, KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{where} cannot be used: {_line(error)}") from error
    _check_auth(region.get_auth_args(), str(region.config.get("auth_type")), where)
    _check_addresses(region, where)
    return region


def _region_name(config: "OpenStackConfig", name: str, where: str) -> str:
    """Return the name of the region, "" if the cloud has only one; openstacksdk would use the first of several.

    A list of regions may be the entry's own, or that of its vendor profile.
    """
    known = [str(region["name"]) for region in config._get_known_regions(name)]
    several = len(known) > 1
    given = config.cloud_config["clouds"][name].get("region_name")
    if "," in str(given):  # a list in the old format
        given = None
    wanted = given or (os.environ.get("OS_REGION_NAME") if several else None)
    listed = ", ".join(f'"{region}"' for region in known)
    if several and not wanted:
        raise ConfigurationError(f"{where} lists the regions {listed}: choose one with region_name: or OS_REGION_NAME")
    if not wanted:
        return ""
    if wanted not in known:
        raise ConfigurationError(f'{where} has no region "{wanted}", but {listed}{did_you_mean(str(wanted), known)}')
    return str(wanted)


def _check_auth(auth: Mapping[str, Any], kind: str, where: str) -> None:
    """Name missing keys, which keystoneauth would report only at the first request, and unclearly."""
    if kind not in ("password", "v3password"):
        return
    needs = [
        ("auth_url",),
        ("username", "user_id"),
        ("password",),
        ("project_name", "project_id", "tenant_name", "tenant_id", "system_scope"),
    ]
    for names in needs:
        if not any(auth.get(name) for name in names):
            raise ConfigurationError(f'{where}: auth: lacks "{names[0]}", needed to authenticate')


def _check_addresses(region: "CloudRegion", where: str) -> None:
    """Refuse addresses with a password in them: journals, failures and other libraries' warnings show addresses."""
    addresses = {"auth: auth_url": region.get_auth_args().get("auth_url")}
    addresses |= {key: value for key, value in region.config.items() if key.endswith("_endpoint_override")}
    for key, address in addresses.items():
        if isinstance(address, str) and _url_password(address) is not None:
            raise ConfigurationError(f'{where}: {key} contains a password: use "username" and "password" under auth:')


def _sdk_error() -> type[Exception]:
    from openstack.exceptions import ConfigException  # noqa: PLC0415 - start-up time

    return ConfigException


def _is_secret(key: str) -> bool:
    return any(word in key for word in ("password", "secret", "token", "passcode", "passphrase"))


def _url_password(url: str | None) -> str | None:
    from urllib.parse import urlsplit  # noqa: PLC0415

    return urlsplit(url).password if url else None


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
