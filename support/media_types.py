"""The media types of what a scenario's reports carry beside Gherkin's own; each is named here and nowhere else.

Producers and readers of evidence agree on these names alone, so this module imports nothing. The shapes of the JSON
are described in support/reporting/writing/attachments.py.
"""

LEDGER = "application/vnd.stocktake.ledger+json"
HISTORY = "application/vnd.stocktake.history+json"
CLOUD = "application/vnd.stocktake.cloud+json"
CHECKS = "application/vnd.stocktake.checks+json"
EXCHANGE = "text/x.cucumber.log+plain"
SVG = "image/svg+xml"
GHERKIN = "text/x.cucumber.gherkin+plain"
