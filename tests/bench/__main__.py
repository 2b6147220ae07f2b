"""`python -m tests.bench [names…] [--scale small|full]`: run benches, print a table, write build/bench.json.

Exit code 0 when all went well, 1 when a bench failed, 2 for an unknown name.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tests.bench import harness

HERE = Path(__file__).resolve().parent


def main(arguments: Sequence[str], *, folder: Path = HERE, package: str = "tests.bench") -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure, beside peers, in one run.")
    parser.add_argument("names", nargs="*", help="benches to run (all)")
    parser.add_argument(
        "--scale", choices=["small", "full"], default="full", help="small: a minute or so, rough figures"
    )
    parser.add_argument("--out", type=Path, default=HERE.parents[1] / "build" / "bench.json")
    parser.add_argument("--list", action="store_true", help="only list the benches")
    asked = parser.parse_args(arguments)
    console = Console(soft_wrap=False, width=None if sys.stdout.isatty() else 200)
    unimportable = harness.discover(folder, package)
    if asked.list:
        console.print("\n".join(sorted(harness.REGISTRY)), markup=False)
        return 1 if unimportable else 0
    unknown = [name for name in asked.names if name not in harness.REGISTRY]
    if unknown and not unimportable:
        console.print(f"no bench is called {', '.join(unknown)}; there are {', '.join(sorted(harness.REGISTRY))}")
        return 2
    names = [name for name in asked.names if name not in unknown]
    outcome = harness.Outcome()
    if names or not asked.names:
        outcome = harness.run(harness.choose(names), asked.scale, harness.lines(console), asked.out)
    if unknown or not asked.names:
        outcome.failed |= unimportable
    harness.write(asked.out, outcome)
    harness.show(outcome, console)
    return 1 if outcome.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
