"""Images: what a server is booted from, and the traits it requires of a host."""

from stocktake.support.accounting.tables import read_rows
from stocktake.support.gherkin.phrases import given, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.placement.custom_names import introduce_trait
from stocktake.support.scenario.operations.servers import images, server_requests, servers


@given('an image "{image}"')
def image_of_scenario(context: Context, image: str) -> None:
    """Create a small image that requires no traits.

    Example:
        Given an image "spare"
    """
    images.create(context, image, {})


@given('an image "{image}" that requires trait {trait}')
def image_with_trait(context: Context, image: str, trait: str) -> None:
    """Create an image whose servers can only run on hosts with a trait.

    Example:
        Given an image "quick" that requires trait CUSTOM_FAST
    """
    images.create(context, image, {f"trait:{introduce_trait(context, trait)}": "required"})


@given('an image "{image}" with these properties')
def image_with_properties(context: Context, image: str, datatable: list[list[str]]) -> None:
    """Create a small image with properties, which Nova reads when it places a server and defines its guest.

    Example:
        Given an image "firmware" with these properties
          | property         | value |
          | hw_firmware_type | uefi  |
    """
    rows = read_rows(datatable, "the table of properties", ("property", "value"))
    images.create(context, image, {row["property"]: row["value"] for row in rows})


@given('server "{server}" runs flavor "{flavor}" from image "{image}" on host "{host}"')
def running_from_image(context: Context, server: str, flavor: str, image: str, host: str) -> None:
    """Have a server ACTIVE on a host that was booted from an image of the scenario.

    Example:
        Given server "web" runs flavor "plain" from image "quick" on host "alpha"
    """
    image_id = images.image_id(context, image)
    servers.boot(context, server, server_requests.boot(context, server, flavor, host=host, image_id=image_id))
    servers.require(context, server, "ACTIVE", host)


@when('server "{server}" is booted with flavor "{flavor}" from image "{image}"')
def boot_from_image(context: Context, server: str, flavor: str, image: str) -> None:
    """Boot a server from an image of the scenario; wait until its build has succeeded or failed.

    Example:
        When server "web" is booted with flavor "plain" from image "quick"
    """
    request = server_requests.boot(context, server, flavor, image_id=images.image_id(context, image))
    servers.boot(context, server, request)


@when('server "{server}" is rebuilt from image "{image}"')
def rebuild_from_image(context: Context, server: str, image: str) -> None:
    """Rebuild a server from an image of the scenario; wait until the rebuild has succeeded or failed.

    Example:
        When server "web" is rebuilt from image "quick"
    """
    servers.rebuild(context, server, images.image_id(context, image))
