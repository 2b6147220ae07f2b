"""What it takes to read, check and rehearse duty lists of Laiyang's sizes (A50), and a dry run over many incidents.

The dry run is compared with asking for each incident on its own, by the same rule: both must move the same incidents.
Reading a sheet is compared with pandas, which reads it in the same process and looks at no row.
"""

from __future__ import annotations

import io
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo

import pandas
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.bootstrap import House, build, prepare
from gridgov.duties import checking, drafts
from gridgov.duties.checking import Held
from gridgov.duties.rules import ListKind
from gridgov.incidents.past import PastIncidents
from gridgov.interop import dutylists
from gridgov.interop.imports.duties import known
from gridgov.platform import clock, sheets
from gridgov.platform.cluster import running
from tests import sample
from tests.bench.city import CITY, HOME
from tests.bench.harness import LeftOut, Row, Scale, bench
from tests.integration.duties.making import NAMES, SIZES, items, put_incidents, put_matters

DATABASE = "bench_duty_lists"
ZONE = ZoneInfo("Asia/Shanghai")
INCIDENTS: dict[Scale, int] = {"full": 100_000, "small": 20_000}


class AnswersDiffer(AssertionError):
    """The dry run moves other incidents than asking one by one: no figure means anything then."""


@bench("duty-lists")
def duty_lists(scale: Scale) -> Iterator[Row | LeftOut]:
    """Four lists follow each other, each drafted, checked, rehearsed and published."""
    with running(HOME) as cluster:
        cluster.create_database(DATABASE)
        try:
            prepare(cluster.url(DATABASE), CITY, HOME)
            house = build(cluster.url(DATABASE), CITY, HOME)
            try:
                with house.db.transaction() as session:
                    sample.set_up(session)
                    put_matters(session)
                    put_incidents(session, INCIDENTS[scale], clock.utcnow())
                for kind in SIZES:
                    yield from _list(house, kind)
            finally:
                house.close()
        finally:
            cluster.drop_database(DATABASE)


def _list(house: House, kind: ListKind) -> Iterator[Row]:
    made, size = items(kind), SIZES[kind]
    with house.db.transaction() as session:
        names = known(session)
        for form, write, peer in (
            ("CSV", dutylists.to_csv, pandas.read_csv),
            ("XLSX", dutylists.to_xlsx, pandas.read_excel),
        ):
            data = write(made, {}, {})
            ours = _ms(lambda d=data: dutylists.preview(sheets.read(house.sheets, d), names, [], ZONE))  # type: ignore[misc]
            theirs = _ms(lambda d=data, read=peer: read(io.BytesIO(d)))  # type: ignore[misc]
            title = f"{kind}: preview of {form}"
            yield Row(title, size, ours, peer.__name__, theirs, "ms", "less", "in a child, every cell checked")
        ident = drafts.put_draft(session, None, made, name=NAMES[kind], kind=kind, basis=None, now=clock.utcnow())
        held = checking.held(session, house.router, house.locator, ident, at=clock.utcnow())
        lint, losses = _ms(held.findings), _ms(held.losses)
        yield Row(f"{kind}: lint", size, lint, "losses alone", losses, "ms", "less", "with all lists in force")
        yield _dry_run(session, held, kind)
        drafts.publish_alone(
            session, house.router, house.locator, ident, valid_from=None, acknowledged=(), now=clock.utcnow()
        )


def _dry_run(session: Session, held: Held, kind: ListKind) -> Row:
    now = clock.utcnow()
    since = now.replace(year=now.year - 1)
    told = held.rehearse(session, PastIncidents(), since, now)
    ours = _ms(lambda: held.rehearse(session, PastIncidents(), since, now))
    begun = time.perf_counter()
    moved = _one_by_one(session, held)
    theirs = (time.perf_counter() - begun) * 1_000
    if moved != Counter({move.category.code: move.count for move in told.moves}):
        raise AnswersDiffer(kind)
    return Row(f"{kind}: dry run", told.incidents, ours, "one by one", theirs, "ms", "less", f"{len(told.moves)} moves")


def _one_by_one(session: Session, held: Held) -> Counter[str]:
    """Incidents that go to another body, by matter: each is read and asked for by itself."""
    paths = {area.id: [area.id] for area in held.areas}
    for area in held.areas:
        step = area
        while step.parent_id is not None:
            paths[area.id].insert(0, step.parent_id)
            step = next(one for one in held.areas if one.id == step.parent_id)
    found: Counter[str] = Counter()
    rows = session.execute(text("select category_id, grid_id from incidents where status not in ('void', 'duplicate')"))
    for category_id, grid_id in rows:
        code = held.categories[category_id].code
        old, new = (book.item(code, paths[grid_id]) for book in (held.before, held.after))
        if (old and old.lead) != (new and new.lead):
            found[code] += 1
    return found


def _ms(work: Callable[[], object]) -> float:
    """The median of five."""
    taken = []
    for _ in range(5):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1_000)
    return statistics.median(taken)
