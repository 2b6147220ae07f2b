"""`gridgov national`: work over the exported facts of many cities."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from gridgov.areas.rules import Level
from gridgov.cli.bars import watched
from gridgov.incidents.rules import Status
from gridgov.interop.national import crew, outcome
from gridgov.interop.national.boundaries import read_boundaries
from gridgov.interop.national.crew import Certificates, Crew
from gridgov.interop.national.rebin import rebin as count_again
from gridgov.platform.errors import BadInput

app = typer.Typer(no_args_is_help=True, help="Many cities at once, on several processes or machines.")

Pem = Annotated[Path | None, typer.Option(help="PEM file; all three for an address that begins with tls://.")]


@app.callback()
def _group() -> None:
    """Keeps `rebin` a word of its own while it is the only one."""


@app.command()
def rebin(
    boundaries: Annotated[list[Path], typer.Option(help="A file of boundaries or a folder of them; repeatable.")],
    data: Annotated[Path, typer.Option(help="The folder that cities were exported into.")],
    out: Annotated[Path, typer.Option(help="The folder of the result; an earlier result makes room for it.")],
    level: Annotated[Level, typer.Option(help="Areas of this level are counted.")] = Level.GRID,
    workers: Annotated[int, typer.Option(min=0, max=256, help="Processes; 0: in this one, without Dask.")] = 2,
    address: Annotated[str | None, typer.Option(help="A running Dask scheduler instead of processes here.")] = None,
    tls_ca: Pem = None,
    tls_certificate: Pem = None,
    tls_key: Pem = None,
    status: Annotated[list[Status] | None, typer.Option(help="Only these; repeatable. Default: all.")] = None,
    skip_damaged: Annotated[bool, typer.Option("--skip-damaged", help="Go on without damaged files.")] = False,
    seed: Annotated[int, typer.Option(help="Of the draws that tell hot spots from chance.")] = 0,
) -> None:
    """Count all incidents of all cities by area, category group and month as by other boundaries; find hot spots."""
    outcome.check_free(out)
    areas = read_boundaries(boundaries, level)
    statuses = tuple(sorted({str(one) for one in status or ()}))
    with _crew(workers, address, (tls_ca, tls_certificate, tls_key)) as who, watched() as progress:
        found = count_again(
            data, areas, who, statuses=statuses, skip_damaged=skip_damaged, seed=seed, progress=progress
        )
    outcome.write(found, out)
    skipped = [one for one in found.parts if one.why]
    for one in skipped:
        print(f"  skipped {one.city} {one.month}: {one.why}")
    hot, cold = int((found.spots.found > 0).sum()), int((found.spots.found < 0).sum())
    print(
        f"{out}: {found.sums.total:,} incidents of {len(found.parts) - len(skipped)} partitions in {len(areas):,} "
        f"areas, {found.sums.outside:,} in none; {hot:,} hot and {cold:,} cold"
    )


@contextmanager
def _crew(workers: int, address: str | None, pem: tuple[Path | None, Path | None, Path | None]) -> Iterator[Crew]:
    ca, certificate, key = pem
    if address is not None:
        keys = None
        if ca is not None and certificate is not None and key is not None:
            keys = Certificates(ca, certificate, key)
        if address.startswith("tls://") and keys is None:
            raise BadInput(
                "An address of tls:// needs certificates.", field="address",
                remedy="Give --tls-ca, --tls-certificate and --tls-key.",
            )  # fmt: skip
        with crew.cluster(address, keys) as found:
            yield found
    elif workers == 0:
        yield crew.alone
    else:
        with crew.local(workers) as found:
            yield found
