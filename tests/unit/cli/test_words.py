"""The words of the command line: each file of commands is reachable, and none is read before it is asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from typer.main import get_command

import gridgov.cli
from gridgov.cli import COMMANDS, app

FOLDER = Path(gridgov.cli.__file__).parent
NO_WORDS = {"__init__", "asking", "bars", "failing", "house", "lazily", "showing", "standing", "wire"}


def test_every_file_of_commands_has_its_word() -> None:
    files = {path.stem for path in FOLDER.glob("*.py")} - NO_WORDS
    assert files == {file for of_word in COMMANDS.values() for file in of_word}


def test_every_word_answers() -> None:
    group = get_command(app)
    for word in COMMANDS:
        command = group.get_command(None, word)  # type: ignore[attr-defined]  # it is a group
        assert command.name == word
        assert command.help


def test_the_version_is_said_without_reading_the_house() -> None:
    asked = "import sys; from gridgov.cli import app; {}; print('gridgov.bootstrap' in sys.modules)"
    alone = subprocess.run([sys.executable, "-c", asked.format("0")], capture_output=True, text=True, check=True)
    assert alone.stdout.split() == ["False"]
    read = "from typer.main import get_command; get_command(app).get_command(None, 'serve')"
    control = subprocess.run([sys.executable, "-c", asked.format(read)], capture_output=True, text=True, check=True)
    assert control.stdout.split() == ["True"]
