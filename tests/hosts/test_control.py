"""Which control a cloud has, by what clouds.yaml says."""

import pytest
from stocktake.support.config.settings import Settings as CloudSettings
from stocktake.support.errors import ConfigurationError
from stocktake.support.hosts.commands import CommandControl
from stocktake.support.hosts.control import control_for
from stocktake.support.hosts.lab_control import HttpControl


def test_settings_let_through_every_form_of_a_command():
    control = {"stop_host": {"command": "sleep {host}", "timeout": 5, "shell": True}, "return_host": ["echo", "{host}"]}
    settings = CloudSettings.read({"control": control}, cloud="staging", file="clouds.yaml")
    assert control_for(settings.control, cloud="staging").missing("stop_host") is None


def test_control_is_chosen_by_what_is_configured():
    assert isinstance(control_for({"url": "http://127.0.0.1:1", "token": "t"}, cloud="lab"), HttpControl)
    assert isinstance(control_for({"stop_host": "true"}, cloud="staging"), CommandControl)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"stop_hosts": "true"}, 'no such control; did you mean "stop_host"'),
        ({"url": "http://127.0.0.1"}, "needs a token beside it"),
        ({"stop_host": 7}, "neither text nor a list of words"),
        ({"stop_host": ["ssh", 7]}, "neither text nor a list of words"),
        ({"stop_host": {"shell": True}}, "neither text nor a list of words"),
        ({"stop_host": {"command": "x", "limit": 4}}, 'no option "limit"; known are command, shell, timeout'),
        ({"stop_host": {"command": "x", "shell": "yes"}}, 'shell is "yes", not true or false'),
        ({"stop_host": {"command": "x", "timeout": "2m"}}, '"2m" is not a number of seconds'),
        ({"stop_host": "x {guest}"}, r"\{guest\} means nothing here; use \{host\}"),
        ({"stop_host": "x {host.y}"}, r"\{host.y\} means nothing here"),
        ({"stop_host": "x {"}, "the command cannot be read"),
        ({"stop_host": "x 'y"}, "the command cannot be read"),
        ({"stop_host": " "}, "neither text nor a list of words"),
        ({"timeout": "long"}, '"long" is not a number of seconds'),
    ],
)
def test_configuration_mistakes_are_one_sentence(settings, message):
    with pytest.raises(ConfigurationError, match=message) as error:
        control_for(settings, cloud="staging")
    assert 'of cloud "staging" in clouds.yaml' in str(error.value)
