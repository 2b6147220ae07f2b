"""What a case file holds. Pure.

Owns the parts of a file. Does not own how events change them (`applying`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gridgov.cases.clocks import Clock, late
from gridgov.cases.rules import (
    ENDED,
    SUMMONS_ENDED,
    Action,
    Body,
    Ground,
    Kind,
    Part,
    State,
    SummonsState,
)


@dataclass(frozen=True, slots=True)
class Timed:
    """A clock of the file: of the case (`summons` 0) or of a summons; `seq`: of the event that started it; `body`:
    whom it runs against."""

    seq: int
    summons: int
    clock: Clock
    body: Body | None = None
    paused_by: Action | None = None


@dataclass(frozen=True, slots=True)
class Rating:
    """一事一评: `speed` follows from the clocks, `quality` 1 to 5 is given with a reason. `seq`: of its event;
    `corrects`: of the rating's that it stands for."""

    seq: int
    at: datetime
    quality: int
    speed: int
    final: bool
    period: str = ""
    corrects: int | None = None


@dataclass(frozen=True, slots=True)
class Joint:
    """联合行动: one meeting. `leads`: (enforcement | law | safeguard, agency); `present`: agencies that came."""

    number: int
    whistle: int
    seq: int
    place: str
    time: str
    leads: tuple[tuple[str, int], ...] = ()
    present: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Summons:
    """One body called by a whistle. `before`: where it stood when a return was asked for."""

    number: int
    whistle: int
    body: Body
    part: Part
    state: SummonsState
    called_at: datetime
    signed_at: datetime | None = None
    contacted_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: Action | None = None
    declined: int = 0
    refused: bool = False
    reworks: int = 0
    ratings: tuple[Rating, ...] = ()
    extension: str | None = None  # the limit that was asked for, while it waits
    extensions: int = 0

    @property
    def rating(self) -> Rating | None:
        """The one that counts: the final one, or the last that corrects it."""
        return next((one for one in reversed(self.ratings) if one.final or one.corrects is not None), None)


@dataclass(frozen=True, slots=True)
class Whistle:
    """吹哨: one at a time, several over a case's life."""

    number: int
    kind: Kind
    ground: Ground
    at: datetime
    ended_at: datetime | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """A back-office task of one body."""

    number: int
    body: Body
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What a case is after its events; `version` is the number of the last one."""

    id: UUID
    channel: str
    state: State
    version: int
    opened_at: datetime
    changed_at: datetime
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    holder: Body | None = None
    first: Body | None = None  # 首接负责
    level: str | None = None  # of the tier that has it now
    verified: bool | None = None
    on_spot: bool = False
    forced: bool = False
    before: State | None = None  # before it was merged
    merged_into: UUID | None = None
    extension: str | None = None
    extensions: int = 0
    suspension_asked: bool = False
    suspended_until: str | None = None
    suspensions: int = 0
    declined: int = 0
    returns: int = 0
    reworks: int = 0
    hops: int = 0
    disputes: int = 0
    reopened: int = 0
    replied_at: datetime | None = None
    fed_back_at: datetime | None = None
    whistles: tuple[Whistle, ...] = ()
    summons: tuple[Summons, ...] = ()
    tasks: tuple[Task, ...] = ()
    timed: tuple[Timed, ...] = ()
    joints: tuple[Joint, ...] = ()
    risks: tuple[str, ...] = ()  # points of the item that need one more approval (廉政风险点)
    approval_by: int | None = None  # who asked for it, while it waits
    approved: bool = False

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def agencies(self) -> tuple[int, ...]:
        """Agencies that take part: the holder, the first to receive, who is summoned and not released, who has a task,
        who answered."""
        bodies = [self.holder, self.first, *(t.body for t in self.tasks)]
        bodies += [s.body for s in self.summons if s.state not in (SummonsState.RELEASED, SummonsState.WITHDRAWN)]
        return tuple(sorted({b.agency_id for b in bodies if b is not None and b.agency_id is not None}))

    def call(self, number: int | None) -> Summons | None:
        return next((one for one in self.summons if one.number == number), None)

    @property
    def open_summons(self) -> tuple[Summons, ...]:
        return tuple(one for one in self.summons if one.state not in SUMMONS_ENDED)

    def running(self) -> tuple[Timed, ...]:
        """Clocks that run now."""
        return tuple(one for one in self.timed if one.clock.ended_at is None and one.clock.running_since is not None)

    @property
    def next_due(self) -> datetime | None:
        """When the next running clock is due."""
        return min((one.clock.due_at for one in self.running()), default=None)

    @property
    def asking(self) -> bool:
        """Whether an extension or a suspension waits for an answer."""
        waits = self.extension is not None or self.suspension_asked
        return not self.ended and (waits or any(one.extension is not None for one in self.open_summons))

    @property
    def next_yellow(self) -> datetime | None:
        """When the first running clock shows yellow."""
        return min((one.clock.yellow_at for one in self.running()), default=None)

    @property
    def late_from(self) -> datetime | None:
        """After this instant the case is overdue: when the first clock that ended late, or that runs, was or is due."""
        ended = (one for one in self.timed if one.clock.ended_at is not None and late(one.clock, one.clock.ended_at))
        return min((one.clock.due_at for one in (*ended, *self.running())), default=None)

    def clock(self, name: str, summons: int = 0) -> Timed | None:
        """The newest clock of this name, if it has not ended."""
        found = [t for t in self.timed if t.clock.name == name and t.summons == summons and t.clock.ended_at is None]
        return found[-1] if found else None
