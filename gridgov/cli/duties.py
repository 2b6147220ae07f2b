"""`gridgov duties`: duty lists on the machine itself, as their owner: read, check, compare, draft, publish."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from gridgov.bootstrap import House
from gridgov.cli.house import opened
from gridgov.duties import checking, drafts, service, versions
from gridgov.duties.compare import Comparison, compare
from gridgov.duties.dryrun import DryRun
from gridgov.duties.lint import Severity
from gridgov.duties.route import Responsible
from gridgov.duties.rules import KIND_WORDS, ListKind
from gridgov.duties.versions import ListFacts
from gridgov.incidents.past import PastIncidents
from gridgov.interop import dutylists
from gridgov.interop.dutylists import Parsed
from gridgov.interop.imports.duties import known
from gridgov.platform import clock, sheets
from gridgov.platform.errors import BadInput
from gridgov.platform.settings import Settings

app = typer.Typer(
    no_args_is_help=True, help="Duty lists 责任清单: versions, drafts, linter, dry run (docs/duty-lists.md)."
)

Ident = Annotated[int, typer.Argument(help="Id of a version or draft, as “gridgov duties list” prints it.")]
From = Annotated[datetime | None, typer.Option("--from", help="The instant from which it is to hold; default: now.")]


class FileUnusable(BadInput):
    code = "file-unusable"


class RowsAtFault(BadInput):
    code = "rows-at-fault"


@app.command(name="list")
def listed(
    name: Annotated[str | None, typer.Option(help="Only of this list.")] = None,
    most: Annotated[int, typer.Option(help="How many, newest first.")] = 50,
) -> None:
    """Versions and drafts, newest first."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        for one in versions.find(session, name=name, limit=most):
            print(_line(one))


@app.command()
def lint(ident: Ident, start: From = None) -> None:
    """What is wrong with a version or draft; ends with 1 where something keeps it from being published."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        found = checking.held(session, house.router, house.locator, ident, at=_at(start)).findings()
    for one in found:
        whose = one.item or one.category
        print(f"{one.severity} {one.code} {whose}: {one.zh}；{one.remedy_zh}。 {one.en}; {one.remedy_en}.")
    wrong = sum(one.severity is Severity.ERROR for one in found)
    print(f"{wrong} errors, {len(found) - wrong} warnings")
    if wrong:
        raise typer.Exit(1)


@app.command(name="compare")
def compared(before: Ident, after: Ident) -> None:
    """What differs between two versions, item by item and field by field."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        for ident in (before, after):
            versions.facts(session, ident)
        found = compare(versions.new_items(session, before), versions.new_items(session, after))
        _show(found, _codes(house, session))


@app.command()
def export(
    ident: Ident,
    out: Annotated[Path, typer.Argument(help="A file that ends in .csv or .xlsx.")],
    lang: Annotated[str, typer.Option(help="Language of the headings: zh or en.")] = "zh",
) -> None:
    """Write a version or draft as a sheet, which imports again to no change."""
    if out.suffix not in (".csv", ".xlsx"):
        raise FileUnusable(f"“{out}” is neither .csv nor .xlsx.", field="out", remedy="Name it so.")
    with opened(Settings.load()) as house, house.db.transaction() as session:
        versions.facts(session, ident)
        said = versions.new_items(session, ident)
        matters = {one.code: one.names.get(lang, "") for one in service.list_categories(session, "matter")}
        write = dutylists.to_xlsx if out.suffix == ".xlsx" else dutylists.to_csv
        out.write_bytes(write(said, _codes(house, session), matters, lang))
    print(f"{len(said):,} items in {out}")


@app.command(name="import")
def imported(
    file: Annotated[Path, typer.Argument(help="CSV or XLSX with the columns of an export.")],
    name: Annotated[str, typer.Option(help="Name of the list.")],
    kind: Annotated[ListKind, typer.Option(help="What it is a list of.")] = ListKind.TERRITORIAL,
    basis: Annotated[str | None, typer.Option(help="What the list rests on.")] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Show what would change, and keep nothing.")] = False,
    leave_bad_rows: Annotated[bool, typer.Option(help="Make the draft without the rows that cannot be items.")] = False,
) -> None:
    """Make the draft of a list, after showing what changes against the newest version."""
    try:
        data = file.read_bytes()
    except OSError as problem:
        raise FileUnusable(f"“{file}” cannot be read: {problem.strerror}.", field="file") from None
    with opened(Settings.load()) as house:
        read = sheets.read(house.sheets, data)
        with house.db.transaction() as session:
            newest = versions.newest(session, name)
            before = [] if newest is None else versions.new_items(session, newest.id)
            zone = house.locator.city(session).zone
            found = dutylists.parse(read, known(session), before, zone)
            _faults(found)
            _show(compare(before, found.items), _codes(house, session))
            if preview:
                return
            if found.faults and not leave_bad_rows:
                raise RowsAtFault(
                    "Rows that cannot be items are in the file; no draft was made.",
                    field="file",
                    remedy="Correct them, or say --leave-bad-rows.",
                )
            made = drafts.put_draft(session, None, found.items, name=name, kind=kind, basis=basis, now=clock.utcnow())
            print(_line(versions.facts(session, made)))


@app.command(name="dry-run")
def dry_run(
    ident: Ident, start: From = None, days: Annotated[int, typer.Option(help="How many days back.")] = 30
) -> None:
    """Past incidents by the lists in force, and by these with the draft."""
    now = clock.utcnow()
    with opened(Settings.load()) as house, house.db.transaction() as session:
        held = checking.held(session, house.router, house.locator, ident, at=_at(start))
        found = held.rehearse(session, PastIncidents(), now - timedelta(days=days), now)
        lost = held.losses()
    _rehearsed(found)
    for loss in lost:
        where = "everywhere" if loss.everywhere else "in " + ", ".join(area.code for area in loss.areas[:10])
        print(f"nobody would be responsible any more for {loss.category} {where}")


@app.command()
def drop(ident: Ident) -> None:
    """Take a draft away."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        drafts.drop(session, None, ident)
    print(f"Draft {ident} is gone.")


@app.command()
def publish(
    ident: Ident,
    start: From = None,
    acknowledge: Annotated[
        list[str] | None, typer.Option(help="A matter that loses its responsible by it, knowingly. Repeatable.")
    ] = None,
) -> None:
    """Publish a draft as the owner of the machine. Through the API it takes two persons."""
    now = clock.utcnow()
    with opened(Settings.load()) as house, house.db.transaction() as session:
        done = drafts.publish_alone(
            session,
            house.router,
            house.locator,
            ident,
            valid_from=None if start is None else start.astimezone(),
            acknowledged=acknowledge or (),
            now=now,
        )
        print(_line(versions.facts(session, done.list_id)))


@app.command(name="close-agency")
def close_agency(
    code: Annotated[str, typer.Argument(help="Code of the agency.")],
    at: Annotated[
        datetime | None, typer.Option(help="Since when there is no such body any more; default: now.")
    ] = None,
    reopen: Annotated[bool, typer.Option("--reopen", help="There is such a body again.")] = False,
) -> None:
    """Say that a body does not exist any more (撤销): the linter then names the items that still rest on it."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        service.close_agency(session, code, None if reopen else _at(at))
    print(f"{code} is {'open' if reopen else 'closed'}.")


def _at(start: datetime | None) -> datetime:
    return clock.utcnow() if start is None else start.astimezone()


def _line(one: ListFacts) -> str:
    what = f"version {one.version}" if one.version is not None else one.state
    since = f" from {one.valid_from.isoformat()}" if one.valid_from else ""
    until = f" to {one.valid_to.isoformat()}" if one.valid_to else ""
    return f"{one.id}: {one.name} ({KIND_WORDS[one.kind]['zh']}, {one.kind}), {what}, {one.items} items{since}{until}"


def _codes(house: House, session: Session) -> dict[int, str]:
    return dutylists.area_codes(house.locator.index(session).areas)


def _show(found: Comparison, areas: dict[int, str]) -> None:
    for sign, some in (("+", found.added), ("-", found.removed)):
        for item in some:
            print(f"{sign} {item.code}: {item.category} {item.lead}")
    for one in found.changed:
        old, new = (dutylists.cells(item, areas, {}) for item in (one.before, one.after))
        for name in old:
            if old[name] != new[name]:
                print(f"~ {one.code}: {name}: {old[name] or '—'} → {new[name] or '—'}")
    print(
        f"{len(found.added)} added, {len(found.removed)} removed, {len(found.changed)} changed, "
        f"{found.unchanged} unchanged"
    )


def _faults(found: Parsed) -> None:
    for one in found.faults:
        print(f"row {one.row}, {one.column or 'the row'}: {one.zh} {one.en} “{one.value}”")
    if found.left_out:
        print(f"columns that are none of a duty list: {', '.join(found.left_out)}")


def _rehearsed(found: DryRun) -> None:
    for move in found.moves:
        print(f"{move.count:,} × {move.category.code}: {_name(move.before)} → {_name(move.after)}")
    moved = sum(move.count for move in found.moves)
    print(f"{found.incidents:,} incidents: {found.same:,} as before, {moved:,} elsewhere, {found.unplaced:,} of")
    print(
        f"areas or matters that are gone; {found.orphaned:,} would have nobody, {found.adopted:,} would find somebody"
    )


def _name(body: Responsible | None) -> str:
    return "nobody" if body is None else body.code
