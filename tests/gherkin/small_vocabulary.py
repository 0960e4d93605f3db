"""A vocabulary for the tests of support/gherkin: enough words to be right, wrong and ambiguous with."""

from stocktake.support.gherkin.phrases import given, parameter, then, when


@parameter(name="server", regexp="[a-z][a-z0-9-]*", meaning="small letters, digits and hyphens")
@parameter(name="host", regexp="[a-z][a-z0-9-]*")
@parameter(name="other", regexp="[a-z][a-z0-9-]*")
@parameter(name="third", regexp="[a-z][a-z0-9-]*", role=True)
@parameter(name="special", regexp="[a-z][a-z0-9-]*")
@parameter(name="storage", regexp="[a-z][a-z0-9-]*")
@parameter(name="flavor", regexp="[a-z][a-z0-9.-]*")
@parameter(name="status", regexp="[A-Z][A-Z_]+")
@parameter(name="word", regexp='[^"]+')
def name(text):
    return text


@parameter(name="month", regexp="[0-9]+")
def month(text):
    if not 1 <= int(text) <= 12:
        raise ValueError("months run from 1 to 12")
    return int(text)


@given("these flavors", target_fixture="flavors")
def flavors(datatable):
    """Have these flavors.

    Waits for nothing.

    Example:
        Given these flavors
          | flavor | VCPU |
          | small  |    1 |
    """
    return [row[0] for row in datatable[1:]]


@given('hosts "{host}" and "{other}"')
@given('hosts "{host}", "{other}" and "{third}"')
def hosts(host, other, third=None):
    """Have two or three hosts."""


@given('a host "{special}" whose builds fail')
def failing_host(special):
    """Have a host that the step itself adds."""


@given('shared storage "{storage}"')
def shared_storage(storage):
    """Have storage that the step itself adds."""


@given('server "{server}" runs flavor "{flavor}" on host "{host}"')
@when('server "{server}" is booted from flavor "{flavor}" on host "{host}"')
def boot(server, flavor, host):
    """Have the server running, or boot it."""


@given('server "{server}" has been evacuated to host "{host}"')
@when('server "{server}" is evacuated')
def evacuate(server):
    """Evacuate."""


@when('the resize of server "{server}" is reverted')
@when('server "{server}" is deleted')
def act(server):
    """Do something."""


@when('host "{host}" returns')
@given('host "{host}" is down')
def turn(host):
    """Stop or return."""


@then('server "{server}" is {status} on host "{host}"')
@then('server "{server}" is on host "{host}"')
@then('server "{server}" is {status}')
def server_is(server):
    """Check where it is."""


@then("the allocations are")
@then("the allocations become")
@then("the usages have changed by")
def accounts(datatable):
    """Check the accounts."""


@then("the log may be shown")
def optional(datatable=None, docstring=None):
    """Take a table, a document, or neither."""


@then("there are no allocations")
def nothing():
    """Check that nothing is held."""


@when("the request is sent")
def send(docstring):
    """Send a body."""


@when("nothing is awaited")
async def never():
    """Be forgotten."""


@given("it is month {month}")
def in_month(month):
    """Take a number."""


@then('it says "{word}"')
@then('it says "{word}" or nothing')
def says(word):
    """Say."""


@given("two of us")
def one_of_us():
    """Say what the other says."""


@given("two of us")
def other_of_us():
    """Say what the first says."""
