"""Plants a leak in the middle of a scenario: a charge for a consumer that nobody knows, before the first When."""

from pathlib import Path
from typing import Any
from uuid import uuid4

from stocktake.support.accounting.resources import Resources


def pytest_bdd_before_step(request: Any, scenario: Any, step: Any) -> None:
    """Charge the scenario's first host, and leave the consumer's uuid in a file beside the feature."""
    if step.type != "when":
        return
    context = request.getfixturevalue("stocktake_context")
    placement, session = context.cloud.placement, context.cloud.session
    consumer = str(uuid4())
    placement.set_allocations(
        consumer,
        {context.roles.host("alpha").provider: Resources(VCPU=1, MEMORY_MB=128)},
        generation=None,
        project_id=session.project_id,
        user_id=session.user_id,
    )
    with Path(request.node.path).parent.joinpath("planted").open("a") as file:
        file.write(f"{consumer}\n")
