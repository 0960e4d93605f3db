"""The implementation of the steps: accounting values, the cloud over HTTP, the lab, reports."""
