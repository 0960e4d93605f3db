"""What explains a failure: accounts, history, actions, requests and log, each told or said why not."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from uuid import uuid4

import pytest
from hamcrest import assert_that, contains_string, has_length, is_not
from stocktake.support.scenario.diagnostics import EXCHANGES_SHOWN, LOG_LINES_SHOWN, explain

pytestmark = pytest.mark.filterwarnings("ignore")  # of Placement's own

ACCOUNTS = "current allocations, and changes of usages"
HISTORY = "history of the servers (seconds since the scenario began)"
PAST = "instance actions and migrations"
REQUESTS = "last requests"
LOG = "Nova's log for these requests"


@pytest.fixture
def web(real_books, nova):
    """A server of the scenario, without migrations."""
    uuid = real_books.servers.ids["web"] = nova.ids["web"] = str(uuid4())
    nova.moves("web", [])
    tell_actions(nova, uuid)
    return uuid


def tell_actions(nova, uuid, *actions):
    """Tell a server's list of actions: (name, request), latest first."""
    listed = [{"action": name, "request_id": request, "message": None} for name, request in actions]
    path = f"{nova.url}/servers/{uuid}/os-instance-actions"
    nova._apis.answer("GET", path, nova._apis.say(body={"instanceActions": listed}))


class TestAccounts:
    def test_are_told_consumer_by_consumer(self, real_books, accounts, web):
        accounts.hold(real_books.roles.played["alpha"], web, VCPU=1)
        assert dict(explain(real_books))[ACCOUNTS] == (
            "| consumer   | host  | VCPU |\n"
            "| server web | alpha |    1 |\n\n"
            "| host  | VCPU |\n"
            "| alpha |   +1 |\n"
            "| beta  |    0 |"
        )

    def test_of_nobody_are_called_nothing(self, real_books):
        assert_that(dict(explain(real_books))[ACCOUNTS], contains_string("nothing is held\n\n| host"))

    def test_are_left_out_without_hosts(self, context):
        context.roles.drop("alpha")
        context.roles.drop("beta")
        assert ACCOUNTS not in dict(explain(context))

    def test_that_cannot_be_read_say_why_and_keep_nothing_else_back(self, context, apis):
        told = dict(explain(context))
        assert_that(told[ACCOUNTS], contains_string("cannot be read: the placement API answered 404"))
        assert REQUESTS in told


class TestHistory:
    def test_tells_states_at_their_time_and_hosts_as_roles(self, context, nova, passing_time):
        context.servers.ids["web"] = "web-id"
        nova.looks("web", {"status": "BUILD", "task": "spawning"}, {"status": "ACTIVE", "host": "cmp-2"}, nova.gone)
        for seconds in (1.25, 10, 0):
            context.servers.read("web")
            passing_time.sleep(seconds)
        assert dict(explain(context))[HISTORY] == (
            '   0.00  server "web" BUILD spawning\n'
            '   1.25  server "web" ACTIVE on host "beta"\n'
            '  11.25  server "web" unknown to Nova'
        )

    def test_of_no_server_is_left_out(self, context):
        assert HISTORY not in dict(explain(context))


class TestPast:
    def test_tells_actions_with_their_events_oldest_first_then_migrations(self, real_books, nova, web):
        tell_actions(nova, web, ("resize", "req-2"), ("create", "req-1"))
        nova.records("web", "create", "req-1", [("compute__do_build_and_run_instance", "Success")])
        nova.records("web", "resize", "req-2", [("compute_prep_resize", "Error")])
        hosts = {role: host.service for role, host in real_books.roles.played.items()}
        move = {"uuid": "m-1", "migration_type": "resize", "status": "error", "source_compute": hosts["alpha"]}
        nova.moves("web", [move | {"dest_compute": hosts["beta"]}])
        assert dict(explain(real_books))[PAST].splitlines() == [
            f'server "web" is {web}',
            "  create: compute__do_build_and_run_instance Success (req-1)",
            "  resize (Error): compute_prep_resize Error (req-2)",
            '  migration m-1: resize error, from host "alpha" to host "beta"',
        ]

    def test_tells_an_action_that_cannot_be_read_in_full(self, real_books, nova, web):
        tell_actions(nova, web, ("create", "req-1"))
        assert_that(dict(explain(real_books))[PAST], contains_string("create: no events (req-1)"))


class TestRequests:
    def test_are_the_last_ones(self, context, apis):
        apis.answer("GET", "/compute/v2.1/flavors", apis.say(body={}))
        for _ in range(20):
            context.cloud.session.get("compute", "/flavors")
        lines = dict(explain(context))[REQUESTS].splitlines()
        assert_that(lines, has_length(EXCHANGES_SHOWN))

    def test_are_those_of_the_scenario(self, context, apis):
        apis.answer("GET", "/compute/v2.1/flavors", apis.say(body={}))
        apis.answer("GET", "/compute/v2.1/images", apis.say(body={}))
        context.cloud.session.get("compute", "/flavors")
        before = context.cloud.session.exchanges[-1]
        context.cloud.session.get("compute", "/images")
        told = dict(explain(context, after=before))[REQUESTS]
        assert_that(told, contains_string("GET /images -> 200"))
        assert_that(told, is_not(contains_string("/flavors")))


class Log(BaseHTTPRequestHandler):
    """A control endpoint that has a long log, and says which requests it was asked about."""

    asked: list[str]

    def do_GET(self):
        self.asked.append(self.path)
        lines = [f"line {number}" for number in range(40)] + ["ERROR nova password=hunter22"]
        body = json.dumps({"lines": lines}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


class TestLog:
    @pytest.fixture
    def log(self):
        handler = type("Bound", (Log,), {"asked": []})
        server = HTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        server.asked = handler.asked
        yield server
        server.shutdown()
        server.server_close()
        thread.join()

    @pytest.fixture
    def cloud(self, open_cloud, log):
        return open_cloud(control={"url": f"http://127.0.0.1:{log.server_port}", "token": "a-token"})

    def test_is_read_for_the_requests_of_the_scenario_that_changed_something(self, context, nova, log):
        nova.accepts("DELETE", "/servers/web-id", "req-0", "req-1")
        context.cloud.servers.delete("web-id")
        before = context.cloud.session.exchanges[-1]
        context.cloud.servers.delete("web-id")
        explain(context, after=before)
        assert log.asked == ["/logs?request_id=req-1&level=WARNING"]

    def test_is_cut_to_its_end_and_holds_no_secret(self, context, nova):
        nova.accepts("DELETE", "/servers/web-id")
        context.cloud.servers.delete("web-id")
        lines = dict(explain(context))[LOG].splitlines()
        assert_that(lines, has_length(LOG_LINES_SHOWN))
        assert lines[-1] == "ERROR nova password=***"

    def test_is_not_asked_for_when_nothing_was_changed(self, context, log):
        explain(context)
        assert log.asked == []


def test_a_log_that_cannot_be_read_here_is_left_out(context, nova):
    nova.accepts("DELETE", "/servers/web-id")
    context.cloud.servers.delete("web-id")
    assert LOG not in dict(explain(context))
