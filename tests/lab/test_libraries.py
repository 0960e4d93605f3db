import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import pytest
import sqlalchemy as sa
from oslo_config import cfg
from oslo_policy import _checks, policy
from stocktake.support.lab.services import libraries

TABLE = sa.Table("things", sa.MetaData(), sa.Column("id", sa.Integer), sa.Column("name", sa.Text))


@pytest.fixture(autouse=True)
def adapted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(policy.Enforcer, "load_rules", policy.Enforcer.load_rules)
    monkeypatch.setattr(_checks, "inspect", _checks.inspect)
    monkeypatch.setattr(jsonschema, "validate", jsonschema.validate)
    had = "alias" in vars(sa.Table)
    libraries.adapt()
    libraries.check_schemas_once()
    yield
    if not had:
        del sa.Table.alias


@pytest.fixture
def enforcer(tmp_path: Path) -> policy.Enforcer:
    (tmp_path / "policy.yaml").write_text('"stop": "role:operator"')
    made = policy.Enforcer(cfg.ConfigOpts(), policy_file=str(tmp_path / "policy.yaml"))
    made.conf([])
    made.register_default(policy.RuleDefault("read", "role:reader or rule:stop"))
    made.register_default(policy.RuleDefault("stop", "!"))
    return made


def test_an_alias_of_a_table_is_created_once():
    alias = sa.alias(TABLE, name="a")

    assert sa.alias(TABLE, name="a") is alias
    assert str(sa.select(alias.c.name)) == "SELECT a.name \nFROM things AS a"


def test_aliases_of_other_names_and_tables_differ():
    other = sa.Table("others", sa.MetaData(), sa.Column("id", sa.Integer))

    assert sa.alias(TABLE, name="a") is not sa.alias(TABLE, name="b")
    assert sa.alias(other, name="a") is not sa.alias(TABLE, name="a")


def test_aliases_without_a_name_differ():
    first, second = sa.alias(TABLE), sa.alias(TABLE)

    assert first is not second
    assert "things_1" in str(sa.select(first, second))
    assert "things_2" in str(sa.select(first, second))


def test_rules_of_file_and_defaults_hold(enforcer: policy.Enforcer):
    assert enforcer.enforce("stop", {}, {"roles": ["operator"]})
    assert not enforcer.enforce("stop", {}, {"roles": ["reader"]})
    assert enforcer.enforce("read", {}, {"roles": ["reader"]})
    assert enforcer.enforce("read", {}, {"roles": ["operator"]})
    assert not enforcer.enforce("read", {}, {"roles": []})


def test_a_default_that_is_registered_later_holds(enforcer: policy.Enforcer):
    enforcer.enforce("read", {}, {"roles": ["reader"]})
    enforcer.register_default(policy.RuleDefault("late", "role:reader"))

    assert enforcer.enforce("late", {}, {"roles": ["reader"]})


def test_policy_files_are_read_once(enforcer: policy.Enforcer, monkeypatch: pytest.MonkeyPatch):
    read: list[str] = []
    load = enforcer._load_policy_file
    monkeypatch.setattr(
        enforcer, "_load_policy_file", lambda path, *rest, **more: (read.append(path), load(path, *rest, **more))[1]
    )
    for _turn in range(5):
        enforcer.enforce("stop", {}, {"roles": ["operator"]})

    assert len(read) == 1


def test_a_check_of_the_old_kind_is_called_as_it_expects(enforcer: policy.Enforcer):
    class Old(_checks.BaseCheck):
        """Does not take the current rule."""

        def __str__(self) -> str:
            return "old"

        def __call__(self, target: object, creds: object, enforcer: object) -> bool:  # type: ignore[override]
            return True

    assert enforcer.enforce(Old(), {}, {"roles": []})


def test_a_schema_is_checked_once(monkeypatch: pytest.MonkeyPatch):
    checked: list[object] = []
    usual = jsonschema.validators.validator_for({})
    monkeypatch.setattr(usual, "check_schema", lambda schema, **_options: checked.append(schema))
    schema = {"type": "string"}
    for value in ("a", "b", "c"):
        jsonschema.validate(value, schema)

    assert checked == [schema]


def test_instances_and_schemas_are_still_validated():
    schema = {"type": "object", "properties": {"when": {"type": "string", "format": "date"}}}
    jsonschema.validate({"when": "2026-01-31"}, schema, format_checker=jsonschema.FormatChecker())

    with pytest.raises(jsonschema.ValidationError, match="is not of type 'object'"):
        jsonschema.validate("a", schema)
    with pytest.raises(jsonschema.ValidationError, match="is not a 'date'"):
        jsonschema.validate({"when": "soon"}, schema, format_checker=jsonschema.FormatChecker())
    with pytest.raises(jsonschema.SchemaError):
        jsonschema.validate("a", {"type": "nonsense"})


def test_a_validator_of_a_schema_is_made_once_for_each_purpose():
    made: list[tuple[object, ...]] = []

    class Validator:
        """Notes what it was made for, as Nova's would compile a class."""

        def __init__(self, *purpose: object):
            made.append(purpose)
            self.purpose = purpose

    nova = SimpleNamespace(_SchemaValidator=Validator)
    libraries.make_validators_once(nova)
    boot, resize = {"type": "object"}, {"type": "object"}
    for _request in range(3):
        for purpose in ((boot, False, True), (boot, True, True), (boot, False, False), (resize, False, True)):
            assert nova._SchemaValidator(*purpose).purpose == purpose

    assert len(made) == 4
    assert nova._SchemaValidator(boot).purpose == (boot, False, True)
    assert len(made) == 4


@pytest.fixture
def thread_pool_factory() -> SimpleNamespace:
    """What is used of Nova's module of that name."""
    made = SimpleNamespace(FACTORY=SimpleNamespace(_all_executors={}), ExecutorType=SimpleNamespace(SCATTER_GATHER=1))
    libraries.ask_cells_in_turn(made)
    return made


def test_cells_are_asked_in_the_thread_of_the_request(thread_pool_factory: SimpleNamespace):
    executor = thread_pool_factory.FACTORY._all_executors[1]
    asked = executor.submit(lambda cell, deleted: (cell, deleted, threading.get_ident()), "cell1", deleted=False)

    assert asked.done()
    assert asked.result() == ("cell1", False, threading.get_ident())


def test_a_service_that_starts_keeps_the_cells():
    cells = {"a cell": "its database"}
    context = SimpleNamespace(CELL_CACHE=cells, get_admin_context=lambda: "an administrator")
    service = SimpleNamespace(context=context)
    libraries.keep_cells(service)

    service.context.CELL_CACHE = {}  # what `Service.start` does

    assert context.CELL_CACHE is cells
    context.get_admin_context = lambda: "of the host's cell"
    assert service.context.get_admin_context() == "of the host's cell"


def test_a_cell_that_fails_is_left_to_nova(thread_pool_factory: SimpleNamespace):
    asked = thread_pool_factory.FACTORY._all_executors[1].submit(lambda: 1 / 0)

    assert asked.done()
    with pytest.raises(ZeroDivisionError):
        asked.result()
