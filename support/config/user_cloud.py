"""Why a scenario cannot have users without the admin role, or set their quotas, and what to configure."""

from stocktake.support.config.target import Target
from stocktake.support.errors import Unverified


def no_users(target: Target, why: str = "") -> Unverified:
    """Return why a cloud has no user without the admin role for a scenario, and what to set.

    `why` is Keystone's message when a user was to be created.
    """
    return Unverified(
        f'Keystone does not allow the user of cloud "{target.name}" to create users' + (f" ({why})" if why else ""),
        f'add an entry for one without the admin role to {target.file} and name it as "user_cloud" under "stocktake:"',
    )


def quota_of_named_user(target: Target) -> Unverified:
    """Return why the quota of a user that the operator configured is not changed, and what to set."""
    return Unverified(
        f'the quota of user cloud "{target.settings.user_cloud}" is the operator\'s and is not changed',
        f'remove "user_cloud" of the cloud from {target.file}, so that users are created',
    )
