"""Errors that are explained in one sentence.

The message of every class here is written for the person at the terminal: it names the file, option, step,
host or request, what was wrong and what would be right. The plugin and the command print it without a traceback.
"""


class StocktakeError(Exception):
    """Base of all errors that are explained by their message alone."""


class ConfigurationError(StocktakeError):
    """clouds.yaml, an option or an environment variable says something Stocktake cannot use."""


class FeatureError(StocktakeError):
    """A feature contains something that cannot be carried out: a bad table, a server used before it exists."""


class CloudError(StocktakeError):
    """The cloud failed: it is unreachable, refused to authenticate, broke a connection, or took too long."""


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


class InterruptedRun(UserWarning):
    """An earlier run was interrupted; the message says what was undone of it, or why that was not possible."""


class Crowded(StocktakeError):  # noqa: N818 - a signal, not a failure
    """The scenario cannot run beside those that are parked: it is to begin again once they have ended."""


class NotDone(Unverified):
    """An action was not begun, because the program or endpoint for it cannot be started or reached."""
