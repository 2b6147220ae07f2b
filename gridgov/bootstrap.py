"""Composition root: puts settings, database and the process-wide indexes together.

Owns no behaviour of a domain. The API and the CLI take a `House` from here; nothing below knows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import UUID
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gridgov.analytics.store.cube import Cubes
from gridgov.analytics.store.store import Store as Counts
from gridgov.analytics.tilecache import TileCache
from gridgov.analytics.under import Relocations
from gridgov.areas.index import AreaIndex
from gridgov.areas.locator import Locator, NoAreas
from gridgov.areas.places import Places
from gridgov.areas.redrawing import keep_boundaries
from gridgov.areas.rules import Level, unit_of
from gridgov.auth import metering
from gridgov.auth.context import binding, internal_binding, naming, taking_on, together
from gridgov.auth.credentials import NOBODY, Credential, Known, PostEnded, known, known_together
from gridgov.auth.grants import LOGIN
from gridgov.auth.grants import form as grants_form
from gridgov.auth.install import install
from gridgov.auth.oidc import Provider
from gridgov.auth.rules import EVERYWHERE, NOWHERE, Actor, Reach, Role
from gridgov.basemap.service import Basemap
from gridgov.cases import service as cases
from gridgov.cases.duty import Lists
from gridgov.cases.service import Setting as CaseSetting
from gridgov.cases.surroundings import StoredSurroundings
from gridgov.duties.agencies import AgencyTree
from gridgov.duties.router import Router
from gridgov.incidents import tables as incidents_tables
from gridgov.incidents.contacts import Contacts
from gridgov.incidents.positions import Positions
from gridgov.incidents.tally import Tally
from gridgov.interop import followers
from gridgov.interop.plans import apart as plan_files
from gridgov.notices.channels import Channels
from gridgov.planning.drafts import Boards
from gridgov.planning.overview import Overviews
from gridgov.platform import citus, clock, images, migrate, request, sheets
from gridgov.platform.calendars import Calendar
from gridgov.platform.crypto import Sealer
from gridgov.platform.days import Days
from gridgov.platform.db import POOL, Base, Database, revisions, say
from gridgov.platform.leases import Leases
from gridgov.platform.migrate import upgrade
from gridgov.platform.sandbox import Sandbox
from gridgov.platform.signing import Signer
from gridgov.platform.storage import Storage
from gridgov.privacy import tables as privacy_tables
from gridgov.privacy.holdings import Holding
from gridgov.privacy.records import Consents, Requests

_MAPPED = (incidents_tables, privacy_tables)  # read, so that METADATA knows every table that holds personal data
METADATA = Base.metadata
# Who answers for personal data; every table with marked columns belongs to one of them.
HOLDINGS: tuple[Holding, ...] = (Contacts(), Positions(), Consents(), Requests())
# Who follows new boundaries, in this order.
FOLLOWERS = followers.FOLLOWERS
PUBLIC_LEAST = 5
CHOOSING = frozenset({"session.own", "session.open"})  # what a session may do between two posts
# What goes by every area below the post's, not by units and places.
BY_AREAS = frozenset({"posts.read", "plans.edit", "plans.publish", "alerts.read", "alerts.edit"})


@dataclass(frozen=True, slots=True)
class Caller:
    """A request before anybody is known: what was shown, and the permission that the route needs."""

    permission: str
    credential: Credential | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """A transaction bound to its actor; `marks` are the revisions that it sees, `areas` the ids of the post's area and
    of all below it, for the permissions that go by them."""

    session: Session
    actor: Actor
    marks: dict[str, int]
    now: datetime
    areas: tuple[int, ...] = ()

    @property
    def reach(self) -> Reach:
        """How far incidents may be read or counted in this transaction."""
        return self.actor.reach

    def become(self, role: str) -> None:
        """From now on the transaction works as an internal role, in the name of the same account and for the same
        incident: for whoever was let through to one case, and works on it."""
        say(self.session, taking_on(role))

    def name(self, incident: UUID) -> None:
        """From now on the transaction is about another incident: for whoever takes several reports at once."""
        say(self.session, naming(incident))


@dataclass(frozen=True, slots=True)
class Together:
    """A transaction for several requests: who acts in each, None for one that is to be asked alone. Their reach has not
    been worked out: for what goes everywhere or needs none."""

    session: Session
    actors: list[Actor | None]
    marks: dict[str, int]
    now: datetime

    @property
    def work(self) -> Work:
        """The same as a transaction of nobody's, for what does not depend on who acts."""
        return Work(self.session, NOBODY, self.marks, self.now)

    def bind(self, role: str, hands: Mapping[UUID, Actor]) -> None:
        """From now on it works as an internal role, on these incidents, each in the name of its actor."""
        say(self.session, together(role, hands))


@dataclass(frozen=True)
class House:
    """Everything a request or a command needs, made once a process.

    `db` is the owner's way in: for commands, migrations and work that nobody asked for. Requests go by `acting`.
    """

    db: Database
    app: Database
    locator: Locator
    places: Places
    router: Router
    sealer: Sealer
    signer: Signer
    storage: Storage
    home: Path
    counts: Counts  # from memory, as of what was committed last
    cubes: Cubes = field(default_factory=Cubes)  # sums beside them
    relocations: Relocations = field(default_factory=Relocations)  # where they lie by other boundaries
    agencies: AgencyTree = field(default_factory=AgencyTree)
    days: Days = field(default_factory=Days)
    case_rules: cases.KeptRules = field(default_factory=cases.KeptRules)
    tiles: TileCache = field(default_factory=TileCache)
    tally: Tally = field(default_factory=Tally)
    examiner: Sandbox = field(default_factory=images.examiner)
    sheets: Sandbox = field(default_factory=sheets.reader)
    plan_files: Sandbox = field(default_factory=plan_files.reader)
    meter: Leases = field(default_factory=metering.meter)  # of tokens
    provider: Provider | None = None  # where else than here people sign in
    public_least: int = PUBLIC_LEAST  # counts below it are not public
    boards: Boards = field(default_factory=Boards)  # plans that are drawn just now
    overviews: Overviews = field(default_factory=Overviews)  # and looked at
    channels: Channels = field(default_factory=Channels)  # by which somebody outside is told
    basemap: Basemap | None = None  # of a provider, where one is set up
    commons: Database | None = None  # on a cluster: requests' way to what cities share
    forming: Database | None = None  # on a cluster: the owner's way to the form of tables

    @contextmanager
    def acting(self, caller: Caller, *, incident: UUID | None = None, timeout_ms: int = 0) -> Iterator[Work]:
        """A transaction of the API: finds out who asks, refuses or binds it to the actor, then hands it over.

        `incident` names the one incident that the request is about; `timeout_ms` allows a statement another time than
        `platform.db.LIMITS_MS`. Raises `SessionEnded`, `PostEnded`, `NotSignedIn`, `NotYours`.
        """
        now = clock.utcnow()
        with self.app.transaction() as session:
            actor, marks = self._actor(session, caller, now)
            request.acted_by(actor.account_id, actor.post_id)
            actor.require(caller.permission)
            areas = self._areas_below(session, actor, marks, now) if caller.permission in BY_AREAS else ()
            bound = binding(actor, caller.permission, incident=incident, areas=areas, timeout_ms=timeout_ms)
            say(session, bound)
            yield Work(session, replace(actor, reach=actor.reach_of(caller.permission)), marks, now, areas)

    @contextmanager
    def acting_together(self, callers: Sequence[Caller]) -> Iterator[Together]:
        """A transaction for several requests at once, with who of them is known and may do what they ask for; the
        others are to ask alone, and hear why not. No boundary plan takes effect until it ends.

        It works as nobody in particular until it is bound (`auth.context.together`) to what is done by whom.
        """
        now = clock.utcnow()
        with self.app.transaction() as session:
            keep_boundaries(session)
            found = known_together(session, [one.credential for one in callers if one.credential], now)
            marks = next((dict(one.marks) for one in found.values()), {})
            actors = [self._let(found.get(one.credential) if one.credential else None, one) for one in callers]
            yield Together(session, actors, marks, now)

    @staticmethod
    def _let(found: Known | None, caller: Caller) -> Actor | None:
        """Whoever is known, has a post and the permission."""
        let = found is not None and found.in_post and found.actor.may(caller.permission)
        return found.actor if let and found is not None else None

    @contextmanager
    def internally(self, role: str, *, incident: UUID | None = None) -> Iterator[Session]:
        """A transaction of the platform's own, as one of its internal roles."""
        with _internally(self.app, role, incident=incident) as session:
            yield session

    def count_token(self, token: Credential, now: datetime) -> None:
        """Counts a request of a token that is known to be one. Raises `RateLimited`."""
        self.meter.take(partial(self.internally, "door"), metering.key(self.sealer, token), now)

    def zone(self, work: Work) -> ZoneInfo:
        """The city's time zone. Raises `CityUnknown`."""
        return self.locator.city(work.session, revision=work.marks.get("areas", 0)).zone

    def calendar(self, work: Work) -> Calendar:
        """The city's calendar: days, working hours, zone. Raises `CityUnknown`."""
        return self.days.calendar(work.session, self.zone(work), revision=work.marks.get("calendar", 0))

    def case_setting(self, work: Work) -> CaseSetting:
        """What decisions about cases rest on in this transaction."""
        return CaseSetting(
            calendar=self.calendar(work),
            rules=self.case_rules.rules(work.session, work.marks),
            locator=self.locator,
            lists=Lists(self.router, self.agencies),
            marks=work.marks,
            now=work.now,
        )

    @contextmanager
    def casework(self, case_id: UUID) -> Iterator[tuple[Session, CaseSetting]]:
        """A transaction of the platform's own that works on one case, and what decisions rest on in it."""
        with self.internally("casework", incident=case_id) as session:
            work = Work(session, NOBODY, revisions(session), clock.utcnow())
            yield session, self.case_setting(work)

    @contextmanager
    def shared(self, role: str) -> Iterator[Session]:
        """As `internally`, where what the cities of an installation share is written: on a cluster the coordinator."""
        with (self.commons or self.app).transaction() as session:
            say(session, internal_binding(role))
            yield session

    def close(self) -> None:
        for more in (self.commons, self.forming):
            if more is not None:
                more.close()
        self.examiner.close()
        self.sheets.close()
        self.plan_files.close()
        if self.basemap is not None:
            self.basemap.close()
        self.counts.close()
        self.db.close()
        self.app.close()

    def _actor(self, session: Session, caller: Caller, now: datetime) -> tuple[Actor, dict[str, int]]:
        if caller.credential is None:
            return NOBODY, revisions(session)
        found = known(session, caller.credential, now)
        if caller.credential.kind == "token" and not request.counted():
            self.count_token(caller.credential, now)
        marks = dict(found.marks)
        if not found.in_post and caller.permission not in CHOOSING:
            raise PostEnded(
                "This session has no post that is in force now.",
                remedy="Choose another of your posts, or ask an administrator to appoint you.",
            )
        return self._placed(session, found, marks, now), marks

    def _areas_below(self, session: Session, actor: Actor, marks: dict[str, int], now: datetime) -> tuple[int, ...]:
        """Ids of the post's area and of every one below it, by the boundaries in force now."""
        if actor.area_id is None or actor.lost:
            return ()
        index = self.locator.index(session, now, revision=marks.get("areas", 0))
        return tuple(one.id for one in index.descendants(actor.area_id))

    def _placed(self, session: Session, found: Known, marks: dict[str, int], now: datetime) -> Actor:
        """The actor with its reach by the boundaries and agencies in force now."""
        actor = found.actor
        if actor.agency_id is not None:
            below = self.agencies.under(session, actor.agency_id, revision=marks.get("duties", 0))
            return replace(actor, reach=Reach(agencies=below), lost=not below)
        if actor.area_id is None:
            return replace(actor, reach=EVERYWHERE) if actor.post_id is not None else actor
        try:
            index = self.locator.index(session, now, revision=marks.get("areas", 0))
        except NoAreas:
            return replace(actor, reach=NOWHERE, lost=True)
        reach = area_reach(index, actor.area_id)
        if actor.role is Role.SUBDISTRICT_LEADER and not reach.city and not reach.empty:
            stationed = self.agencies.stationed_in(
                session, (*reach.units, *reach.places), revision=marks.get("duties", 0)
            )
            reach = replace(reach, agencies=stationed)
        return replace(actor, reach=reach, lost=reach.empty)


@contextmanager
def _internally(app: Database, role: str, *, incident: UUID | None = None) -> Iterator[Session]:
    with app.transaction() as session:
        say(session, internal_binding(role, incident=incident))
        yield session


_REACHES: WeakKeyDictionary[AreaIndex, dict[int, Reach]] = WeakKeyDictionary()


def area_reach(index: AreaIndex, area_id: int) -> Reach:
    """What a post in an area reaches by the boundaries in force; nothing where the area is not among them.

    Worked out once for each version of the boundaries: a district of many grids takes longer than a request may.
    """
    kept = _REACHES.setdefault(index, {})
    if area_id not in kept:
        kept[area_id] = _reach(index, area_id)
    return kept[area_id]


def _reach(index: AreaIndex, area_id: int) -> Reach:
    area = index.get(area_id)
    if area is None:
        return NOWHERE
    if area.level == Level.CITY:
        return Reach(city=True)
    below = index.descendants(area_id)
    path = index.path_of(area_id)
    unit = unit_of(path)
    if unit is not None and unit.id != area_id:  # below a unit
        return Reach(places=tuple(one.id for one in below))
    units = [one for one in below if (found := unit_of(index.path_of(one.id))) is not None and found.id == one.id]
    return Reach(units=tuple(one.id for one in units))


def build(
    database_url: str,
    city: str,
    home: Path,
    *,
    app_url: str | None = None,
    provider: Provider | None = None,
    storage: Storage | None = None,
    public_least: int = PUBLIC_LEAST,
    channels: Channels | None = None,
    basemap: Basemap | None = None,
    pool_size: int = POOL,
    cluster: bool = False,
) -> House:
    """A house for one city. Indexes are built at first use and whenever what they come from has changed.

    `app_url`: where and as whom the API's transactions log in; default: the same database, as `gridgov_app`.
    `storage`: where photos lie; default: in the home folder. `public_least`: counts below it are not public.
    `channels`: by which somebody outside the platform is told; default: none. `pool_size`: connections that each of its
    two pools keeps; fewer where several cities share a process. `cluster`: the address is a coordinator's, and the
    city's schema lies on a node.
    """
    sealer = Sealer.from_home(home)
    lying = citus.Lying(database_url, city) if cluster else None
    login, password = (None, None) if app_url is not None else (LOGIN, sealer.password(LOGIN))
    requests = partial(Database, app_url or database_url, city, login=login, password=password, requests=True)
    app = requests(pool_size=pool_size, lying=lying)
    locator = Locator()
    return House(
        db=Database(database_url, city, pool_size=pool_size, lying=lying),
        app=app,
        locator=locator,
        places=Places(),
        router=Router(locator),
        sealer=sealer,
        signer=Signer.from_home(home),
        storage=storage or Storage.in_folder(home),
        home=home,
        counts=Counts(home / "counts" / city, partial(_internally, app, "counter"), now=clock.utcnow),
        provider=provider,
        public_least=public_least,
        channels=channels or Channels(),
        boards=Boards(surroundings=StoredSurroundings(partial(_internally, app))),
        basemap=basemap,
        commons=requests(pool_size=1) if cluster else None,
        forming=Database(database_url, city, pool_size=1) if cluster else None,
    )


def prepare(database_url: str, city: str, home: Path, *, said: Callable[[str], None] = lambda _: None) -> None:
    """Brings a database to the present form: migrations, then roles, grants and policies. Safe to repeat.

    On a cluster a schema that is in another form is gathered on the coordinator, altered there, and given back.
    """
    home.mkdir(parents=True, exist_ok=True)
    password = Sealer.from_home(home).password(LOGIN)
    if not citus.is_cluster(database_url):
        upgrade(database_url, city, said=said)
        said("permissions")
        install(database_url, city, password=password)
        return
    wanted = f"{migrate.form()} {grants_form(city)}"
    with citus.alone(database_url):
        found = citus.formed(database_url, city)
        if found == wanted:
            return
        if found is not None:
            said("gathered from its node")
            citus.gather(database_url, city)
        citus.extend(database_url, migrate.EXTENSIONS)
        upgrade(citus.local(database_url), city, said=said)
        said("permissions")
        install(database_url, city, password=password)
        said("given to a node")
        citus.distribute(database_url, city)
        citus.remember(database_url, city, wanted)
