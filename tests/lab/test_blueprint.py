from pathlib import Path

from stocktake.support.lab.blueprint import LISTENERS, Blueprint, host_names, listening
from stocktake.support.lab.shape import Shape


def a_plan(folder: str = "/lab") -> Blueprint:
    return Blueprint(Path(folder), host_names(2), {name: 5000 + offset for offset, name in enumerate(LISTENERS)})


def test_secrets_are_each_labs_own_and_not_shown():
    first, second = a_plan(), a_plan()
    secrets = {
        secret
        for plan in (first, second)
        for secret in (plan.admin_password, plan.user_password, plan.service_password, plan.control_token)
    }

    assert len(secrets) == 8
    assert not any(secret in repr(first) for secret in secrets)


def test_endpoints_are_on_loopback():
    plan = a_plan()

    assert plan.endpoint("keystone") == "http://127.0.0.1:5000/v3"
    assert plan.endpoint("nova") == "http://127.0.0.1:5003/v2.1"


def test_optional_services_listen_after_the_others():
    shape = Shape(services=("neutron", "cinder"))
    plan = Blueprint(Path("/lab"), (), {name: 5000 + offset for offset, name in enumerate(listening(shape))}, shape)

    assert listening(Shape()) == LISTENERS
    assert plan.services == ("keystone", "glance", "placement", "nova", "neutron", "cinder")
    assert (plan.endpoint("neutron"), plan.endpoint("cinder")) == ("http://127.0.0.1:5005", "http://127.0.0.1:5006/v3")


def test_hosts_are_numbered_from_one():
    assert host_names(3) == ("host1", "host2", "host3")
