"""A token of another project for the same user, in exchange for the user's token (Keystone, "Token rescoping")."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keystoneauth1.access import AccessInfoV3
    from keystoneauth1.session import Session as KeystoneSession


def rescoped(given: "KeystoneSession", auth_url: str, project_id: str) -> "KeystoneSession":
    """Return a session like the given one that works in another project.

    Its tokens end with those of the given session, which renews its own, so that both are renewed together.
    """
    from keystoneauth1.identity.v3 import Token, TokenMethod  # noqa: PLC0415 - start-up time
    from keystoneauth1.session import Session as KeystoneSession  # noqa: PLC0415

    class Rescoped(Token):
        """Exchanges the current token of the given session."""

        def get_auth_ref(self, session: KeystoneSession) -> "AccessInfoV3":
            self.auth_methods = [TokenMethod(token=str(given.get_token()))]
            return super().get_auth_ref(session)

        def invalidate(self) -> bool:
            given.invalidate()
            return super().invalidate()

    return KeystoneSession(
        auth=Rescoped(auth_url, "", project_id=project_id),
        session=given.session,
        verify=given.verify,
        cert=given.cert,
        timeout=given.timeout,
        app_name="stocktake",
    )
