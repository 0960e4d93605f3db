"""Images: what a server is booted from, and what its image asks of a host."""

from support.cloud.books import Books
from support.cloud.operations import images, servers
from support.cloud.operations.customs import introduce_trait
from support.gherkin.phrases import given, when


@given('an image "{image}"')
def image_of_scenario(books: Books, image: str) -> None:
    """Make a small image that asks nothing of hosts.

    Example:
        Given an image "spare"
    """
    images.create(books, image, {})


@given('an image "{image}" that requires trait {trait}')
def image_with_trait(books: Books, image: str, trait: str) -> None:
    """Make an image whose servers may only run on hosts with a trait.

    Example:
        Given an image "quick" that requires trait CUSTOM_FAST
    """
    images.create(books, image, {f"trait:{introduce_trait(books, trait)}": "required"})


@when('server "{server}" is booted from flavor "{flavor}" and image "{image}"')
def boot_from_image(books: Books, server: str, flavor: str, image: str) -> None:
    """Boot a server from an image of the scenario, where the scheduler likes; wait until its build has ended.

    Example:
        When server "web" is booted from flavor "plain" and image "quick"
    """
    servers.boot(books, server, flavor, image_id=images.image_id(books, image))


@when('server "{server}" is rebuilt from image "{image}"')
def rebuild_from_image(books: Books, server: str, image: str) -> None:
    """Build a server anew on its host from an image of the scenario; wait until that has ended, well or badly.

    Example:
        When server "web" is rebuilt from image "quick"
    """
    servers.rebuild(books, server, images.image_id(books, image))
