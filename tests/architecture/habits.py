"""Habits that import contracts cannot see, read off the syntax tree. Each function gives what breaks one of them.

Owns reading; which modules may do otherwise, and why, stands in test_habits.py.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

DOMAIN_PARTS = ("tables", "queries")
COMMITTING = frozenset({"commit", "begin", "begin_nested", "rollback"})
CONNECTING = frozenset(
    {
        "psycopg.connect",
        "sqlalchemy.create_engine",
        "sqlalchemy.engine.create_engine",
        "sqlalchemy.orm.Session",
        "sqlalchemy.orm.sessionmaker",
    }
)
STATEMENTS = frozenset({"text", "select", "insert", "update", "delete", "func", "literal_column"})
EXECUTING = frozenset({"execute", "exec_driver_sql", "executemany", "scalars", "scalar"})
CLOCK_CALLS = frozenset({"now", "utcnow", "today"})
CLOCK_NAMES = frozenset(
    f"time.{name}" for name in ("time", "time_ns", "localtime", "gmtime", "ctime", "strftime", "clock_gettime")
)
STOPWATCHES = frozenset({"time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.perf_counter_ns"})
SQL_CLOCK = re.compile(r"\bnow\(\)|\bcurrent_(?:timestamp|date|time)\b|\b(?:clock|statement)_timestamp\(\)", re.I)
CHANCE = frozenset({"uuid.uuid1", "uuid.uuid4", "os.urandom"})
NUMPY_RANDOM = frozenset({"Generator", "SeedSequence", "default_rng", "PCG64", "BitGenerator"})
WRITE = re.compile(
    r"\b(?:insert\s+into|(?<!for )(?<!for no key )update|delete\s+from|truncate(?:\s+table)?|merge\s+into"
    r"|(?:create|alter|drop)\s+table)\s+"
    r"(?:if\s+exists\s+)?(?!set\b|skip\s+locked\b)([\w.{}\"]+)",
    re.I,
)


@dataclass(frozen=True)
class Module:
    """A module by its dotted name, with the names that its imports give to what they bring."""

    name: str
    tree: ast.Module
    imported: dict[str, str]

    @classmethod
    def of(cls, name: str, source: str) -> Module:
        tree = ast.parse(source)
        imported: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.split(".")[0]
                    imported[alias.asname or top] = alias.name if alias.asname else top
            elif isinstance(node, ast.ImportFrom):
                base = _absolute(name, node)
                imported |= {alias.asname or alias.name: f"{base}.{alias.name}" for alias in node.names}
        return cls(name, tree, imported)

    def qualified(self, node: ast.expr) -> str:
        """The dotted name of an expression as far as its imports tell: `dt.now` -> "datetime.datetime.now"."""
        if isinstance(node, ast.Name):
            return self.imported.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            return f"{self.qualified(node.value)}.{node.attr}"
        return "?"

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node, self.qualified(node.func)

    def texts(self) -> Iterator[tuple[int, str]]:
        """Every text with its line, the blanks of f-strings as {}; docstrings are left out."""
        inside = {id(part) for node in ast.walk(self.tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        docs = {id(node.value) for node in ast.walk(self.tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.JoinedStr):
                parts = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
                yield node.lineno, "".join(str(part) for part in parts)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and not {id(node)} & (inside | docs):
                yield node.lineno, node.value


Habit = Callable[[Module], Iterator[str]]


def modules(root: Path) -> list[Module]:
    """Every module of the package in the folder."""
    found = []
    for path in sorted((root / "gridgov").rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found.append(Module.of(name, path.read_text(encoding="utf-8")))
    return found


def committing(module: Module) -> Iterator[str]:
    """Begins or ends a transaction, or makes a way to the database of its own."""
    for call, name in module.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr in COMMITTING:
            yield f"{call.lineno}: {name}()"
        if name in CONNECTING or any(keyword.arg == "autocommit" for keyword in call.keywords):
            yield f"{call.lineno}: {name}()"


def borrowing(module: Module) -> Iterator[str]:
    """Imports tables or queries of another domain."""
    own = ".".join(module.name.split(".")[:2])
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{_absolute(module.name, node)}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "gridgov" and len(parts) > 2 and parts[2] in DOMAIN_PARTS and ".".join(parts[:2]) != own:
                yield f"{node.lineno}: import {name}"


def stating(module: Module) -> Iterator[str]:
    """Makes or executes SQL."""
    for call, name in module.calls():
        package, _, last = name.rpartition(".")
        makes = package == "psycopg.sql" or (package.split(".")[0] == "sqlalchemy" and last in STATEMENTS)
        executes = isinstance(call.func, ast.Attribute) and call.func.attr in EXECUTING
        if makes or executes:
            yield f"{call.lineno}: {name}()"


def reading_the_clock(module: Module) -> Iterator[str]:
    """Asks for the present time, in Python or in SQL."""
    for call, name in module.calls():
        last = name.rpartition(".")[2]
        if name in CLOCK_NAMES or (last in CLOCK_CALLS and name != "gridgov.platform.clock.utcnow"):
            yield f"{call.lineno}: {name}()"
    for line, text in module.texts():
        for found in SQL_CLOCK.findall(text):
            yield f"{line}: {found} in SQL"


def timing(module: Module) -> Iterator[str]:
    """Uses a stopwatch."""
    for call, name in module.calls():
        if name in STOPWATCHES:
            yield f"{call.lineno}: {name}()"


def leaving_to_chance(module: Module) -> Iterator[str]:
    """Draws from chance that no argument brought in."""
    for call, name in module.calls():
        package, _, last = name.rpartition(".")
        shared = package in {"random", "secrets"} or name in CHANCE
        numpys = package == "numpy.random" and last not in NUMPY_RANDOM
        unseeded = name == "numpy.random.default_rng" and not call.args and not call.keywords
        if shared or numpys or unseeded:
            yield f"{call.lineno}: {name}()"


def written_tables(module: Module) -> Iterator[tuple[int, str]]:
    """Tables that the texts of a module write to, as (line, name); {} stands for what an f-string fills in."""
    for line, text in module.texts():
        for target in WRITE.findall(text):
            yield line, target.strip('"')


def _absolute(name: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    above = name.split(".")[: -node.level]
    return ".".join([*above, *([node.module] if node.module else [])])
