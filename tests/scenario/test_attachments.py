"""What a report shows beside a step: plain values under the feature's names."""

import json
from uuid import uuid4

import pytest
from hamcrest import assert_that, contains_exactly, has_entries, has_key, is_not
from stocktake.support.scenario import attachments

pytestmark = pytest.mark.filterwarnings("ignore")  # of Placement's own


class TestLedger:
    def test_is_the_last_reading(self, real_books, accounts, nova):
        context = real_books
        before = accounts.hold(context.roles.played["beta"], VCPU=2)
        context.accounts.open()
        context.servers.ids["web"] = nova.ids["web"] = str(uuid4())
        accounts.hold(context.roles.played["alpha"], nova.ids["web"], VCPU=1, MEMORY_MB=512)
        nova.moves("web", [])
        context.accounts.read()
        shown = attachments.ledger(context, "When it is booted")
        room = {"VCPU": 8, "MEMORY_MB": 8192, "DISK_GB": 100}
        assert shown == {
            "title": "When it is booted",
            "providers": [{"name": "alpha", "capacity": room}, {"name": "beta", "capacity": room}],
            "rows": [{"consumer": "server web", "provider": "alpha", "resources": {"VCPU": 1, "MEMORY_MB": 512}}],
            "usages": {"alpha": {"VCPU": 1, "MEMORY_MB": 512}, "beta": {"VCPU": 2}},
            "changes": {"alpha": {"VCPU": 1, "MEMORY_MB": 512}, "beta": {}},
        }
        assert before not in json.dumps(shown)

    def test_is_none_before_the_first_reading(self, context):
        assert attachments.ledger(context, "Given") is None

    def test_is_none_without_hosts(self, real_books):
        real_books.roles.hold([])
        assert attachments.ledger(real_books, "Given") is None


class TestExchanges:
    @pytest.fixture
    def ask(self, cloud, apis):
        apis.answer("GET", "/compute/v2.1/flavors", apis.say(body={}))

        def asked():
            cloud.session.get("compute", "/flavors")
            return cloud.session.exchanges[-1]

        return asked

    def test_are_those_after_one_of_them_in_order(self, context, ask):
        first, second, third = ask(), ask(), ask()
        assert attachments.exchanges(context, first) == [second, third]
        assert attachments.exchanges(context, third) == []

    def test_are_all_when_that_one_is_forgotten(self, context, cloud, ask):
        first = ask()
        cloud.session.exchanges.clear()
        second = ask()
        assert attachments.exchanges(context, first) == [second]
        assert attachments.exchanges(context, None) == [second]


def test_history_tells_hosts_as_roles(context, nova, passing_time):
    context.servers.ids["web"] = "web-id"
    nova.looks("web", {"status": "BUILD", "task": "spawning"}, {"status": "ACTIVE", "host": "cmp-1"}, nova.gone)
    for _ in range(3):
        context.servers.read("web")
        passing_time.sleep(1.23456)
    on_alpha = {"seconds": 1.235, "server": "web", "status": "ACTIVE", "task_state": None, "host": 'host "alpha"'}
    assert_that(
        attachments.history(context),
        contains_exactly(
            has_entries(seconds=0.0, status="BUILD", task_state="spawning", host=None),
            on_alpha,
            has_entries(seconds=2.469, status="gone", host=None),
        ),
    )


class TestCloud:
    def test_is_told_by_name_microversions_hosts_and_packages(self, cloud, nova):
        nova.host("cmp-1")
        told = attachments.describe(cloud)
        assert_that(told, has_entries(name="double", hosts=["cmp-1"]))
        assert told["microversions"] == {"compute": ["2.1", "2.104"], "placement": ["1.0", "1.39"]}
        assert_that(told["packages"], has_key("pytest-bdd"))

    def test_is_told_as_far_as_it_answers(self, cloud, nova, apis):
        nova.host("cmp-1")
        apis.answer("GET", "/placement/", apis.say(404, {}))
        assert_that(attachments.describe(cloud)["microversions"], is_not(has_key("placement")))

    def test_names_only_packages_that_are_there(self, cloud, nova, monkeypatch):
        nova.host("cmp-1")
        monkeypatch.setattr(attachments, "PACKAGES", ("no-such-package",))
        monkeypatch.setattr(attachments, "SERVICES", ())
        assert attachments.describe(cloud)["packages"] == {}

    def test_of_another_release_is_told_by_it_and_without_the_packages_that_are_installed_here(self, cloud, nova):
        nova.host("cmp-1")
        told = attachments.describe(cloud, "2024.1")
        assert told["name"] == "2024.1"
        assert set(told["packages"]) == {"stocktake", "pytest-bdd"} & set(told["packages"])
