"""A run that ran nothing must not pass for one in which nothing was wrong."""

import pytest
import sites


@pytest.mark.process
def test_feature_that_is_not_there_is_no_run_without_failures(tmp_path):
    with pytest.raises(sites.NothingRan, match=r"(?s)no scenario ran: .*features/nowhere\.feature"):
        sites.run(None, ["features/nowhere.feature"], folder=tmp_path / "run", within=60)


def test_folder_without_a_run_has_no_verdicts(tmp_path):
    with pytest.raises(sites.NothingRan, match=f"{tmp_path} holds no run"):
        sites.verdicts(tmp_path)


@pytest.mark.process
def test_unknown_option_is_no_run_either(tmp_path):
    with pytest.raises(sites.NothingRan, match="--no-such-option"):
        sites.run(None, ["features"], "--no-such-option", folder=tmp_path / "run", within=60)
