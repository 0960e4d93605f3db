"""What the tests of leases share."""

import pytest


@pytest.fixture
def url(tmp_path):
    """A coordinator of this test's own."""
    return f"file://{tmp_path}/leases"
