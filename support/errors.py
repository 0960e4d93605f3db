"""What can go wrong between a reader and a verdict, each explained in one sentence.

The message of every class here is written for the person at the terminal: it names the file, option, step,
host or request, what was wrong and what would be right. The plugin and the command print it without a traceback.
"""


class StocktakeError(Exception):
    """Base of all errors that are explained by their message alone."""


class ConfigurationError(StocktakeError):
    """clouds.yaml, an option or an environment variable says something Stocktake cannot use."""


class FeatureError(StocktakeError):
    """A feature says something that cannot be carried out: a bad table, a server used before it exists."""


class CloudError(StocktakeError):
    """The cloud did not do its part: unreachable, refused to authenticate, broke off, ran out of patience."""


class LabError(StocktakeError):
    """The embedded cloud did not come up, did not stop, or was asked for something it does not have."""


class Unverified(StocktakeError):  # noqa: N818 - an outcome, not a failure
    """The scenario could not be verified here.

    `reason` says what this cloud lacks, `remedy` what to set or provide so that it can be verified.
    """

    def __init__(self, reason: str, remedy: str):
        super().__init__(f"{reason}; {remedy}")
        self.reason = reason
        self.remedy = remedy


class NotDone(Unverified):
    """An action was not even begun, because what would do it cannot be reached or started."""
