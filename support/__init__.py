"""Everything the steps say, done: accounting values, the cloud over HTTP, the lab, reports."""
