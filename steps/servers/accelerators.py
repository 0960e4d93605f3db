"""Accelerators: devices that Cyborg manages and flavors ask for by a device profile."""

from stocktake.support.accounting.accelerators import read_requests
from stocktake.support.gherkin.phrases import given, then
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations import laboratory
from stocktake.support.scenario.operations.servers import accelerators


@given('device profile "{profile}" of {amount} FPGA', needs=("accelerators",))
def device_profile(context: Context, profile: str, amount: int) -> None:
    """Have a device profile that asks for accelerators of one device; flavors name it as accel:device_profile.

    Accelerators are of class FPGA in features, whichever class those of the cloud have.

    Example:
        Given device profile "card" of 1 FPGA
    """
    accelerators.create_profile(context, profile, amount)


@given("Cyborg refuses the next binding", needs=("disruption", "lab", "accelerators"))
def refuse_binding(context: Context) -> None:
    """Let the lab's Cyborg answer the next request to bind accelerators with 403.

    It may affect any request, so the scenario is tagged @lab and @whole-cloud.

    Example:
        Given Cyborg refuses the next binding
    """
    laboratory.refuse_next_binding(context)


@then("Cyborg has refused the request")
def has_refused(context: Context) -> None:
    """Check that the request to be refused was sent.

    Example:
        Then Cyborg has refused the request
    """
    laboratory.has_refused(context, "cyborg")


@then("the accelerator requests are", needs=("accelerators",))
def requests_are(context: Context, datatable: list[list[str]]) -> None:
    """Check every request of the scenario's device profiles, one a row; one that is not listed must not exist.

    Each accelerator of a server is a request of its own. Waits until Cyborg reports this.

    Example:
        Then the accelerator requests are
          | server | host  | state |
          | web    | alpha | Bound |
    """
    accelerators.requests_are(context, read_requests(datatable))


@then("there are no accelerator requests", needs=("accelerators",))
def no_requests(context: Context) -> None:
    """Check that no request of the scenario's device profiles exists. Waits until Cyborg reports this.

    Example:
        Then there are no accelerator requests
    """
    accelerators.requests_are(context, ())
