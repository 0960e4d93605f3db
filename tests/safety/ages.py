"""Clouds of some age: the newest microversions of Nova and Placement then (each one's "REST API Version History")."""

OLD = {
    "zed": {"nova": "2.93", "placement": "1.39"},  # Nova 26, Placement 8
    "least": {"nova": "2.53", "placement": "1.20"},  # what Stocktake needs at least: Nova of Pike, Placement of Queens
}
