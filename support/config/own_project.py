"""Whether a run can work in a project of its own, as far as clouds.yaml shows."""

from stocktake.support.config.target import Target

UNSCOPABLE = ("applicationcredential", "oauth", "token", "multifactor", "none", "noauth")
"""Parts of the names of keystoneauth's plugins whose tokens cannot be exchanged for one of another project.

Keystone refuses that for application credentials, OAuth and trusts (`keystone.auth.plugins.token`). A given token
cannot be renewed.
"""


def why_not_own(target: Target) -> str | None:
    """Return why the configuration makes a run work in the project of clouds.yaml, None if it does not."""
    settings, region = target.settings, target.region
    if settings.project != "own":
        return f'"project: {settings.project}" is set'
    if settings.network != "none":
        return f'servers use "network: {settings.network}", and a new project has no network'
    kind = str(region.config.get("auth_type") or "").replace("_", "")
    if any(word in kind for word in UNSCOPABLE):
        return f'a user that authenticates by "{region.config.get("auth_type")}" cannot change to another project'
    auth = region.get_auth_args()
    for key in ("trust_id", "system_scope"):
        if auth.get(key):
            return f'a user that authenticates with "{key}" cannot change to another project'
    return None
