"""The project that a run works in: one of its own where the cloud lets it have one, else that of clouds.yaml."""

import pytest
from hamcrest import assert_that, contains_string
from stocktake.support.errors import CloudError

from tests.doubles.apis import Answer
from tests.doubles.scenarios import an_image

KEYSTONE = "/identity/v3"
NOVA = "/compute/v2.1"
UNLIMITED = {"cores": -1, "ram": -1, "instances": -1}


class Keystone:
    """A Keystone that keeps one project, and exchanges tokens for one of that project."""

    def __init__(self, apis):
        self.apis = apis
        self.made = []
        apis.answer("GET", f"{KEYSTONE}/projects", Answer(200, {"projects": []}))
        apis.answer("POST", f"{KEYSTONE}/projects", Answer(201, {"project": {"id": "own-id"}}, then=self._create))
        apis.answer("PUT", f"{KEYSTONE}/projects/own-id/users/a-user/roles/r-1", Answer(204))
        apis.answer("DELETE", f"{KEYSTONE}/projects/own-id", Answer(204, then=lambda _request: self.made.clear()))
        apis.answer("PUT", f"{NOVA}/os-quota-sets/own-id", Answer(200, {"quota_set": UNLIMITED}))
        apis.answer("DELETE", f"{NOVA}/os-quota-sets/own-id", Answer(202))
        apis.answer("GET", f"{NOVA}/os-aggregates", Answer(200, {"aggregates": []}))
        apis.answer("PUT", "/volume/v3/a-project/os-quota-sets/own-id", Answer(200, {}))
        apis.answer("DELETE", "/volume/v3/a-project/os-quota-sets/own-id", Answer(200, {}))

    def _create(self, request):
        self.made = [{"id": "own-id", "name": request.body["project"]["name"]}]
        self.apis.answer("GET", f"{KEYSTONE}/projects", Answer(200, {"projects": list(self.made)}))


@pytest.fixture
def keystone(apis):
    apis.roles = ["r-1"]
    return Keystone(apis)


@pytest.fixture
def cloud(open_cloud):
    return open_cloud(project="own")


def requests(apis, pattern):
    return [request.line for request in apis.requests if pattern in request.line]


def test_is_made_once_without_quotas_and_deleted_at_the_end(cloud, keystone, apis):
    cloud.project.enter()
    cloud.project.enter()
    assert cloud.project.why_given is None
    assert cloud.session.project_id == "own-id"
    (made,) = keystone.made
    assert made["name"] == cloud.mark.name("project")
    (quotas,) = apis.asked(f"PUT {NOVA}/os-quota-sets/.*")
    assert quotas.body["quota_set"] == {"force": True, **UNLIMITED}
    cloud.project.leave()
    assert keystone.made == []
    assert cloud.session.project_id == "a-project"
    assert len(apis.asked("DELETE .*/os-quota-sets/own-id")) == 2, "in Nova and Cinder"
    assert cloud.journal.entries == []


def test_requests_carry_a_token_of_it_that_is_renewed(cloud, keystone, apis):
    cloud.project.enter()
    apis.answer("GET", f"{NOVA}/servers", Answer(401, {}), Answer(200, {"servers": []}))
    cloud.session.get("compute", "/servers")
    first, second = apis.asked(f"GET {NOVA}/servers")
    assert first.headers["X-Auth-Token"] != second.headers["X-Auth-Token"]
    assert apis.scopes[first.headers["X-Auth-Token"]] == apis.scopes[second.headers["X-Auth-Token"]] == "own-id"
    logins = [one.body["auth"]["identity"] for one in apis.requests if one.line == f"POST {KEYSTONE}/auth/tokens"]
    exchanged = [login["token"]["id"] for login in logins if "token" in login]
    assert len(set(exchanged)) == len(exchanged) == 2, "the token that was exchanged may have been revoked, too"


def test_has_the_same_roles(cloud, keystone, apis):
    apis.roles = ["r-1", "r-2"]
    apis.answer("PUT", f"{KEYSTONE}/projects/own-id/users/a-user/roles/r-2", Answer(204))
    cloud.project.enter()
    assert len(requests(apis, "PUT /identity/v3/projects/own-id/users/a-user/roles/")) == 2


def test_is_left_to_the_sweep_with_what_is_left_in_it(cloud, keystone):
    cloud.project.enter()
    cloud.journal.note("server", "web")
    cloud.project.leave()
    assert keystone.made
    assert [entry.kind for entry in cloud.journal.entries] == ["project", "server"]


def test_that_cannot_be_deleted_is_told(cloud, keystone, apis):
    cloud.project.enter()
    apis.answer("DELETE", f"{KEYSTONE}/projects/own-id", Answer(500, {"error": {"message": "broken"}}))
    with pytest.raises(CloudError, match="the run's own project could not be deleted"):
        cloud.project.leave()
    assert [entry.kind for entry in cloud.journal.entries] == ["project"]


def test_is_the_given_one_if_a_setting_says_so(open_cloud, apis):
    cloud = open_cloud(project="given")
    cloud.project.enter()
    cloud.project.leave()
    assert cloud.project.why_given == '"project: given" is set'
    assert apis.requests == []


def test_is_the_given_one_where_servers_use_its_network(open_cloud, apis):
    cloud = open_cloud(project="own", network="auto")
    cloud.project.enter()
    assert_that(cloud.project.why_given, contains_string("network: auto"))
    assert apis.requests == []


def test_need_not_be_looked_for_where_it_is_refused(cloud, keystone, apis):
    apis.answer("POST", f"{KEYSTONE}/projects", Answer(403, {}))
    apis.answer("GET", f"{KEYSTONE}/projects", Answer(403, {}))
    cloud.project.enter()
    assert cloud.journal.entries == []


@pytest.mark.parametrize("status", [403, 405, 409, 501, 500])
@pytest.mark.parametrize(
    "refused",
    [
        ("POST", f"{KEYSTONE}/projects"),
        ("PUT", f"{KEYSTONE}/projects/own-id/users/a-user/roles/r-1"),
        ("PUT", f"{NOVA}/os-quota-sets/own-id"),
    ],
    ids=lambda refused: refused[1].rpartition("/")[2],
)
def test_is_the_given_one_where_it_is_refused(cloud, keystone, apis, refused, status):
    apis.answer(*refused, Answer(status, {"error": {"message": "no"}}))
    cloud.project.enter()
    assert_that(cloud.project.why_given, contains_string(f"answers {status}: no"))
    assert cloud.session.project_id == "a-project"
    assert keystone.made == []
    assert cloud.journal.entries == []


def test_is_the_given_one_where_tokens_cannot_be_exchanged(cloud, keystone, apis):
    apis.rescoping = Answer(403, {"error": {"message": "rescoping is disabled"}})
    cloud.project.enter()
    assert_that(cloud.project.why_given, contains_string("rescoping is disabled"))
    assert cloud.session.project_id == "a-project"
    assert keystone.made == []


def test_is_the_given_one_where_quotas_are_unified_limits(cloud, keystone, apis):
    apis.answer("PUT", f"{NOVA}/os-quota-sets/own-id", Answer(200, {"quota_set": {**UNLIMITED, "cores": 20}}))
    cloud.project.enter()
    assert cloud.project.why_given == "Nova does not remove the quotas of a new project (cores 20)"
    assert keystone.made == []


def test_is_the_given_one_where_hosts_accept_only_certain_projects(cloud, keystone, apis):
    aggregate = {"id": 1, "name": "tenants", "hosts": ["cmp-1"], "metadata": {"filter_tenant_id": "a-project"}}
    apis.answer("GET", f"{NOVA}/os-aggregates", Answer(200, {"aggregates": [aggregate]}))
    cloud.project.enter()
    assert cloud.project.why_given == (
        'aggregate "tenants" with host "cmp-1" is restricted to projects (filter_tenant_id)'
    )


def test_is_the_given_one_where_the_image_is_not_visible_elsewhere(cloud, keystone, apis):
    private = {**an_image(), "visibility": "private", "owner": "a-project"}
    apis.answer("GET", "/image/v2/images", Answer(body={"images": [private]}))
    cloud.project.enter()
    assert cloud.project.why_given == 'image "cirros" is visible only in the project of clouds.yaml'
    assert cloud.session.project_id == "a-project"
    assert keystone.made == []


def test_does_without_quotas_of_volumes(cloud, keystone, apis):
    apis.answer("PUT", "/volume/v3/a-project/os-quota-sets/own-id", Answer(403, {}))
    cloud.project.enter()
    assert cloud.project.why_given is None
