"""Makes libraries do once per process what they would repeat for every request of a service.

Their results stay the same. `databases` does this for oslo.db.
"""

import inspect
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import cache
from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary


def adapt() -> None:
    """Adapt the libraries that every service uses; before its first request."""
    load_policies_once()
    remember_aliases()


def load_policies_once() -> None:
    """Make oslo.policy read its files and merge its default rules once per process; a lab's policy files do not change.

    Otherwise every check of a rule looks for changed files, goes through all default rules (Nova has 300) and inspects
    the signatures of the rule's parts.
    """
    from oslo_policy import _checks, policy  # noqa: PLC0415 - only services have it

    enforcer: Any = policy.Enforcer
    checks: Any = _checks
    load = enforcer.load_rules
    merged: WeakKeyDictionary[Any, int] = WeakKeyDictionary()

    def load_once(self: Any, force_reload: bool = False) -> None:
        registered = len(self.registered_rules)
        if force_reload or merged.get(self) != registered:
            load(self, force_reload)
            merged[self] = registered

    enforcer.load_rules = load_once
    signature = cache(inspect.getfullargspec)
    checks.inspect = SimpleNamespace(getfullargspec=lambda method: signature(method.__func__))


def remember_aliases() -> None:
    """Make SQLAlchemy return the same object for every alias of a table with the same name.

    Placement uses the same few aliases in almost all of its statements; creating their columns took a fifth of its
    time.
    """
    import sqlalchemy  # noqa: PLC0415 - only services have it

    table: Any = sqlalchemy.Table
    make = table.alias
    made: WeakKeyDictionary[Any, dict[str, Any]] = WeakKeyDictionary()
    lock = threading.Lock()

    def alias(self: Any, name: str | None = None, flat: bool = False) -> Any:
        if name is None:
            return make(self, name, flat)
        with lock:
            aliases = made.setdefault(self, {})
            if name not in aliases:
                aliases[name] = make(self, name, flat)
                _ = aliases[name].c  # its columns, before another thread uses it
            return aliases[name]

    table.alias = alias


def make_validators_once(validators: Any) -> None:
    """Make Nova create the validator of each schema once, not again for every request, which compiles a class.

    `validators` is its module `nova.api.validation.validators`. Nova's schemas are constants: a schema is recognised by
    its identity.
    """
    make = validators._SchemaValidator
    made: dict[tuple[int, bool, bool], tuple[Any, Any]] = {}

    def remembered(schema: Any, relax_additional_properties: bool = False, is_body: bool = True) -> Any:
        key = id(schema), relax_additional_properties, is_body
        if key not in made:
            # The schema is kept as well, so that no other object gets its id.
            made[key] = schema, make(schema, relax_additional_properties, is_body)
        return made[key][1]

    validators._SchemaValidator = remembered


class InPlace(Executor):
    """Runs what is submitted in the caller's thread, and never seems to be full to Nova, which looks into executors."""

    name = "in place"

    def __init__(self) -> None:
        self._shutdown_lock = threading.Lock()
        self._workers = ()
        self._work_queue: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def submit(self, act: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run it, and return a future that is done."""
        future: Future[Any] = Future()
        try:
            future.set_result(act(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - as an executor with threads does
            future.set_exception(error)
        return future


def ask_cells_in_turn(thread_pool_factory: Any) -> None:
    """Make Nova ask the databases of its cells one after the other, in the thread of the request.

    `thread_pool_factory` is its module of that name. The databases are files, which do not keep anyone waiting, whereas
    every handover to a thread and back waits for the interpreter: two for each request about a server.
    """
    executors = thread_pool_factory.FACTORY._all_executors
    executors[thread_pool_factory.ExecutorType.SCATTER_GATHER] = InPlace()


class KeptCells:
    """Nova's module `context`, whose cache of cells cannot be replaced from here."""

    def __init__(self, module: Any):
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def keep_cells(service: Any) -> None:
    """Let Nova keep the databases of its cells, with their connections and compiled statements, when a service starts.

    `service` is its module of that name. A service that starts forgets them for the case that its process was forked
    (Nova, `nova.service.Service.start`), and does so for the whole process: in a lab, each host that was started or
    returned made the API and all other hosts open their databases anew.
    """
    service.context = KeptCells(service.context)


def check_schemas_once() -> None:
    """Make `jsonschema.validate` check each schema once, not again with every instance.

    Only for services whose schemas are constants: a schema is recognised by its identity.
    """
    import jsonschema  # noqa: PLC0415 - only services have it

    checked: dict[int, Any] = {}

    def validate(instance: Any, schema: Any, cls: Any = None, *args: Any, **options: Any) -> None:
        cls = cls or jsonschema.validators.validator_for(schema)
        if id(schema) not in checked:
            cls.check_schema(schema)
            checked[id(schema)] = schema  # kept, so that no other object gets its id
        error = jsonschema.exceptions.best_match(cls(schema, *args, **options).iter_errors(instance))
        if error is not None:
            raise error

    jsonschema.validate = validate
