"""What features ask of a cloud, read from their text: the file is not run, and need not be valid.

Only steps and tags count, scenario by scenario with its backgrounds; prose, tables and comments ask for nothing. A
host that a scenario brings along (`a host "gamma" that …`) is asked of whoever adds hosts, and of nobody else.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from stocktake.support.api import microversions
from stocktake.support.api.microversions import Microversion

ROLE = r'"[a-z][a-z0-9-]*"'
ROLES = re.compile(rf"\bhosts? ({ROLE}(?:(?:, | and ){ROLE})*)")
BROUGHT = re.compile(rf"\ba host ({ROLE}) that\b")
BROUGHT_ALONG = '"*"'  # no role
SECTION = re.compile(r"\s*(Feature|Background|Rule|Scenario|Example)(?: Outline| Template)?:")
STEP = re.compile(r"\s*(?:Given|When|Then|And|But|\*)\s")

SIGNS = {
    "disruption": rf"\bhost {ROLE} (is down|is disabled|gets disabled|alone is in zone)\b",
    "stop_host": rf"\bhost {ROLE} is down\b",
    "return_host": rf"\bhost {ROLE} (is down|returns|is back)\b",
    "lose_guests": rf"\bhost {ROLE} returns without its guests\b",
    "run_periodic": r"\bthe periodic runs\b|\bhypervisor figures are up to date\b|\bNova is configured\b",
    "configure": (
        r"\bresizes may stay on the same host\b|\bshelved servers stay on their host\b"
        r"|\bdeleted servers can be restored\b|\bNova is configured\b|\btrusts the headers of a proxy\b"
        r"|\bNova decides undecided resizes\b"
    ),
    "add_host": r"\ba host \S+ that\b",
    "lab": (
        r"\bPlacement refuses the next\b|\bnova-manage\b|\bthe log of Nova says\b|\btime to restore server\b"
        r"|\btime to decide on server\b|\blooks for undecided resizes\b"
        r"|\bvirt driver of host \S+ (has lost|loses|regains) capability\b"
    ),
    "fake": r"\bvirt driver of host \S+ is fake\b",
    "libvirt": r"\bvirt driver of host \S+ is libvirt\b",
    "users": rf"\buser {ROLE} without the admin role\b",
    "quotas": rf"\buser {ROLE} may use\b",
    "volumes": r"\bvolumes?\b",
}
"""How the steps of a scenario tell what it needs; capability -> what to look for."""

VERSIONS = {
    "compute": {
        microversions.HOST_IN_MIGRATE: r"\bis cold migrated to host\b",
        microversions.MIGRATIONS[-1]: (  # what a migration holds is told by its uuid
            r"\bawaits a decision\b|\bis (VERIFY_RESIZE|MIGRATING|live migrating)\b|\bbegins to live migrate\b"
            r"|\bhas been resized\b"
        ),
        microversions.HOST_OF_EVENT: r"\bcompute hosts? (did this|took part)\b",
        microversions.ABORT_QUEUED: r"\bwaits to live migrate\b",
        microversions.HOST_IN_UNSHELVE: r"\bis unshelved on host\b",
    },
    "placement": {microversions.CONSUMER_GENERATIONS: r"\bsomebody who missed that\b"},
}
"""How steps tell the microversion that they need: by service, microversion -> what to look for."""

NAMED_VERSIONS = {
    "compute": re.compile(r"(?:@microversion-|\bevacuated\b.* at microversion )(\d+\.\d+)\b"),
    "placement": re.compile(r"@placement-(\d+\.\d+)\b"),
}


@dataclass(frozen=True)
class Needs:
    """What one feature file asks of a cloud: capabilities by name, how many hosts, microversions by service."""

    capabilities: frozenset[str]
    hosts: int
    versions: Mapping[str, str] = field(default_factory=dict)


def needs_of(text: str) -> Needs:
    """Read what the text of a feature file asks of a cloud."""
    scenarios = [_without_brought_hosts(scenario) for scenario in _scenarios(text)]
    whole = "\n".join(scenarios)
    found = (name for name, sign in SIGNS.items() if re.search(sign, whole))
    roles = [{role for named in ROLES.finditer(one) for role in re.findall(ROLE, named[1])} for one in scenarios]
    newest = {service: _newest(service, whole) for service in VERSIONS}
    return Needs(
        frozenset(found),
        max(map(len, roles), default=0),
        {service: version for service, version in newest.items() if version},
    )


def _newest(service: str, text: str) -> str | None:
    """Return the newest microversion of a service that is named in a text, or that its steps need."""
    wanted = [version for version, sign in VERSIONS[service].items() if re.search(sign, text)]
    wanted += NAMED_VERSIONS[service].findall(text)
    return max(wanted, key=Microversion.parse, default=None)


def _scenarios(text: str) -> Iterator[str]:
    """Yield the steps and tags of each scenario, together with those of its rule and its feature."""
    feature: list[str] = []
    common = feature
    for kind, lines in _sections(text):
        if kind in ("Scenario", "Example"):
            yield "\n".join(common + lines)
        elif kind == "Rule":
            common = feature + lines
        else:
            common += lines


def _sections(text: str) -> list[tuple[str, list[str]]]:
    """Split a feature's text at its keywords; each part has its steps, and the tags above it."""
    sections: list[tuple[str, list[str]]] = [("Feature", [])]
    tags: list[str] = []
    for line in text.splitlines():
        keyword = SECTION.match(line)
        if keyword:
            sections.append((keyword[1], tags))
            tags = []
        elif line.lstrip().startswith("@"):
            tags.append(line)
        elif STEP.match(line):
            sections[-1][1].append(line)
    return sections


def _without_brought_hosts(scenario: str) -> str:
    """Take the names of hosts that a scenario brings along out of its text: they are nobody else's to offer."""
    for role in BROUGHT.findall(scenario):
        scenario = scenario.replace(role, BROUGHT_ALONG)
    return scenario
