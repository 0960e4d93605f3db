"""The Images client: which image a scenario boots from, and making one."""

import pytest
from hamcrest import assert_that, contains_string, has_length, has_properties
from stocktake.support.api.images import Images
from stocktake.support.api.replies import ApiError
from stocktake.support.errors import Unverified

IMAGES = "/image/v2/images"


def image(name, **more):
    return {
        "id": f"{name}-id",
        "name": name,
        "status": "active",
        "size": 100,
        "min_disk": 0,
        "min_ram": 0,
        "visibility": "public",
        **more,
    }


@pytest.fixture
def images(session):
    return Images(session)


@pytest.fixture
def offer(apis):
    """Lets the cloud have these images."""

    def offered(*listed):
        apis.answer("GET", IMAGES, apis.say(200, {"images": list(listed)}))
        for one in listed:
            named = [other for other in listed if other["name"] == one["name"]]
            apis.answer("GET", f"{IMAGES}?name={one['name']}&limit=200", apis.say(200, {"images": named}))
            apis.answer("GET", f"{IMAGES}/{one['id']}", apis.say(200, one))

    return offered


class TestFinding:
    def test_by_id_or_name(self, images, offer):
        offer(image("cirros"))
        assert images.find("cirros-id") == images.find("cirros") == images.get("cirros-id")

    def test_says_what_is_missing_or_ambiguous(self, images, offer):
        offer()
        with pytest.raises(Unverified, match='cloud "double" has no image with the name or id "cirros"'):
            images.find("cirros")
        offer(image("cirros"), image("cirros", id="other"))
        with pytest.raises(Unverified, match='has 2 images named "cirros"; use an id instead'):
            images.find("cirros")

    def test_by_a_name_that_is_no_path(self, images, apis):
        apis.answer("GET", IMAGES, apis.say(200, {"images": [image("Cirros 0.6/x")]}))
        assert images.find("Cirros 0.6/x").name == "Cirros 0.6/x"
        assert apis.asked("GET .*")[0].path == f"{IMAGES}/Cirros%200.6%2Fx"

    def test_does_not_take_a_refusal_for_an_absence(self, images, apis):
        apis.answer("GET", f"{IMAGES}/x", apis.say(403, "<html><body>Forbidden</body></html>"))
        with pytest.raises(ApiError, match="answered 403"):
            images.find("x")

    def test_reads_all_pages(self, images, apis):
        first = {"images": [image("a")], "next": "/v2/images?marker=a-id"}
        apis.answer("GET", f"{IMAGES}?limit=200", apis.say(200, first))
        apis.answer("GET", f"{IMAGES}?limit=200&marker=a-id", apis.say(200, {"images": [image("b")]}))
        assert [one.name for one in images.all()] == ["a", "b"]


class TestChoosing:
    def test_takes_the_least_demanding_usable_one(self, images, offer):
        offer(
            image("large", min_disk=10),
            image("hungry", min_ram=512),
            image("big", size=200),
            image("small"),
            image("hidden", size=1, os_hidden=True),
            image("empty", size=None),
        )
        assert [one.name for one in images.usable()] == ["small", "big", "hungry", "large"]
        assert images.choose().name == "small"

    @pytest.mark.parametrize(
        "unfit",
        [
            {"size": 0},  # a snapshot of a volume-backed server
            {"block_device_mapping": "[]"},
            {"image_type": "snapshot"},
            {"disk_format": "aki"},
            {"disk_format": "ari"},
            {"visibility": "private", "owner": "somebody"},
            {"visibility": "shared", "owner": "somebody"},
        ],
        ids=str,
    )
    def test_leaves_out_what_is_not_bootable_or_somebody_elses(self, images, offer, unfit):
        offer(image("unfit", **unfit), image("larger", min_disk=10))
        assert images.choose().name == "larger"

    @pytest.mark.parametrize("visibility", ["private", "shared", "community"])
    def test_takes_one_of_its_own_project(self, images, offer, visibility):
        offer(image("own", visibility=visibility, owner="a-project"))
        assert images.choose().name == "own"

    def test_takes_the_configured_one(self, open_session, offer):
        offer(image("cirros"), image("other", size=1))
        assert Images(open_session(stocktake={"image": "cirros"})).choose().name == "cirros"

    def test_needs_one_that_is_active(self, open_session, offer):
        offer(image("cirros", status="queued"))
        with pytest.raises(Unverified, match='image "cirros" of cloud "double" is queued, not active'):
            Images(open_session(stocktake={"image": "cirros"})).choose()

    def test_needs_one(self, images, offer):
        offer()
        with pytest.raises(Unverified, match='cloud "double" has no active image to boot from'):
            images.choose()


class TestCreating:
    @pytest.fixture
    def glance(self, apis):
        """A Glance that keeps one image."""

        def created(request):
            made = image("new") | request.body
            apis.answer("GET", f"{IMAGES}/{made['id']}", apis.say(200, made))
            apis.answer("GET", IMAGES, apis.say(200, {"images": [made]}))
            apis.answer("PUT", f"{IMAGES}/{made['id']}/file", apis.say(204))

        return created

    def test_sends_properties_and_data(self, images, apis, glance):
        apis.answer("POST", IMAGES, apis.say(201, {}, then=glance))
        made = images.create("new", properties={"trait:CUSTOM_X": "required"}, data=b"1234")
        assert_that(made, has_properties(name="new", properties={"trait:CUSTOM_X": "required"}))
        upload = apis.asked("PUT .*/file")[0]
        assert upload.headers["Content-Type"] == "application/octet-stream"
        assert upload.headers["Content-Length"] == "4"

    def test_happens_once(self, images, apis, glance):
        apis.answer("POST", IMAGES, apis.say(fault="reset", then=glance))
        made = images.create("new")
        assert_that(apis.asked("POST .*"), has_length(1))
        assert_that(apis.asked("PUT .*/file")[0].path, contains_string(made.id))

    def test_uploads_once(self, images, apis, glance):
        def refusing(request):
            glance(request)
            again = apis.say(409, "<html>Image status transition from active to saving is not allowed</html>")
            apis.answer("PUT", f"{IMAGES}/{request.body['id']}/file", apis.say(504), again)

        apis.answer("POST", IMAGES, apis.say(201, {}, then=refusing))
        assert images.create("new").status == "active"

    def test_is_undone(self, images, apis):
        apis.answer("DELETE", f"{IMAGES}/x", apis.say(503), apis.say(404))
        images.delete("x")
