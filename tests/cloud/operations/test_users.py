"""Users of a scenario: made, or named by the operator where Keystone lets nobody make them."""

import pytest

from support.cloud.operations import users
from support.cloud.visitors import Visitor
from support.errors import Unverified

pytestmark = pytest.mark.filterwarnings("ignore")  # the real Placement warns of things of its own


def test_where_no_users_can_be_made_nothing_is_tried(real_books, apis):
    apis.answer("GET", "/identity/v3/users?name=nobody", apis.say(403, {"error": {"message": "no"}}))
    with pytest.raises(Unverified, match='name it as "user_cloud"'):
        users.introduce(real_books, "eve")
    assert real_books.users == {}
    assert real_books.undoing.undo_all() == []
    assert not [request for request in apis.requests if request.line.startswith("POST /identity/v3/projects")]


def test_quota_of_a_named_users_project_is_left_alone(real_books, apis):
    real_books.users["bob"] = Visitor(None, None, "a-project", named=True)
    with pytest.raises(Unverified, match='take "user_cloud" of the cloud out of'):
        users.limit_processors(real_books, "bob", 1)
    assert not [request for request in apis.requests if "quota" in request.line]
