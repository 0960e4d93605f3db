"""Images: what a server is booted from, and what its image asks of a host."""

from stocktake.support.gherkin.phrases import given, when
from stocktake.support.scenario.context import Context
from stocktake.support.scenario.operations.placement.custom_names import introduce_trait
from stocktake.support.scenario.operations.servers import images, server_requests, servers


@given('an image "{image}"')
def image_of_scenario(context: Context, image: str) -> None:
    """Make a small image that asks nothing of hosts.

    Example:
        Given an image "spare"
    """
    images.create(context, image, {})


@given('an image "{image}" that requires trait {trait}')
def image_with_trait(context: Context, image: str, trait: str) -> None:
    """Make an image whose servers may only run on hosts with a trait.

    Example:
        Given an image "quick" that requires trait CUSTOM_FAST
    """
    images.create(context, image, {f"trait:{introduce_trait(context, trait)}": "required"})


@when('server "{server}" is booted from flavor "{flavor}" and image "{image}"')
def boot_from_image(context: Context, server: str, flavor: str, image: str) -> None:
    """Boot a server from an image of the scenario, where the scheduler likes; wait until its build has ended.

    Example:
        When server "web" is booted from flavor "plain" and image "quick"
    """
    request = server_requests.boot(context, server, flavor, image_id=images.image_id(context, image))
    servers.boot(context, server, request)


@when('server "{server}" is rebuilt from image "{image}"')
def rebuild_from_image(context: Context, server: str, image: str) -> None:
    """Build a server anew on its host from an image of the scenario; wait until that has ended, well or badly.

    Example:
        When server "web" is rebuilt from image "quick"
    """
    servers.rebuild(context, server, images.image_id(context, image))
