"""Pyright as an editor uses it, over its standard input and output: just enough to ask where something is defined."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

Place = tuple[Path, int]
WITHIN = 180  # seconds, for the whole conversation


class LanguageServer:
    """A server for one folder, with an editor's settings; it ends with the `with` block of `opened`."""

    def __init__(self, process: "subprocess.Popen[bytes]", folder: Path, settings: dict[str, Any]):
        self._process, self._settings, self._asked = process, settings, 0
        capabilities = {"workspace": {"configuration": True, "workspaceFolders": True}}
        workspace = {"uri": folder.as_uri(), "name": folder.name}
        self._ask(
            "initialize",
            processId=os.getpid(),
            rootUri=folder.as_uri(),
            workspaceFolders=[workspace],
            capabilities=capabilities,
        )
        self._send(method="initialized", params={})

    def definitions(self, file: Path, line: int, column: int) -> list[Place]:
        """Where an editor goes from a place in `file`; lines count from 1, columns from 0."""
        document = {"uri": file.as_uri(), "languageId": "python", "version": 1, "text": file.read_text()}
        self._send(method="textDocument/didOpen", params={"textDocument": document})
        position = {"line": line - 1, "character": column}
        found = self._ask("textDocument/definition", textDocument={"uri": file.as_uri()}, position=position)
        self._send(method="textDocument/didClose", params={"textDocument": {"uri": file.as_uri()}})
        return [(Path(unquote(urlparse(each["uri"]).path)), each["range"]["start"]["line"] + 1) for each in found or ()]

    def _ask(self, method: str, **params: Any) -> Any:
        self._asked += 1
        self._send(id=self._asked, method=method, params=params)
        while True:
            message = self._receive()
            if "method" not in message and message.get("id") == self._asked:
                return message.get("result")
            if "method" in message and "id" in message:  # the server asks; most questions need no answer
                asked = message["params"].get("items", ()) if message["method"] == "workspace/configuration" else ()
                self._send(id=message["id"], result=[self._setting(item.get("section", "")) for item in asked])

    def _setting(self, section: str) -> dict[str, Any]:
        """All settings below `section`, nested, as VS Code answers for `"python.analysis.extraPaths": […]`."""
        nested: dict[str, Any] = {}
        for name, value in self._settings.items():
            if name.startswith(f"{section}."):
                *groups, last = name.removeprefix(f"{section}.").split(".")
                inner = nested
                for group in groups:
                    inner = inner.setdefault(group, {})
                inner[last] = value
        return nested

    def _send(self, **message: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        length = 0
        while header := self._process.stdout.readline().strip():
            name, _, value = header.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        if not length:
            raise AssertionError(f"the language server ended, or did not answer within {WITHIN} s")
        message: dict[str, Any] = json.loads(self._process.stdout.read(length))
        return message


@contextmanager
def opened(node_modules: Path, folder: Path, settings: dict[str, Any]) -> Iterator[LanguageServer]:
    """A language server for `folder`; `settings` are named as in VS Code's settings.json."""
    command = ["node", str(node_modules / "pyright" / "langserver.index.js"), "--stdio"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        watch = threading.Timer(WITHIN, process.kill)
        watch.start()
        try:
            yield LanguageServer(process, folder, settings)
        finally:
            watch.cancel()
            process.kill()
