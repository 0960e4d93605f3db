"""Where Stocktake is installed, other projects of pytest-bdd do not notice; one that opts in keeps what is its own."""

import pytest

WALLET = """@smoke
Feature: Wallet

  Scenario: Nothing is spent
    Given a wallet with 5 coins
    Then 5 coins are left
"""
STEPS = """from pytest_bdd import given, then


@given("a wallet with 5 coins", target_fixture="wallet")
def _():
    return 5


@then("5 coins are left")
def _(wallet):
    assert wallet == 5
"""
ORDINARY = {
    "pytest.ini": "[pytest]\nmarkers =\n    smoke: short\n",
    "tests/features/wallet.feature": WALLET,
    "tests/test_wallet.py": 'from pytest_bdd import scenarios\n\nscenarios("features/wallet.feature")\n\n\n' + STEPS,
}
OWN_STEPS = {
    "conftest.py": "from steps.given import *  # noqa: F403\nfrom support.money import COINS\n",
    "pytest.ini": "[pytest]\nmarkers =\n    smoke: short\n",
    "steps/__init__.py": "",
    "steps/given.py": STEPS,
    "support/__init__.py": "",
    "support/money.py": "COINS = 5\n",
    "tests/wallet.feature": WALLET,
    "tests/test_wallet.py": 'from pytest_bdd import scenarios\n\nscenarios("wallet.feature")\n',
}
OPTED_IN = "[pytest]\naddopts = -p stocktake.steps --strict-markers --strict-config\nmarkers =\n    smoke: short\n"

# A feature for Stocktake that needs no cloud: its step stands beside it.
OURS = {
    "accounts/flavors.feature": """Feature: Flavors

  Scenario: A flavor is written down
    Given a flavor is noted
""",
    "accounts/conftest.py": """from stocktake.support.gherkin.phrases import given


@given("a flavor is noted")
def noted():
    pass
""",
}


def ids(output: str) -> list[str]:
    return [line for line in output.splitlines() if "::" in line]


class TestWithoutOptingIn:
    @pytest.mark.parametrize("project", [ORDINARY, OWN_STEPS], ids=["ordinary", "own steps and support"])
    @pytest.mark.parametrize("pythonpath", ["", "pythonpath = .\n"], ids=["", "pythonpath"])
    def test_nothing_is_noticed(self, installed, write, project, pythonpath):
        folder = write({**project, "pytest.ini": project["pytest.ini"] + pythonpath + "addopts = --strict-markers\n"})
        plain = installed.pytest(folder)
        assert (plain.returncode, "1 passed" in plain.stdout) == (0, True), plain.stdout + plain.stderr
        assert "tocktake" not in plain.stdout
        module = installed.run(folder, "python", "-m", "pytest", "-p", "no:cacheprovider")
        assert (module.returncode, "1 passed" in module.stdout) == (0, True), module.stdout + module.stderr

    def test_nothing_of_stocktake_is_imported(self, installed, write):
        seen = (
            "import sys\n\n\ndef test_it():\n    assert [name for name in sys.modules if 'stocktake' in name] == []\n"
        )
        folder = write({**ORDINARY, "tests/test_seen.py": seen})
        done = installed.pytest(folder)
        assert "2 passed" in done.stdout, done.stdout

    def test_its_own_option_and_fixtures_are_free(self, installed, write):
        conftest = "def pytest_addoption(parser):\n    parser.addoption('--cloud')\n"
        folder = write({**ORDINARY, "conftest.py": conftest})
        assert installed.pytest(folder, "--cloud=x").returncode == 0


class TestOptedIn:
    def test_its_own_features_stay_its_own_and_the_others_are_collected(self, installed, write):
        folder = write({**ORDINARY, **OURS, "pytest.ini": OPTED_IN})
        done = installed.pytest(folder, "--collect-only", "-q")
        assert ids(done.stdout) == [
            "tests/test_wallet.py::test_nothing_is_spent",
            "accounts/flavors.feature::A flavor is written down",
        ], done.stdout + done.stderr
        for options in ((), ("-n", "2")):
            done = installed.pytest(folder, *options)
            assert "2 passed" in done.stdout, done.stdout + done.stderr

    def test_wherever_the_features_lie(self, installed, write):
        """Some keep features in a folder that comes before the tests, and load all of it at once."""
        tests = 'from pytest_bdd import scenarios\n\nscenarios("../features")\n\n\n' + STEPS
        deep = WALLET.replace("Wallet", "Purse")
        files = {"features/wallet.feature": WALLET, "features/deep/purse.feature": deep, "tests/test_all.py": tests}
        folder = write({**files, **OURS, "pytest.ini": OPTED_IN})
        done = installed.pytest(folder)
        assert "3 passed" in done.stdout, done.stdout + done.stderr

    def test_a_feature_that_is_named_is_collected_whoever_loads_it(self, installed, write):
        folder = write({**ORDINARY, "pytest.ini": OPTED_IN})
        done = installed.pytest(folder, "tests/features/wallet.feature")
        assert "no step matches: Given a wallet with 5 coins" in done.stdout, done.stdout
        assert done.returncode == 2

    def test_its_own_steps_package_works(self, installed, write):
        folder = write({**OWN_STEPS, **OURS, "pytest.ini": OPTED_IN + "pythonpath = .\n"})
        done = installed.pytest(folder)
        assert "2 passed" in done.stdout, done.stdout + done.stderr

    def test_its_own_fixtures_keep_working(self, installed, write):
        """Also in a conftest.py above our features, where steps that need a context find Stocktake's."""
        conftest = """import pytest


@pytest.fixture
def cloud():
    return "cumulus"


@pytest.fixture
def context(cloud):
    return {"over": cloud}


@pytest.fixture
def books(context):
    return ["one", context]
"""
        test = 'def test_books(books, cloud):\n    assert books == ["one", {"over": "cumulus"}]\n'
        feature = 'Feature: F\n\n  Scenario: S\n    Given hosts "alpha" and "beta"\n'
        files = {"conftest.py": conftest, "test_books.py": test, "own/hosts.feature": feature}
        folder = write({**files, "pytest.ini": OPTED_IN})
        done = installed.pytest(folder, "--cloud=nowhere", OS_CLIENT_CONFIG_FILE="/none")
        assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
        assert "OS_CLIENT_CONFIG_FILE names /none, which does not exist" in done.stdout
        assert "Traceback" not in done.stdout

    def test_its_own_failures_are_told_as_before(self, installed, write):
        """A test of its own that fails has its traceback, and the assertion with its values."""
        failing = ORDINARY["tests/test_wallet.py"].replace("assert wallet == 5", "assert wallet == 4")
        folder = write({**ORDINARY, "pytest.ini": OPTED_IN, "tests/test_wallet.py": failing})
        done = installed.pytest(folder)
        assert ">       assert wallet == 4\nE       assert 5 == 4" in done.stdout, done.stdout

    @pytest.mark.parametrize("option", ["--cloud", "--messages"])
    def test_an_option_of_its_own_is_one_sentence(self, installed, write, option):
        conftest = f"def pytest_addoption(parser):\n    parser.addoption('{option}', default='x')\n"
        folder = write({**ORDINARY, "conftest.py": conftest, "pytest.ini": OPTED_IN})
        done = installed.pytest(folder)
        assert done.returncode == 4
        assert done.stderr == (
            f"ERROR: {folder}/conftest.py defines the option {option}, which Stocktake also defines: rename it "
            "there, or leave out `-p stocktake.steps` and run your scenarios with `stocktake run` from elsewhere\n\n"
        )

    def test_an_option_of_another_plugin_is_the_same_sentence(self, installed, write):
        plugin = 'def pytest_addoption(parser):\n    parser.addoption("--cloud")\n'
        settings = OPTED_IN.replace("addopts =", "addopts = -p nebula") + "pythonpath = .\n"
        folder = write({**ORDINARY, "nebula.py": plugin, "pytest.ini": settings})
        done = installed.pytest(folder)
        assert "ERROR: the plugin nebula defines the option --cloud, which Stocktake also defines" in done.stderr
        assert "Traceback" not in done.stderr

    def test_values_of_options_do_not_mix(self, installed, write):
        """An option of another name may be kept as `cloud` or `messages` by its plugin."""
        conftest = "def pytest_addoption(parser):\n    parser.addoption('--sky', dest='messages', default='grey')\n"
        folder = write({**ORDINARY, "conftest.py": conftest, "pytest.ini": OPTED_IN})
        assert installed.pytest(folder).returncode == 0
        assert not (folder / "grey").exists()

    def test_opting_in_by_a_conftest_is_one_sentence(self, installed, write):
        folder = write({**ORDINARY, "conftest.py": 'pytest_plugins = ["stocktake.steps"]\n'})
        done = installed.pytest(folder)
        assert done.returncode == 4
        assert "write `addopts = -p stocktake.steps` into the pytest settings of the project" in done.stderr
        assert "Traceback" not in done.stderr

    def test_warnings_may_be_errors(self, installed, write):
        folder = write({**OURS, "pytest.ini": OPTED_IN + "filterwarnings = error\n"})
        done = installed.pytest(folder)
        assert "1 passed" in done.stdout, done.stdout + done.stderr
