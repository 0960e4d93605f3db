"""Refusals that are limits of an environment: its quotas, policies, request rates, and operations it does not offer.

They say nothing about the accounts of a cloud. Messages are recognised in the words of the services: Nova
(`nova.exception`, `nova.policy`), Cinder (`cinder.exception`), Glance and Keystone, with oslo.limit and oslo.policy.
"""

import re
from http import HTTPStatus
from typing import NamedTuple

from stocktake.support.config.target import Target

QUOTA = re.compile(r"(?i)quota|over a limit for|LimitExceeded|Maximum number of \w+ .*(exceeded|allowed)")
"""What says that a project or a user has used up what it may have."""

SETTINGS = {
    "image": re.compile(r"(?i)flavor's (disk|memory) is too small for (the )?requested image"),
    "network": re.compile(
        r"(?i)automatically allocate a network|multiple possible networks|network \S+ (could not be found|requires a)|"
        r"no (more|fixed) ip addresses"
    ),
}
"""Settings of a run that do not suit the cloud, and what Nova says of a server that uses them (`nova.exception`)."""

NOT_OFFERED = frozenset({HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.GONE, HTTPStatus.NOT_IMPLEMENTED})
"""Statuses with which a service, or a gateway before it, does not offer an operation: disabled, or read-only."""

MORE_ROOM = 'free resources there, or list other hosts as "hosts:" under "stocktake:" of the cloud in clouds.yaml'
"""What to do where the hosts of a scenario have no room for its flavors."""

UNSUITABLE = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT})

ID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}")


class Limit(NamedTuple):
    """A limit of an environment: why something cannot be done there, and what to set."""

    reason: str
    remedy: str


def limit_in(
    target: Target, service: str, request: str, status: int, message: str, *, why_given: str | None = None
) -> Limit | None:
    """Return the limit of the environment that a refusal shows; None for any other refusal.

    `request` is its method and path, `why_given` why the run has no project of its own.
    """
    reason = f"the {service} API answered {status} to {ID.sub('…', request)}: {message.rstrip('.')}"
    if is_quota(status, message):
        return Limit(reason, quota_remedy(target, why_given))
    if status == HTTPStatus.FORBIDDEN:
        return Limit(reason, policy_remedy(target, service))
    if status in NOT_OFFERED:
        return Limit(reason, f"enable this operation in the {service} service, or in the gateway before it")
    return _unsuitable_setting(target, reason) if status in UNSUITABLE else None


def limit_of_server(target: Target, reason: str, why_given: str | None = None) -> Limit | None:
    """Return the limit that explains why a server is not built, if the reason that is given for it shows one."""
    if QUOTA.search(reason):
        return Limit(reason, quota_remedy(target, why_given))
    return _unsuitable_setting(target, reason)


def _unsuitable_setting(target: Target, reason: str) -> Limit | None:
    for setting, words in SETTINGS.items():
        if words.search(reason):
            return Limit(reason, f'set "{setting}:" under "stocktake:" of the cloud in {target.file} to another one')
    return None


def is_quota(status: int | None, message: str) -> bool:
    """Return whether a refusal is due to a quota: 403 of Nova and Keystone, 413 of Cinder and Glance."""
    return status in (HTTPStatus.FORBIDDEN, HTTPStatus.REQUEST_ENTITY_TOO_LARGE) and bool(QUOTA.search(message))


def too_many_requests(target: Target, service: str, problem: str) -> Limit:
    """Return the limit of a service that still refused to take more requests when patience ended."""
    return Limit(
        f'the {service} API of cloud "{target.name}" limits the rate of requests: {problem}',
        'raise that limit, run fewer processes at a time, or raise "patience: {api: …}" under "stocktake:"',
    )


def policy_remedy(target: Target, service: str) -> str:
    """Return how to let a run send what the policy of a service forbids."""
    return (
        f'allow it in the policy of the {service} service, or let cloud "{target.name}" of {target.file} authenticate '
        "as a user with the role that it requires"
    )


def quota_remedy(target: Target, why_given: str | None = None) -> str:
    """Return how to give the project of a run enough quota; `why_given` says why it has none of its own."""
    raised = "raise the quota of the project (openstack quota set --cores -1 --ram -1 --instances -1 PROJECT)"
    if target.settings.project != "own":
        return f'{raised}, or set "project: own" under "stocktake:" of the cloud'
    return f"{raised}, as the run has no project of its own: {why_given}" if why_given else raised
