"""How templates become pages: compiled once for all starts and processes, and with one set of globals."""

from __future__ import annotations

from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import templating
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


class Environment(templating.Environment):
    """Flask's, where a template has no globals of its own.

    Jinja gives each a `ChainMap` over the environment's for them, and looks through it key by key at each import.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


class CompiledTemplates(FileSystemBytecodeCache):
    """Templates as Python's bytecode in a folder, each valid for one source and one version of Jinja and Python.

    Compiling those of one page takes as long as answering with it ten times. A folder that cannot be written or read
    costs that time and nothing else.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            super().load_bytecode(bucket)
        except Exception:  # whatever a file damaged by a power cut makes of unpickling
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            Path(self.directory).mkdir(parents=True, exist_ok=True)
            super().dump_bytecode(bucket)
