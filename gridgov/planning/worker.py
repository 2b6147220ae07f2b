"""Doing what jobs ask for: one claim at a time, communities side by side, outside of every transaction.

Owns the claim, its life and its end. Does not own what is asked (`proposals`), proposing (`proposing`), nor writing a
sheet (`editing`).

claim   one statement (skip locked), for `LEASE`; whoever holds it renews it each half second and hears of the end
work    read one community, let go, draw; then sheet, result and count in one transaction that asks whether the claim
        still holds. Killed anywhere, the claim ends by itself, another takes it over and does what is left
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Lock
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.areas.service import city
from gridgov.auth import matrix
from gridgov.auth.rules import EVERYWHERE, Actor, Role
from gridgov.geo.partition.solve import Cancelled
from gridgov.planning import counting, drafts, editing
from gridgov.planning.drafts import Boards, PartFacts
from gridgov.planning.load import IncidentPoints
from gridgov.planning.proposing import MODE_WORDS, SOLVER, Proposed, Settings, draw, settings_of
from gridgov.planning.queries import jobs as queries
from gridgov.planning.queries import load as loads
from gridgov.platform.errors import Conflict, GridgovError, NotFound

LEASE = timedelta(seconds=20)
BEAT_S = 0.4
MOST_ATTEMPTS = 5  # without one community done: whoever tried was killed each time
Opened = Callable[[], AbstractContextManager[Session]]
log = logging.getLogger(__name__)


class Lost(Exception):  # no error: another does the work now
    """The claim is no longer ours."""


@dataclass
class Worker:
    """Works for one process. `opened`: a transaction that may draw; `seeing`: one that sees every incident.

    `name`: unlike that of any other process. `ended`: set when the process is to end; the job goes back to the queue.
    `told(share, sentence)`: for whoever watches.
    """

    opened: Opened
    seeing: Opened
    points: IncidentPoints
    clock: Callable[[], datetime]
    name: str
    threads: int = 1
    lease: timedelta = LEASE
    ended: Event = field(default_factory=Event)
    told: Callable[[float, str], None] = lambda _share, _said: None
    _claims: int = 0

    def step(self) -> int:
        """Claims the job that has waited longest and does it; how many were claimed."""
        with self.opened() as session:
            row = self.claim(session)
        if row is None:
            return 0
        self.run(row)
        return 1

    def claim(self, session: Session, ident: UUID | None = None) -> Row[Any] | None:
        """Takes a job in the caller's transaction: one alone, or the one that has waited longest."""
        self._claims += 1
        now = self.clock()
        return queries.claim(session, f"{self.name}/{self._claims}", now=now, until=now + self.lease, ident=ident)

    def run(self, row: Row[Any]) -> None:
        """Does a job that was claimed, to its end or until the claim is lost."""
        claim = _Claim(self, row)
        if row.cancel or row.attempts > MOST_ATTEMPTS:
            claim.end("cancelled" if row.cancel else "failed", {} if row.cancel else {"code": "tried-too-often"})
            return
        tasks = _load_tasks(claim) if row.kind == "load" else _proposal_tasks(claim)
        with ThreadPoolExecutor(max(1, self.threads), thread_name_prefix="planning") as pool:
            try:
                waiting: set[Future[None]] = {pool.submit(task) for task in tasks}
                while waiting and not claim.stop.is_set():
                    finished, waiting = wait(waiting, timeout=BEAT_S, return_when=FIRST_EXCEPTION)
                    for one in finished:
                        one.result()
                    claim.beat()
            except Cancelled:
                pass
            finally:
                claim.stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
            claim.close()  # at once: what is still at work finds the claim ended, and writes nothing


@dataclass
class _Claim:
    """One job while it is ours."""

    worker: Worker
    row: Row[Any]
    stop: Event = field(default_factory=Event)
    lost: bool = False
    cancelled: bool = False
    done: int = 0
    summary: dict[str, Any] = field(default_factory=dict)
    _shares: dict[str, float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.done = self.row.done

    def until(self) -> datetime:
        return self.worker.clock() + self.worker.lease

    def at(self, name: str, share: float) -> None:
        """How far the work at one community is."""
        with self._lock:
            self._shares[name] = share

    def finished(self, name: str) -> None:
        with self._lock:
            self._shares.pop(name, None)
            self.done += 1

    def said(self) -> tuple[float, str]:
        """(share of the whole, a sentence)."""
        with self._lock:
            shares = dict(self._shares)
        total = max(self.row.total, 1)
        zh = "、".join(f"{name} {share:.0%}" for name, share in sorted(shares.items()))
        text = f"已完成 {self.done}/{total} done" + (f"，正在处理 at work on {zh}" if zh else "")
        return min(1.0, (self.done + sum(shares.values())) / total), text

    def beat(self) -> None:
        """Renews the claim; hears of the end."""
        share, said = self.said()
        self.worker.told(share, said)
        if self.worker.ended.is_set():
            self.stop.set()
            return
        with self.worker.opened() as session:
            found = queries.beat(session, self.row.id, self.row.worker, until=self.until(), said=said)
        if found is None:
            self.lost = True
        elif found:
            self.cancelled = True
        if self.lost or self.cancelled:
            self.stop.set()

    def hold(self, session: Session) -> None:
        """Locks the job for what is written with it. Raises `Lost`, `Cancelled`."""
        found = queries.mine(session, self.row.id, self.row.worker)
        if found is None:
            self.lost = True
            self.stop.set()
            raise Lost
        if found:
            self.cancelled = True
            self.stop.set()
            raise Cancelled

    def report(self, session: Session, community_id: int, state: str, result: Mapping[str, Any]) -> None:
        """One community is dealt with, in the caller's transaction, which holds the job."""
        queries.add_part(
            session, self.row.id, community_id, {"state": state, "result": result, "now": self.worker.clock()}
        )
        queries.count(session, self.row.id, self.row.worker, said=self.said()[1], until=self.until())

    def close(self) -> None:
        """The end of what was claimed: over, given back, or another's."""
        if self.lost:
            return
        if self.cancelled:
            self.end("cancelled", self.summary)
        elif self.stop.is_set() and self.worker.ended.is_set() and self.done < self.row.total:
            with self.worker.opened() as session:
                queries.release(session, self.row.id, self.row.worker)
        else:
            self.end("done", self.summary)

    def end(self, state: str, result: Mapping[str, Any]) -> None:
        with self.worker.opened() as session:
            queries.mine(session, self.row.id, self.row.worker)  # after whoever is just writing a community
            if self.row.kind == "propose":
                counted = list(queries.done(session, self.row.id).values())
                self.done = len(counted)
                result = {**result, **{one: counted.count(one) for one in sorted(set(counted))}}
                if state == "done" and counted and set(counted) == {"failed"}:
                    state = "failed"
            values = {"state": state, "said": _ended(state, self.done, self.row.total), "result": result}
            queries.end(
                session, self.row.id, self.row.worker, {**values, "done": self.done, "now": self.worker.clock()}
            )
        self.worker.told(1.0, _ended(state, self.done, self.row.total))


def _ended(state: str, done: int, total: int) -> str:
    words = {"done": "完成 done", "cancelled": "已取消 cancelled", "failed": "失败 failed"}
    return f"{words[state]}: {done}/{total}"


# --- proposals --------------------------------------------------------------------------------------------------------


def _proposal_tasks(claim: _Claim) -> list[Callable[[], None]]:
    settings = settings_of(claim.row.settings)
    boards = Boards(grounds=claim.worker.threads + 1, boards=1)
    with claim.worker.opened() as session:
        before = queries.done(session, claim.row.id)
        left = [one for one in claim.row.settings["communities"] if one not in before]
        names = queries.names(session, left)
        parts = {one.community_id: one for one in drafts.parts(session, claim.row.plan_id)}
    claim.done = len(before)

    def task(community_id: int) -> Callable[[], None]:
        name = names.get(community_id, str(community_id))
        return lambda: _community(claim, settings, boards, community_id, parts.get(community_id), name)

    return [task(one) for one in left]


def _community(
    claim: _Claim, settings: Settings, boards: Boards, community_id: int, part: PartFacts | None, name: str
) -> None:
    """One community from its sheet to the next; whatever happens to it, the others go on."""
    if claim.stop.is_set():
        return
    claim.at(name, 0.0)
    try:
        state, result = _drawn(claim, settings, boards, part, name)
    except (Cancelled, Lost):
        return
    except GridgovError as problem:
        state = "conflict" if isinstance(problem, Conflict) else "failed"
        result = _problem(problem)
    except Exception as problem:
        log.exception("job %s: community %s failed", claim.row.id, community_id)
        state, result = "failed", {"code": "failed", "en": type(problem).__name__, "zh": "划分时发生错误"}
    else:
        claim.finished(name)
        return
    try:
        with claim.worker.opened() as session:
            claim.hold(session)
            claim.report(session, community_id, state, result)
        claim.finished(name)
    except (Cancelled, Lost):
        pass


def _drawn(
    claim: _Claim, settings: Settings, boards: Boards, part: PartFacts | None, name: str
) -> tuple[str, Mapping[str, Any]]:
    """Reads, draws, writes: sheet, result and count together or not at all."""
    if part is None:
        raise NotFound("The plan no longer draws this community. 方案中已无此社区。", field="communities")
    worker = claim.worker
    with worker.opened() as session:
        part = drafts.part(session, part.id)
        ground = boards.ground(session, part.basis_id, part.count_id)
        sheet = drafts.sheet(session, part.id)
    found = draw(ground, sheet, settings, progress=lambda share: claim.at(name, share), cancelled=claim.stop.is_set)
    made_with = {"solver": SOLVER, "job": str(claim.row.id), **settings.document()}
    same = found.sheet.digest() == part.digest
    with worker.opened() as session:
        claim.hold(session)
        revision = part.revision
        if not same:
            revision = editing.redraw(
                session, asker(claim.row.asked_by), part.id, found.sheet, revision=part.revision, boards=boards,
                made_with=made_with, now=worker.clock(),
            ).revision  # fmt: skip
        result = _result(found, settings) | {"part_id": part.id, "revision": revision}
        state = "unchanged" if same else "drawn"
        claim.report(session, part.community_id, state, result)
    return state, result


def asker(account_id: int | None) -> Actor | None:
    """In whose name a job draws: that of whoever asked, who was let through then; None: the owner."""
    if account_id is None:
        return None
    return Actor(role=Role.PLANNER, account_id=account_id, reach=EVERYWHERE, grants=matrix.grants_of(Role.PLANNER))


def _result(found: Proposed, settings: Settings) -> dict[str, Any]:
    figures = found.figures
    mode = MODE_WORDS[settings.mode]
    zh = (
        f"{mode['zh']}：{figures['grids']:.0f} 个网格，{figures['within']:.0f} 个在目标范围内，"
        f"边界沿街 {figures['on_street']:.0%}，{figures['moved']:.0f} 户更换网格"
    )
    en = (
        f"{mode['en']}: {figures['grids']:.0f} grids, {figures['within']:.0f} within the band, "
        f"{figures['on_street']:.0%} of the boundaries along streets, {figures['moved']:.0f} households in another grid"
    )
    if "fewest" in figures:
        zh += f"（已证明至少须 {figures['fewest']:.0f} 户）"
        en += f" (no repair can do with fewer than {figures['fewest']:.0f})"
    return {
        "zh": zh, "en": en, "figures": dict(figures), "digest": found.sheet.digest().hex(),
        "obstacles": [one.document() for one in found.obstacles],
    }  # fmt: skip


def _problem(problem: GridgovError) -> dict[str, Any]:
    """Why nothing was written, in the words of whoever refused it."""
    changes: Sequence[Any] = problem.facts.get("changes", [])  # type: ignore[assignment]
    return {"code": problem.code, "en": problem.detail, "zh": problem.detail, "remedy": problem.remedy or "",
            "changes": list(changes)}  # fmt: skip


# --- load -------------------------------------------------------------------------------------------------------------


def _load_tasks(claim: _Claim) -> list[Callable[[], None]]:
    worker = claim.worker

    def advance(done: int, total: int) -> None:
        claim.at("load 负荷", done / max(total, 1))
        if claim.stop.is_set():
            raise Cancelled

    def count() -> None:
        with worker.opened() as session:
            ids, zone = loads.bases_of(session, claim.row.plan_id), city(session).zone
        found = counting.refresh(
            worker.seeing, worker.points, ids, zone=zone, now=worker.clock(), anew=bool(claim.row.settings["anew"]),
            advance=advance,
        )  # fmt: skip
        claim.summary = {
            "bases": found.bases, "counted": found.counted, "upto": found.upto, "settled": found.settled,
        }  # fmt: skip
        claim.done = claim.row.total

    return [count]
