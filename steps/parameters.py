"""The parameter types of steps. Each type is declared once; its name in braces is also the argument's name.

Patterns avoid backslashes, so that the Cucumber editor extension reads them as they stand.
"""

from collections.abc import Mapping

from stocktake.support.accounting.words import known_class, known_trait
from stocktake.support.gherkin.phrases import parameter
from stocktake.support.scenario.operations.hosts.special_hosts import known_behaviour


@parameter(name="server", regexp="[a-z][a-z0-9-]*")
@parameter(name="flavor", regexp="[a-z][a-z0-9.-]*")
@parameter(name="provider", regexp="[a-z][a-z0-9-]*")
@parameter(name="aggregate", regexp="[a-z][a-z0-9-]*")
@parameter(name="image", regexp="[a-z][a-z0-9-]*")
@parameter(name="group", regexp="[a-z][a-z0-9-]*")
@parameter(name="child", regexp="[a-z][a-z0-9-]*")
@parameter(name="storage", regexp="[a-z][a-z0-9-]*")
@parameter(name="volume", regexp="[a-z][a-z0-9-]*")
@parameter(name="volume_type", regexp="[a-z][a-z0-9-]*", meaning="a type of volumes")
@parameter(name="profile", regexp="[a-z][a-z0-9-]*")
@parameter(name="zone", regexp="[a-z][a-z0-9-]*")
@parameter(name="user", regexp="[a-z][a-z0-9-]*")
@parameter(name="port", regexp="[a-z][a-z0-9-]*")
@parameter(name="consumer", regexp="[a-z][a-z0-9-]*")
def name(text: str) -> str:
    """Return a name as written in the feature; the suite makes it unique in the cloud."""
    return text


@parameter(name="host", regexp="[a-z][a-z0-9-]*", role=True)
@parameter(name="other", regexp="[a-z][a-z0-9-]*", role=True)
@parameter(name="third", regexp="[a-z][a-z0-9-]*", role=True)
@parameter(name="special", regexp="[a-z][a-z0-9-]*")
def role(text: str) -> str:
    """Return a role; the suite chooses the real host that plays it. A special host is added by the lab."""
    return text


@parameter(name="status", regexp="[A-Z][A-Z_]+")
@parameter(name="capability", regexp="supports_[a-z_]+")
@parameter(name="driver", regexp="fake|libvirt")
@parameter(name="reason", regexp='[^"]+')
@parameter(name="service", regexp="compute|placement|image")
@parameter(name="address", regexp="https://[a-z.-]+")
@parameter(name="action", regexp="[a-zA-Z_-]+")
@parameter(name="task", regexp="[a-z_-]+")
@parameter(
    name="outcome",
    regexp="accepted|queued|pre-migrating|finished|confirmed|reverted|completed|cancelled|done|error|failed",
)
def word(text: str) -> str:
    """Return a word of the API, in the API's own spelling."""
    return text


@parameter(name="microversion", regexp="[0-9]+[.][0-9]+")
def version(text: str) -> str:
    """Return a microversion as text: 2.10 is later than 2.9."""
    return text


@parameter(name="code", regexp="[1-5][0-9][0-9]")
@parameter(name="amount", regexp="[0-9]+")
@parameter(name="count", regexp="[0-9]+")
def number(text: str) -> int:
    """Return a whole number; its unit is part of the phrase."""
    return int(text)


@parameter(name="hint", regexp="[a-z_]+=[a-z_]+", meaning="the name of a scheduler hint and its value")
def hint(text: str) -> Mapping[str, str]:
    """Return a scheduler hint that is written NAME=VALUE."""
    key, _, value = text.partition("=")
    return {key: value}


@parameter(name="behaviour", regexp="[a-z][a-zA-Z ]+[a-zA-Z]", meaning="words that say what a special host does")
def behaviour(text: str) -> str:
    """Return what a special host does, in the words of `stocktake.support.scenario.operations.hosts.special_hosts`."""
    return known_behaviour(text)


# Spelled out because editors read only literals; tests compare them with the tables of the operations.
@parameter(
    name="listing",
    regexp="compute services|hypervisors|host aggregates|migrations|servers of every project|hosts of availability zones|resource providers|resource classes|traits|allocation candidates",  # noqa: E501
    meaning="what administrators may list",
)
@parameter(
    name="administration",
    regexp="cold migrate|live migrate|evacuate|reset the state of|inject network data into",
    meaning="what administrators may do",
)
@parameter(
    name="interruption",
    regexp="paused|rebooted|rescued|suspended",
    meaning="what interrupts a server without moving it",
)
@parameter(
    name="policy",
    regexp="affinity|anti-affinity|soft-affinity|soft-anti-affinity",
    meaning="a policy of server groups",
)
@parameter(
    name="conflict",
    regexp="update of one consumer|exchange between consumers",
    meaning="a way to change allocations",
)
@parameter(
    name="connection",
    regexp="create the next attachment|connect the next volume|complete the next attachment|disconnect the next volume",
    meaning="what a compute host asks of Cinder",
)
def entry(text: str) -> str:
    """Return a word that is a key in a table of the operations."""
    return text


@parameter(name="trait", regexp="[A-Z][A-Z0-9_]+")
def trait(text: str) -> str:
    """Return the name of a trait. Raises ValueError if it is neither standard nor CUSTOM_."""
    return known_trait(text)


@parameter(name="resource", regexp="[A-Z][A-Z0-9_]+")
def resource_class(text: str) -> str:
    """Return the name of a resource class. Raises ValueError if it is neither standard nor CUSTOM_."""
    return known_class(text)


@parameter(name="ratio", regexp="[0-9]+[.][0-9]+")
def ratio(text: str) -> float:
    """Return an allocation ratio, written with its decimals: 2.0."""
    return float(text)
