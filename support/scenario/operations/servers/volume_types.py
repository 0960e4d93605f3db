"""Types of volumes of a scenario, and the volumes that change to them."""

from stocktake.support.errors import CloudError, FeatureError, Unverified
from stocktake.support.ownership.kinds.volume_types import VOLUME_TYPE
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.refusals import ask, check_spoken
from stocktake.support.scenario.operations.servers import volumes

BACKEND = "volume_backend_name"
"""The extra spec by which Cinder chooses a back end (Cinder, "Configure multiple-storage back ends")."""


def create(context: Context, name: str) -> None:
    """Create a type that every back end satisfies, for the project of the run only. Raises FeatureError for a name that
    is taken in this scenario, Unverified where the cloud has no Cinder."""
    _create(context, name, {})


def create_on_another_backend(context: Context, name: str) -> None:
    """Create a type for another back end than that of the scenario's volumes. Raises FeatureError for a name that is
    taken in this scenario, Unverified where no other back end is known."""
    volumes.block_storage(context)
    lacking = context.cloud.volume_types.why_no_other_backend()
    if lacking:
        raise Unverified(*lacking)
    _create(context, name, {BACKEND: str(context.cloud.settings.volume_backend)})


def _create(context: Context, name: str, extra_specs: dict[str, str]) -> None:
    volumes.block_storage(context)
    if name in context.owned.volume_types:
        raise FeatureError(f'volume type "{name}" already exists in this scenario: give each type its own name')
    types, real = context.cloud.volume_types, context.names.real(name)
    with context.undoing.after(VOLUME_TYPE, real) as entry:
        context.owned.volume_types[name] = types.create(real, extra_specs)
    context.undoing.identify(entry, context.owned.volume_types[name])
    types.grant(context.owned.volume_types[name], types.session.project_id)


def retype(context: Context, volume: str, name: str) -> None:
    """Change the type of a volume, which Cinder may move to another back end for that; wait until it has ended.

    Raises FeatureError for a volume or a type that the scenario does not have.
    """
    found, known = volumes.volume_id(context, volume), context.owned.volume_types
    if name not in known:
        names = ", ".join(f'"{one}"' for one in known) or "none yet"
        raise FeatureError(f'volume type "{name}" does not exist in this scenario: its volume types are {names}')
    context.owned.retyped.add(volume)
    ask(context, lambda: context.cloud.volumes.retype(found, known[name]))
    if context.answers.refusal is None:
        volumes.await_rest(context, volume, found)


def require_retyped(context: Context, volume: str, name: str) -> None:
    """Require that a volume has a type, as a scenario presupposes. Raises the refusal of the last request, or
    CloudError with the actual type."""
    check_spoken(context)
    actual, wanted = context.cloud.volumes.get(volumes.volume_id(context, volume)).type, context.names.real(name)
    if actual != wanted:
        raise CloudError(f'volume "{volume}" should be of type "{wanted}", but is of type "{actual}"')
