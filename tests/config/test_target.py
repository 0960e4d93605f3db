"""clouds.yaml: what is read, and the one sentence about each thing that is wrong."""

import subprocess
import sys
import textwrap
from datetime import date
from pathlib import Path

import pytest
from hamcrest import assert_that, contains_string, has_entries, has_properties
from stocktake.support.config.settings import PATIENCE, Settings
from stocktake.support.config.target import Target
from stocktake.support.errors import ConfigurationError, StocktakeError, Unverified
from stocktake.support.known import Listed

URL = "http://127.0.0.1:5000/v3"


@pytest.fixture
def load(clouds_yaml, entry):
    """Loads a cloud that has these settings."""

    def loaded(stocktake=None, **more):
        clouds_yaml({"mine": entry(URL, **({} if stocktake is None else {"stocktake": stocktake}), **more)})
        return Target.load("mine")

    return loaded


@pytest.fixture
def complaint(load):
    """Loads a cloud that has these settings and returns what is said about them, without file and cloud."""

    def said(stocktake, **more):
        with pytest.raises(ConfigurationError) as error:
            load(stocktake, **more)
        sentence = str(error.value)
        assert "\n" not in sentence
        place, _, rest = sentence.partition('cloud "mine": ')
        assert_that(place, contains_string("clouds.yaml"))
        return rest

    return said


class TestSettings:
    def test_have_defaults(self, load):
        assert_that(
            load().settings,
            has_properties(
                cloud="mine",
                image=None,
                network="none",
                hosts=None,
                allow_disruptive=False,
                control={},
                user_cloud=None,
                state=None,
            ),
        )

    def test_are_read(self, load):
        settings = load(
            {
                "image": "cirros",
                "network": "auto",
                "hosts": ["one", "two"],
                "host_groups": [["one"], ["two", "three"]],
                "volume": "a-volume",
                "volume_type": "fast",
                "volume_backend": "ceph-2",
                "allow_disruptive": True,
                "coordinator": "etcd3+http://127.0.0.1:2379",
                "periodic_interval": 90,
                "user_cloud": "mine-user",
                "state": "/var/lib/stocktake",
                "known": [
                    {"scenario": "A", "summary": "it leaks", "link": "BUG-1", "until": date(2027, 1, 31)},
                    {"scenario": "B", "summary": "it leaks", "link": "BUG-1", "until": "2027-01-31"},
                ],
                "control": {"stop_host": "ssh {host} stop", "return_host": ["ssh", "{host}", "start"], "timeout": 30},
            }
        ).settings
        assert_that(
            settings,
            has_properties(
                image="cirros",
                network="auto",
                hosts=("one", "two"),
                host_groups=(("one",), ("two", "three")),
                volume="a-volume",
                volume_type="fast",
                volume_backend="ceph-2",
                allow_disruptive=True,
                coordinator="etcd3+http://127.0.0.1:2379",
                periodic_interval=90.0,
                user_cloud="mine-user",
                state=Path("/var/lib/stocktake"),
                known=tuple(Listed(name, "it leaks", "BUG-1", date(2027, 1, 31)) for name in "AB"),
                control=has_entries(stop_host="ssh {host} stop", return_host=("ssh", "{host}", "start"), timeout=30.0),
            ),
        )

    def test_that_are_empty_are_as_good_as_absent(self, load):
        assert load({"image": None, "hosts": None}).settings == load().settings

    def test_of_patience_are_one_number_or_a_mapping(self, load):
        assert set(load({"patience": 45}).settings.patience.values()) == {45.0}
        some = load({"patience": {"boot": 900}}).settings
        assert (some.patience_for("boot"), some.patience_for("resize")) == (900, PATIENCE["resize"])

    @pytest.mark.parametrize(
        ("settings", "sentence"),
        [
            ({"imgae": "x"}, 'stocktake: "imgae" is not a known setting; did you mean "image"?'),
            ({"allow-disruptive": True}, 'stocktake: "allow-disruptive" is not a known setting; did you mean'),
            ({"zzz": 1}, 'stocktake: "zzz" is not a known setting; known are image, network, project, hosts'),
            ({"image": 7}, "stocktake: image is 7, but should be text"),
            ({"image": " "}, 'stocktake: image is " ", but should be text'),
            (
                {"state": "here"},
                'stocktake: state is "here", but should be an absolute path, or one that begins with ~',
            ),
            ({"known": {}}, "stocktake: known is a mapping, but should be a list of scenarios"),
            (
                {"known": ["A"]},
                'stocktake: known: entry 1 is "A", but should be a mapping: scenario, summary, link, until',
            ),
            ({"known": [{"scenario": "A"}]}, "stocktake: known: entry 1: lacks summary"),
            ({"known": [{"untl": "x"}]}, 'stocktake: known: entry 1: "untl" is not a known key; did you mean "until"?'),
            (
                {"known": [{"scenario": "A", "summary": "s", "link": "l", "until": "soon"}]},
                'stocktake: known: entry 1: until is "soon", but should be a date such as 2027-01-31',
            ),
            ({"hosts": "alpha"}, 'stocktake: hosts is "alpha", but should be a list of compute hosts'),
            ({"hosts": []}, "stocktake: hosts is empty; name a host"),
            ({"hosts": ["a", "b", "a"]}, 'stocktake: hosts names "a" more than once'),
            ({"host_groups": ["a", "b"]}, 'stocktake: host_groups: group 1 is "a", but should be a list of compute h'),
            ({"host_groups": "a"}, 'stocktake: host_groups is "a", but should be a list of lists of compute hosts'),
            ({"host_groups": [["a", "b"], ["c", "b"]]}, 'stocktake: host_groups has "b" in two groups'),
            ({"host_groups": [["a", "a"]]}, 'stocktake: host_groups: group 1 names "a" more than once'),
            ({"hosts": ["a", 1]}, "stocktake: hosts is a list, but should be a list of compute hosts"),
            ({"allow_disruptive": "yes"}, 'stocktake: allow_disruptive is "yes", but should be true or false'),
            ({"patience": 0}, "stocktake: patience is 0, but should be a number of seconds above 0"),
            ({"refresh_interval": -1}, "stocktake: refresh_interval is -1, but should be a number of seconds, or 0"),
            ({"patience": True}, "stocktake: patience is true, but should be a number of seconds above 0"),
            ({"patience": {"boots": 5}}, 'stocktake: patience: "boots" is not a known operation; did you mean "boot"?'),
            ({"patience": {"boot": "5"}}, 'stocktake: patience: boot is "5", but should be a number of seconds'),
            ({"control": "x"}, 'stocktake: control is "x", but should be a mapping: url and token, or commands'),
            (
                {"control": {"stop_hosts": "x"}},
                'stocktake: control: "stop_hosts" is not a known key; did you mean "stop',
            ),
            ({"control": {"url": "http://x"}}, "stocktake: control: lacks token: a control endpoint needs both"),
            ({"control": {"token": "x"}}, "stocktake: control: lacks url: a control endpoint needs both"),
            ({"control": {"url": "x", "token": "x", "read_log": "x"}}, "stocktake: control: has both url and read_log"),
            ({"control": {"stop_host": []}}, "stocktake: control: stop_host is a list, but should be a command"),
            (["image"], "stocktake: is a list, but should be a mapping of settings"),
        ],
    )
    def test_that_are_wrong_are_told_in_one_sentence(self, complaint, settings, sentence):
        assert_that(complaint(settings), contains_string(sentence))

    def test_that_are_wrong_may_be_secrets(self, complaint):
        assert "ab" * 20 not in complaint({"control": "ab" * 20})
        assert "ab" * 20 not in complaint({"control": {"url": "http://x", "token": ["ab" * 20]}})

    def test_do_not_show_their_secrets(self, load):
        target = load(
            {"control": {"url": "http://x", "token": "ctl-token"}, "coordinator": "redis://:pass-word@r:6379"}
        )
        shown = repr(target) + repr(target.settings)
        assert "ctl-token" not in shown
        assert "pass-word" not in shown
        assert {"ctl-token", "pass-word", "correct-horse-battery"} <= target.secrets

    def test_of_the_refresh_may_be_zero(self, load):
        assert load({"refresh_interval": 0}).settings.refresh_interval == 0
        assert load().settings.refresh_interval == 300

    def test_can_be_read_without_a_file(self):
        assert Settings.read(None, cloud="c", file="f") == Settings(cloud="c", file="f")


class TestTarget:
    def test_that_is_unknown_is_told_with_those_that_are(self, clouds_yaml, entry):
        file = clouds_yaml({"production": entry(URL), "staging": entry(URL)})
        with pytest.raises(ConfigurationError) as error:
            Target.load("stagin")
        assert str(error.value) == (
            f'no cloud "stagin" in {file}, which has "production", "staging"; did you mean "staging"?'
        )

    def test_without_any_file_says_where_it_looked(self, monkeypatch, tmp_path):
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("OS_CLIENT_CONFIG_FILE", raising=False)
        monkeypatch.setattr("openstack.config.loader.CONFIG_FILES", [str(tmp_path / "clouds.yaml")])
        with pytest.raises(ConfigurationError, match=r'no clouds\.yaml found for cloud "x": looked for .*clouds\.yaml'):
            Target.load("x")

    @pytest.mark.parametrize("name", ["2024", "2024-06-01"])
    def test_may_have_a_name_that_is_a_number_or_a_date_for_yaml(self, clouds_yaml, name):
        auth = f"{{auth_url: {URL}, username: u, password: p, project_name: p}}"
        clouds_yaml(f"clouds:\n  {name}:\n    auth: {auth}\n  other: {{}}\n")
        assert Target.load(name).name == name

    @pytest.mark.parametrize("profile", ["http://127.0.0.1:{port}", "double-vendor"])
    def test_whose_vendor_profile_cannot_be_fetched(self, clouds_yaml, entry, closed_port, monkeypatch, profile):
        address = f"http://127.0.0.1:{closed_port}"
        monkeypatch.setattr("openstack.config.vendors._VENDOR_DEFAULTS", {"double-vendor": {"profile": address}})
        profile = profile.format(port=closed_port)
        cloud = entry(URL, profile=profile)
        file = clouds_yaml({"mine": cloud})
        with pytest.raises(ConfigurationError) as error:
            Target.load("mine")
        assert (
            str(error.value) == f'{file}: cloud "mine": its profile "{profile}" cannot be fetched: Connection refused'
        )

    def test_of_several_regions_is_chosen(self, clouds_yaml, entry, monkeypatch):
        def region(**more):
            clouds_yaml({"mine": {"auth": entry(URL)["auth"], **more}})
            chosen = Target.load("mine").region
            return chosen.get_region_name("compute"), chosen.get_interface("compute")

        monkeypatch.delenv("OS_REGION_NAME", raising=False)
        regions = ["north", {"name": "south", "values": {"interface": "internal"}}]
        with pytest.raises(
            ConfigurationError, match='lists the regions "north", "south": choose one with region_name: or'
        ):
            region(regions=regions)
        with pytest.raises(
            ConfigurationError, match='has no region "sotuh", but "north", "south"; did you mean "south"'
        ):
            region(regions=regions, region_name="sotuh")
        assert region(regions=regions, region_name="south") == ("south", "internal")
        assert region(regions=["north"]) == ("north", "public")
        monkeypatch.setenv("OS_REGION_NAME", "south")
        assert region(regions=regions) == ("south", "internal")
        assert region(regions=regions, region_name="north") == ("north", "public")
        assert region(region_name="elsewhere") == ("elsewhere", "public")

    def test_of_a_file_that_is_not_there(self, monkeypatch, tmp_path):
        monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "none.yaml"))
        with pytest.raises(ConfigurationError, match=r"OS_CLIENT_CONFIG_FILE names .*none\.yaml, which does not exist"):
            Target.load("x")

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("clouds:\n  mine: {auth\n", r"clouds\.yaml:\d+: not YAML: "),
            ("clouds:\n\t- x\n", r"clouds\.yaml:2: not YAML: found character"),
            ("just text", r"clouds\.yaml cannot be used"),
            ("clouds: [mine]", r"clouds\.yaml"),
            ("clouds:\n  mine: text\n", r'cloud "mine" is "text", but should be a mapping with "auth:"'),
        ],
    )
    def test_of_a_file_that_is_no_clouds_yaml(self, clouds_yaml, text, sentence):
        clouds_yaml(text)
        with pytest.raises(ConfigurationError, match=sentence) as error:
            Target.load("mine")
        assert "\n" not in str(error.value)

    @pytest.mark.parametrize("key", ["auth_url", "username", "password", "project_name"])
    def test_without_what_authentication_needs(self, clouds_yaml, entry, key):
        cloud = entry(URL)
        del cloud["auth"][key]
        file = clouds_yaml({"mine": cloud})
        with pytest.raises(ConfigurationError) as error:
            Target.load("mine")
        assert str(error.value) == f'{file}: cloud "mine": auth: lacks "{key}", needed to authenticate'

    @pytest.mark.parametrize("key", ["auth: auth_url", "compute_endpoint_override"])
    def test_does_not_take_a_password_in_an_address(self, clouds_yaml, entry, key):
        address = "https://me:hunter22@cloud.example.org/v3"
        cloud = entry(address) if key == "auth: auth_url" else entry(URL, **{key: address})
        clouds_yaml({"mine": cloud})
        with pytest.raises(ConfigurationError, match=f"{key} contains a password") as error:
            Target.load("mine")
        assert "hunter22" not in str(error.value)

    def test_with_an_unknown_way_to_authenticate(self, complaint):
        assert complaint(None, auth_type="magic") == 'auth_type: "magic" is not a known authentication type'

    def test_takes_application_credentials(self, clouds_yaml):
        auth = {"auth_url": URL, "application_credential_id": "id", "application_credential_secret": "app-secret"}
        clouds_yaml({"mine": {"auth_type": "v3applicationcredential", "auth": auth}})
        assert Target.load("mine").secrets == {"app-secret"}

    def test_takes_secrets_from_secure_yaml(self, clouds_yaml, entry, tmp_path, monkeypatch):
        cloud = entry(URL)
        del cloud["auth"]["password"]
        clouds_yaml({"mine": cloud})
        secure = tmp_path / "secure.yaml"
        secure.write_text("clouds: {mine: {auth: {password: from-secure}}}")
        monkeypatch.setenv("OS_CLIENT_SECURE_FILE", str(secure))
        assert Target.load("mine").secrets == {"from-secure"}

    def test_takes_certificates_region_and_interface(self, load, tmp_path):
        authority = tmp_path / "ca.pem"
        authority.write_text("")
        region = load(cacert=str(authority), interface="internal").region
        assert region.get_requests_verify_args() == (str(authority), None)
        assert (region.get_interface("compute"), region.get_region_name("compute")) == ("internal", "here")

    def test_knows_its_user_without_the_admin_role(self, clouds_yaml, entry):
        clouds_yaml({"mine": entry(URL, stocktake={"user_cloud": "user"}), "user": entry(URL)})
        user = Target.load("mine").load_user()
        assert user.name == "user"
        with pytest.raises(Unverified, match="stocktake: user_cloud"):
            user.load_user()

    def test_mistakes_are_of_the_kind_that_is_told_in_one_sentence(self):
        assert issubclass(ConfigurationError, StocktakeError)


def test_loading_leaves_out_what_openstacksdk_brings_along(clouds_yaml, entry):
    """Importing all of openstacksdk takes longer than all the rest of the start."""
    clouds_yaml({"mine": entry(URL)})
    program = textwrap.dedent(
        """
        import sys
        from stocktake.support.config.target import Target
        assert "keystoneauth1" not in sys.modules, "imported before it is needed"
        Target.load("mine")
        assert "openstack.config" in sys.modules and "openstack.connection" not in sys.modules
        import openstack
        assert openstack.connect.__module__ == "openstack" and "openstack.connection" in sys.modules
        import openstack.config, openstack.connection
        assert openstack.config.OpenStackConfig and openstack.connection.Connection
        """
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
