"""What is known to fail on the cloud of a run, and which failures that explains."""

from collections.abc import Collection
from datetime import date

from stocktake.support.api.replies import ApiError
from stocktake.support.errors import Unverified
from stocktake.support.known import TAG, Known, known_of
from stocktake.support.releases import releases_with
from stocktake.support.scenario.cloud import Cloud


def known_failure(cloud: Cloud, scenario: str, tags: Collection[str]) -> Known | None:
    """Return why a scenario of that name and with those tags is known to fail on this cloud, if it is.

    Requests Nova's microversions if the tags name a defect. Raises CloudError when Nova does not respond.
    """
    tagged = any(tag.startswith(TAG) for tag in tags)
    releases = releases_with(cloud.session.versions("compute").most) if tagged else ()
    listed = cloud.settings.known
    return known_of(scenario, tags=tags, listed=listed, releases=releases, today=date.today())


def expired(cloud: Cloud, names: Collection[str]) -> str | None:
    """Say when the operator's entry for a scenario with one of these names expired; None if it has not."""
    ended = [entry for entry in cloud.settings.known if entry.scenario in names and entry.until < date.today()]
    return f'its entry in "known:" of the cloud ({ended[-1].link}) expired on {ended[-1].until}' if ended else None


def is_verdict(error: BaseException | None) -> bool:
    """Whether a failure shows that the cloud breaks a rule; no known defect explains any other failure.

    An API that does not respond breaks no rule, nor does a limit of the environment.
    """
    if isinstance(error, Unverified):
        return False
    return isinstance(error, AssertionError) or (isinstance(error, ApiError) and error.status is not None)
