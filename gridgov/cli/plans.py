"""`gridgov plan`: boundary plans on the machine itself, as their owner. The commands lie in the files `plan_*.py`."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True, help="Boundary plans 网格调整方案: propose, redraw, compare, publish (docs/plans.md)."
)

PlanId = Annotated[int, typer.Argument(help="Id of a plan, as “gridgov plan list” prints it.")]
