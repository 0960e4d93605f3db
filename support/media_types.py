"""The media types of evidence in reports; each is named only here.

Producers and readers of evidence share only these names, so this module imports nothing. The shapes of the JSON
are described in support/reporting/writing/attachments.py.
"""

LEDGER = "application/vnd.stocktake.ledger+json"
HISTORY = "application/vnd.stocktake.history+json"
CLOUD = "application/vnd.stocktake.cloud+json"
CHECKS = "application/vnd.stocktake.checks+json"
EXCHANGE = "text/x.cucumber.log+plain"
SVG = "image/svg+xml"
GHERKIN = "text/x.cucumber.gherkin+plain"
