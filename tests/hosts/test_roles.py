"""Who plays "alpha": roles are bound when they are said, and named after where the scheduler went."""

import pytest
from stocktake.support.errors import FeatureError
from stocktake.support.hosts.roles import ComputeHost, Roles


def host(number):
    return ComputeHost(f"cmp-{number}", f"cmp-{number}.example", f"uuid-{number}")


ONE, TWO, THREE = host(1), host(2), host(3)


@pytest.fixture
def roles():
    """Roles in a scenario that holds three hosts."""
    return Roles([ONE, TWO, THREE])


def test_a_host_is_called_by_its_compute_service():
    assert str(ONE) == "cmp-1"


class TestBinding:
    def test_gives_each_role_a_host_of_its_own(self, roles):
        roles.bind("alpha", "beta")
        assert roles.played == {"alpha": ONE, "beta": TWO}

    def test_twice_changes_nothing(self, roles):
        roles.bind("alpha")
        roles.bind("beta", "alpha")
        assert roles.played == {"alpha": ONE, "beta": TWO}

    def test_happens_when_a_step_acts_on_the_role(self, roles):
        assert roles.host("gamma") == ONE
        assert roles.played == {"gamma": ONE}

    def test_begins_anew_when_the_scenario_gets_its_hosts(self, roles):
        roles.host("alpha")
        roles.hold([TWO])
        assert (roles.hosts, roles.played) == ((TWO,), {})
        assert roles.choose("alpha", TWO.service) == TWO

    def test_needs_a_host_that_is_free(self):
        roles = Roles([ONE])
        roles.bind("alpha")
        with pytest.raises(FeatureError) as error:
            roles.bind("beta")
        assert str(error.value) == 'no free host for role "beta": the scenario holds 1, playing "alpha"'

    def test_without_any_host_says_so(self):
        with pytest.raises(FeatureError, match=r'no free host for role "alpha": .* holds 0, playing nothing'):
            Roles([]).host("alpha")

    def test_all_hosts_are_held_whether_they_play_or_not(self, roles):
        roles.bind("alpha")
        assert roles.hosts == (ONE, TWO, THREE)


class TestChoosing:
    def test_names_the_host_the_scheduler_chose(self, roles):
        roles.host("alpha")
        assert roles.choose("beta", "cmp-3") == THREE
        assert roles.played == {"alpha": ONE, "beta": THREE}

    def test_confirms_a_role_that_is_there_already(self, roles):
        roles.host("alpha")
        assert roles.choose("alpha", "cmp-1") == ONE

    def test_may_exchange_roles_that_no_step_has_used(self, roles):
        roles.bind("alpha", "beta", "gamma")
        roles.host("alpha")
        assert roles.choose("beta", "cmp-3") == THREE
        assert roles.played == {"alpha": ONE, "beta": THREE, "gamma": TWO}

    def test_may_take_a_host_without_a_role_for_one_that_no_step_has_used(self, roles):
        roles.bind("alpha", "beta")
        assert roles.choose("beta", "cmp-3") == THREE

    def test_leaves_a_used_role_where_it_is(self, roles):
        roles.host("alpha")
        roles.host("beta")
        assert roles.choose("beta", "cmp-3") is None
        assert roles.played == {"alpha": ONE, "beta": TWO}

    def test_takes_no_host_from_a_used_role(self, roles):
        roles.bind("alpha", "beta")
        roles.host("alpha")
        assert roles.choose("beta", "cmp-1") is None
        assert roles.played == {"alpha": ONE, "beta": TWO}

    def test_a_new_role_takes_no_host_from_another_one(self, roles):
        roles.host("alpha")
        assert roles.choose("beta", "cmp-1") is None
        assert roles.played == {"alpha": ONE}

    def test_a_host_that_is_not_held_plays_no_role(self, roles):
        roles.bind("alpha")
        assert roles.choose("alpha", "cmp-9") is None
        assert roles.choose("beta", "cmp-9") is None
        assert roles.played == {"alpha": ONE}


class TestHostsOfAScenarioOnly:
    def test_join_under_a_name_of_their_own(self, roles):
        roles.bind("alpha")
        roles.add("special", host(7))
        assert roles.hosts[-1] == host(7)
        assert roles.host("special") == host(7)

    def test_are_given_away_to_no_other_role(self):
        roles = Roles([ONE])
        roles.add("special", host(7))
        assert roles.choose("alpha", "cmp-7") is None

    def test_cannot_take_a_role_that_is_played(self, roles):
        roles.bind("alpha")
        with pytest.raises(FeatureError, match='"alpha" is already played by another host; give the special host a na'):
            roles.add("alpha", host(7))

    def test_take_a_role_that_another_host_was_released_from(self, roles):
        roles.bind("alpha")
        roles.release("alpha")
        roles.add("alpha", host(9))
        assert roles.host("alpha") == host(9)
        assert ONE in roles.hosts

    def test_leave_with_their_role(self, roles):
        roles.bind("alpha", "beta")
        roles.drop("alpha")
        assert roles.hosts == (TWO, THREE)
        assert roles.played == {"beta": TWO}


class TestNames:
    def test_are_roles_where_there_are_any(self, roles):
        roles.bind("alpha")
        assert [roles.role_of(service) for service in ("cmp-1", "cmp-2", None)] == [
            'host "alpha"',
            "host cmp-2 (which plays no role here)",
            "no host",
        ]

    def test_of_providers_are_roles_or_nodes(self, roles):
        roles.bind("alpha")
        assert roles.provider_names() == {"uuid-1": "alpha", "uuid-2": "cmp-2.example", "uuid-3": "cmp-3.example"}

    def test_cannot_be_changed_from_outside(self, roles):
        roles.bind("alpha")
        roles.played["beta"] = TWO
        assert roles.played == {"alpha": ONE}
