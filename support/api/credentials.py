"""The user of a session, if not that of clouds.yaml."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Credentials:
    """A user and the project it works in, all within one domain. The password is not shown."""

    username: str
    password: str = field(repr=False)
    project_name: str
    domain_id: str
    user_id: str
    project_id: str
