"""What starts the platform: the Makefile, the set-up, the containers, the locks and the settings say the same thing."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from gridgov.cli import COMMANDS
from gridgov.platform import keyring
from gridgov.platform.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[2]
SETUP = ROOT / ".ci" / "setup"
MODULES = sorted(SETUP.glob("*.py"))
LOCKS = ("requirements.txt", "requirements-dev.txt")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


class TestMakefile:
    def test_every_target_is_a_command_of_the_set_up(self) -> None:
        targets = re.findall(r"^\.PHONY: (.*)$", read("Makefile"), re.M)[0].split()
        usage = subprocess.run([sys.executable, SETUP], capture_output=True, text=True, check=False)
        assert usage.returncode == 2
        outer = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}  # make may run us
        for target in set(targets) - {"help"}:
            assert re.search(rf"\b{target}\b", usage.stdout), target
            command = ["make", "--no-print-directory", "-n", "PYTHON=python3", target]
            printed = subprocess.run(command, cwd=ROOT, env=outer, capture_output=True, text=True, check=True).stdout
            assert printed.strip() == f"python3 .ci/setup {target}"

    def test_ci_runs_the_checks_and_the_tests_with_the_real_data(self) -> None:
        script = read(".ci/run")
        assert os.access(ROOT / ".ci" / "run", os.X_OK)
        assert "set -euo pipefail" in script
        assert "${GRIDGOV_REALDATA:-../shared/data}" in script
        assert script.split()[-4:] == ["make", "check", "make", "test"]
        assert subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], check=False).returncode == 0


class TestSetUp:
    """It runs on a bare system, before there is a virtual environment."""

    OWN = frozenset(path.stem for path in MODULES)

    def imported(self, source: str) -> set[str]:
        names: set[str] = set()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            if isinstance(node, ast.ImportFrom):
                names.update(f"{node.module}.{alias.name}" for alias in node.names)
        return names

    def foreign(self, source: str) -> set[str]:
        allowed = {f"gridgov.platform.{name}" for name in ("errors", "ports", "postgres")}
        return {
            name
            for name in self.imported(source)
            if name.split(".")[0] not in self.OWN | set(sys.stdlib_module_names)
            and not any(name == one or name.startswith(f"{one}.") for one in allowed)
        }

    def test_needs_nothing_but_the_standard_library(self) -> None:
        assert len(MODULES) > 4
        used = [ROOT / "gridgov/platform" / f"{name}.py" for name in ("errors", "ports", "postgres")]
        for path in [*MODULES, *used]:
            assert not self.foreign(path.read_text(encoding="utf-8")), path
        for package in ("gridgov/__init__.py", "gridgov/platform/__init__.py"):
            assert not self.foreign(read(package)), package
        assert self.foreign("import yaml\nfrom gridgov.platform import db") == {"yaml", "gridgov.platform.db"}

    def test_runs_without_any_installed_package(self) -> None:
        code = "import sys; sys.path.insert(0, sys.argv[1]); import commands; sys.exit(commands.main([]))"
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", code, SETUP], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout[:6]) == (2, "usage:"), done.stderr

    def test_an_old_python_is_told_what_is_wrong(self) -> None:
        """The first file keeps to what Python 3.5 reads, and its first statement is the check of the version."""
        tree = ast.parse((SETUP / "__main__.py").read_text(encoding="utf-8"), feature_version=(3, 5))
        first = [type(node).__name__ for node in tree.body[:4]]
        assert first == ["Expr", "Import", "If", "ImportFrom"]
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]

    def test_its_shell_script_is_one(self) -> None:
        script = re.findall(r'^INSTALL = """(.*?)"""', (SETUP / "system.py").read_text(encoding="utf-8"), re.M | re.S)
        assert len(script) == 1
        assert subprocess.run(["sh", "-n"], input=script[0], text=True, check=False).returncode == 0
        assert subprocess.run(["sh", "-n"], input="if", text=True, check=False, capture_output=True).returncode != 0


class TestContainers:
    @pytest.fixture
    def compose(self) -> Any:
        return yaml.safe_load(read("docker-compose.yml"))

    def test_database_and_application_with_volumes_and_health(self, compose: Any) -> None:
        database, app = compose["services"]["database"], compose["services"]["app"]
        assert database["image"].startswith("postgis/postgis:15-3.3")
        assert app["depends_on"] == {"database": {"condition": "service_healthy"}}
        for service in (database, app):
            assert service["healthcheck"]["test"][0] == "CMD"
            assert service["restart"] == "unless-stopped"
            for volume in service["volumes"]:
                assert volume.split(":")[0] in compose["volumes"]
        assert "ports" not in database, "the database is for the application alone"
        assert app["ports"] == ["127.0.0.1:${GRIDGOV_PORT:-8000}:8000"]
        assert (app["read_only"], app["cap_drop"]) == (True, ["ALL"])

    def test_secrets_come_from_the_environment_and_have_no_default(self, compose: Any) -> None:
        database, app = (compose["services"][name]["environment"] for name in ("database", "app"))
        secrets = [database["POSTGRES_PASSWORD"], app["PGPASSWORD"], app["GRIDGOV_KEY"]]
        assert all(re.match(r"\$\{GRIDGOV_(DB_PASSWORD|KEY):\?", secret) for secret in secrets)
        assert app["GRIDGOV_DATABASE_URL"] == "postgresql://gridgov@database:5432/gridgov"
        Settings(database_url=app["GRIDGOV_DATABASE_URL"])

    def test_the_image_is_built_by_the_steps_of_make_demo(self) -> None:
        lines = re.sub(r"\\\n", " ", read("Dockerfile")).splitlines()
        runs = [line for line in lines if line.startswith("RUN ")]
        assert "RUN python3 .ci/setup image" in runs
        assert not [run for run in runs if re.search(r"\b(pip|npm|apt-get)\b", run)], "no second way to install"
        commands = (SETUP / "commands.py").read_text(encoding="utf-8")
        bodies = {
            node.name: ast.unparse(node) for node in ast.parse(commands).body if isinstance(node, ast.FunctionDef)
        }
        for name in ("demo", "image", "test", "check", "bench"):
            assert "set_up(" in bodies[name], name
        assert "set_up(" not in bodies["clean"]
        assert [line for line in lines if line.startswith("USER ")] == ["USER gridgov"]
        places = [line for line in lines if line.startswith("WORKDIR ")]
        assert len(places) == 2, "one for each stage"
        assert len(set(places)) == 1, "programs of a virtual environment know where it lies"

    def test_health_checks_ask_what_the_application_answers(self, compose: Any) -> None:
        from gridgov.api.routes import health

        answered = {route.path for route in health.router.routes}  # type: ignore[attr-defined]
        for text in (read("Dockerfile"), compose["services"]["app"]["healthcheck"]["test"][3]):
            asked = re.findall(r"http://127\.0\.0\.1:8000(/[a-z/]+)", text)
            assert len(asked) == 1
            assert asked[0] in answered

    def test_what_the_image_leaves_out_is_not_needed_in_it(self) -> None:
        left_out = read(".dockerignore").split()
        for needed in (
            "pyproject.toml",
            "README.md",
            "requirements.txt",
            "gridgov",
            "migrations",
            "geodata",
            "web",
            ".ci",
        ):
            assert needed not in left_out
            assert (ROOT / needed).exists()
        assert {".git", ".venv", "web/node_modules"} <= set(left_out)


FILES = ("docker-compose.yml", "docker-compose.citus.yml")
REPLACED = re.compile(r"\$(?:(?P<escaped>\$)|(?P<name>\w+)|\{(?P<braced>\w+(?::?[-?][^}]*)?)\}|(?P<wrong>))", re.ASCII)
"""What Compose replaces in a text; it refuses the whole file for any other dollar, also in the words of a complaint."""


def misread(text: str) -> list[str]:
    """Texts of a compose file that Compose would refuse, words after `:?` and `:-` included."""
    wrong = []
    for found in REPLACED.finditer(text):
        if found["wrong"] is not None:
            wrong.append(text)
        elif found["braced"] and (said := re.split(r":?[-?]", found["braced"], maxsplit=1)[1:]):
            wrong += misread(said[0])
    return wrong


def texts(node: Any) -> list[str]:
    """Every text below a node."""
    if isinstance(node, dict):
        return [text for one in node.values() for text in texts(one)]
    if isinstance(node, list):
        return [text for one in node for text in texts(one)]
    return [node] if isinstance(node, str) else []


class TestComposeFiles:
    """As far as can be told without Compose: what it replaces, what it refers to, what the product understands."""

    @pytest.fixture(params=FILES)
    def compose(self, request: pytest.FixtureRequest) -> Any:
        return yaml.safe_load(read(request.param))

    def test_every_dollar_is_one_that_compose_reads(self, compose: Any) -> None:
        assert [text for one in texts(compose["services"]) for text in misread(one)] == []

    def test_a_command_in_the_words_of_a_complaint_is_found(self) -> None:
        assert misread("${GRIDGOV_KEY:?choose one, e.g. $(openssl rand -base64 32)}")
        assert not misread("${GRIDGOV_KEY:?choose one, e.g. $$(openssl rand -base64 32)}")

    def test_settings_and_commands_are_the_products_own(self, compose: Any) -> None:
        app = compose["services"]["app"]
        known = {PREFIX + name.upper() for name in Settings.model_fields} | {keyring.VARIABLE, "PGPASSWORD"}
        assert set(app["environment"]) <= known
        words = [re.sub(r"\$\{\w+:-(\w+)\}", r"\1", word) for word in app.get("command", ["gridgov", "serve"])]
        assert words[0] == "gridgov"
        assert words[1] in COMMANDS
        assert "notacommand" not in COMMANDS

    def test_services_refer_to_what_is_there(self, compose: Any) -> None:
        services = compose["services"]
        for service in services.values():
            needed = service.get("depends_on", {})
            assert set(needed) <= set(services)
            conditions = needed if isinstance(needed, dict) else {}
            for name, how in conditions.items():
                assert how["condition"] != "service_healthy" or services[name]["healthcheck"]["test"][0] == "CMD"
            assert {volume.split(":")[0] for volume in service.get("volumes", ())} <= set(compose["volumes"])
            assert set(service.get("networks", ())) <= set(compose.get("networks") or ())

    def test_foreign_images_and_sources_are_of_one_version(self, compose: Any) -> None:
        own = {"gridgov", "gridgov-citus"}
        for service in compose["services"].values():
            build = service.get("build", "")
            inline = build.get("dockerfile_inline", "") if isinstance(build, dict) else ""
            images = [service.get("image", ""), *re.findall(r"^FROM (\S+)", inline, re.M)]
            assert all(re.search(r":\d+[\d.-]*$", image) for image in images if image not in {"", *own})
            assert all(re.search(r"--branch v[\d.]+ ", line) for line in inline.splitlines() if "git clone" in line)

    def test_citus_has_what_it_needs(self) -> None:
        compose = yaml.safe_load(read("docker-compose.citus.yml"))
        for name in ("coordinator", "node-1", "node-2"):
            asked = set(compose["services"][name]["command"])
            assert {"-cshared_preload_libraries=citus", "-cwal_level=logical"} <= asked
            assert any(one.startswith("-cmax_prepared_transactions=") for one in asked)
            assert "ports" not in compose["services"][name], "nodes are for the application alone"
        together = compose["services"]["together"]["entrypoint"][-1].replace("$$", "$")
        assert subprocess.run(["bash", "-n"], input=together, text=True, check=False).returncode == 0
        assert set(re.findall(r"citus_add_node\('([\w-]+)'", together)) == {"node-1", "node-2"}


class TestLocks:
    @staticmethod
    def pins(text: str) -> dict[str, list[str]]:
        """name==version, with its marker -> its hashes."""
        found: dict[str, list[str]] = {}
        for block in re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n", "", text, flags=re.M)):
            head = block.split("\\")[0].strip()
            if head:
                found[head] = re.findall(r"--hash=(sha256:[0-9a-f]{64})\b", block)
        return found

    @pytest.mark.parametrize("name", LOCKS)
    def test_every_package_is_pinned_with_hashes(self, name: str) -> None:
        pins = self.pins(read(name))
        assert len(pins) > 50
        assert not [head for head in pins if not re.match(r"[a-z0-9.-]+==[\w.!+]+( ; .*)?$", head)]
        assert not [head for head, hashes in pins.items() if not hashes]
        assert self.pins("a==1 \\\n    --hash=sha256:" + "0" * 64 + "\nb==2\n") == {
            "a==1": ["sha256:" + "0" * 64],
            "b==2": [],
        }

    @pytest.mark.parametrize("name", [*LOCKS, "web/package-lock.json"])
    def test_no_registry_is_named(self, name: str) -> None:
        text = read(name)
        assert not re.search(r"--(extra-)?index-url|--find-links|\"resolved\"", text)
        # Addresses of funding pages and licences may stand in npm's lock; those of packages may not.
        hosts = set(re.findall(r"https?://([^/\"\s]+)[^\"\s]*\.(?:tgz|whl|tar\.gz)", text))
        assert hosts == set()

    def test_npm_keeps_it_so(self) -> None:
        assert "omit-lockfile-registry-resolved=true" in read("web/.npmrc").split()

    def test_the_developers_environment_serves_the_application_too(self) -> None:
        """`.ci/setup` counts on it: the second lock holds all of the first, version by version."""
        runtime, dev = (self.pins(read(name)) for name in LOCKS)
        assert {head: sorted(hashes) for head, hashes in runtime.items()}.items() <= {
            head: sorted(hashes) for head, hashes in dev.items()
        }.items()
        assert len(dev) > len(runtime)

    def test_what_is_asked_for_is_locked(self) -> None:
        import tomllib

        project = tomllib.loads(read("pyproject.toml"))["project"]
        extras = project["optional-dependencies"]

        def names(wanted: list[str]) -> set[str]:
            return {re.split(r"[\[<>=!~ ;]", one)[0].lower() for one in wanted}

        runtime, dev = ({head.split("==")[0] for head in self.pins(read(name))} for name in LOCKS)
        assert names(project["dependencies"] + extras["build"]) <= runtime
        assert names(project["dependencies"] + extras["build"] + extras["dev"]) <= dev


class TestSettings:
    """docs/settings.md names every variable, and none that does nothing."""

    WHERE = ("gridgov", "migrations", "tests", "web/src", ".ci")
    ALONE = ("web/vite.config.ts", "Makefile", "Dockerfile", "docker-compose.yml")
    # A word in a template or a test's text that is no variable.
    NO_SETTING = frozenset[str]()

    def used(self) -> set[str]:
        files = [ROOT / name for name in self.ALONE]
        for folder in self.WHERE:
            files += [path for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".ts", ".tsx", ".sh"}]
        files += [ROOT / ".ci" / "run"]
        text = "\n".join(path.read_text(encoding="utf-8") for path in files if "node_modules" not in path.parts)
        return set(re.findall(rf"\b{PREFIX}[A-Z0-9_]*[A-Z0-9]\b", text)) - self.NO_SETTING

    def documented(self, text: str) -> set[str]:
        return set(re.findall(rf"^\| `({PREFIX}[A-Z0-9_]+)` \|", text, re.M))

    def test_every_variable_is_documented_and_every_documented_one_is_used(self) -> None:
        assert self.used() == self.documented(read("docs/settings.md"))
        assert {PREFIX + name.upper() for name in Settings.model_fields} <= self.used()

    def test_defaults_in_the_document_are_those_of_the_code(self) -> None:
        text = read("docs/settings.md")
        for name, field in Settings.model_fields.items():
            if field.default and not field.default_factory:
                assert f"| `{PREFIX}{name.upper()}` | `{field.default}` |" in text, name
