"""`gridgov notices`: who is told of what, and what became of it, as the owner of the database."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any
from uuid import UUID

import numpy as np
import typer
from sqlalchemy import Row

from gridgov.auth.accounts import OWNER
from gridgov.cli.house import opened
from gridgov.cli.users import office
from gridgov.notices import jobs, service, subscribing
from gridgov.notices.jobs import Deliverer
from gridgov.notices.rules import BadDelivery, Channel, State
from gridgov.notices.sending import Ways
from gridgov.notices.topics import table
from gridgov.platform import clock, crypto
from gridgov.platform.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Notices: topics, webhooks, offices, deliveries (docs/notices.md).")
NOTIFIER = "notifier"

Ident = Annotated[str, typer.Argument(help="Of the delivery, as `list` shows it.")]
Number = Annotated[int, typer.Argument(help="Of the subscription, as `subscriptions` shows it.")]
Reason = Annotated[str, typer.Option(help="Why; the trail keeps it.")]
Topic = Annotated[list[str], typer.Option(help="Such as case.closed, case.* or *. Repeatable.")]


@app.command()
def topics() -> None:
    """The table: whom each topic is for, and its text."""
    print(table())


@app.command("list")
def list_(
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    channel: Annotated[Channel | None, typer.Option(help="Only by this channel.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Most lines.")] = 100,
) -> None:
    """Deliveries, newest first."""
    with office() as at:
        for row in service.find(at.session, state=state, channel=channel and channel.value, limit=limit):
            print(_line(row))


@app.command()
def show(ident: Ident) -> None:
    """One delivery."""
    with office() as at:
        row = service.one(at.session, _uuid(ident))
    for name in ("id", "channel", "target", "topic", "key", "state", "attempts", "made_at", "next_at", "ended_at",
                 "problem", "parts", "reason"):  # fmt: skip
        print(f"{name}\t{getattr(row, name)}")


@app.command()
def retry(ident: Ident, reason: Reason) -> None:
    """Try a delivery again that ended without success; or one that waits, now."""
    with office() as at:
        print(_line(service.retry(at.session, _uuid(ident), reason=reason, now=at.now)))


@app.command("give-up")
def give_up(ident: Ident, reason: Reason) -> None:
    """End a delivery that waits or is dead."""
    with office() as at:
        print(_line(service.give_up(at.session, _uuid(ident), reason=reason, now=at.now)))


@app.command()
def subscriptions() -> None:
    """Webhooks and offices, without what is secret."""
    with office() as at:
        for webhooks in (True, False):
            after = 0
            while page := subscribing.page(at.session, webhooks=webhooks, after=after, limit=500):
                for one in page:
                    over = "ended" if one.ended_at else "counts"
                    print(
                        f"{one.id}\t{one.channel}\t{over}\t{one.label}\t{one.url or one.body}\t{' '.join(one.topics)}"
                    )
                after = page[-1].id


@app.command("add-webhook")
def add_webhook(
    url: Annotated[str, typer.Argument(help="Where to; its host stands in GRIDGOV_WEBHOOK_HOSTS.")],
    label: Annotated[str, typer.Option(help="Whom it is for.")],
    topic: Topic,
    source: Annotated[str | None, typer.Option(help="Another system: it is told of its own orders alone.")] = None,
) -> None:
    """Make a webhook. Its secret is printed once, and kept sealed."""
    with office() as at:
        made = subscribing.add_webhook(
            at.session,
            OWNER,
            label=label,
            url=url,
            topics=topic,
            source=source,
            allowed=at.house.channels.hosts,
            sealer=at.house.sealer,
            now=at.now,
        )
    print(f"{made.id}\t{made.secret}")


@app.command("add-office")
def add_office(
    channel: Annotated[Channel, typer.Argument(help="mail or sms.")],
    body: Annotated[str, typer.Option(help="Whose office: agency:7, area:3:centre_operator.")],
    label: Annotated[str, typer.Option(help="Which desk it is.")],
    topic: Topic,
) -> None:
    """Tell an office on duty too. Its mailbox or number is asked for; it is kept sealed."""
    destination = typer.prompt("Mailbox or number of the office, not of a person")
    with office() as at:
        made = subscribing.add_office(
            at.session,
            OWNER,
            channel=channel,
            label=label,
            body=body,
            destination=destination,
            topics=topic,
            sealer=at.house.sealer,
            now=at.now,
        )
    print(made.id)


@app.command()
def rotate(number: Number) -> None:
    """Give a webhook a new secret, printed once; the one before counts for another day."""
    with office() as at:
        made = subscribing.rotate(at.session, number, sealer=at.house.sealer, now=at.now)
    print(f"{made.id}\t{made.secret}")


@app.command()
def ping(number: Number) -> None:
    """Send a test by the ordinary way."""
    with office() as at:
        print(subscribing.ping(at.session, number, now=at.now))


@app.command()
def end(number: Number) -> None:
    """A webhook or an office is told nothing any more."""
    with office() as at:
        subscribing.end(at.session, number, now=at.now)
    print(f"The subscription {number} has ended.")


@app.command()
def work() -> None:
    """Do now what a server does all the time: fan out what waits, send what is due; then stop."""
    with opened(Settings.load()) as house:
        events, more = 0, 1
        while more:
            with house.internally(NOTIFIER) as session:
                more = jobs.fan_out(session, house.app.city, now=clock.utcnow())
            events += more
        rng = np.random.default_rng(int.from_bytes(crypto.new_salt())).random
        way = Deliverer(Ways(partial(house.internally, NOTIFIER), house.channels, house.sealer), clock.utcnow, rng)
        tried = 0
        while done := way.step():
            tried += done
    print(f"{events} events, {tried} deliveries tried")


def _line(row: Row[Any]) -> str:
    said = row.problem or ""
    return f"{row.id}\t{row.made_at:%Y-%m-%d %H:%M}\t{row.channel}\t{row.state}\t{row.attempts}\t{row.topic}\t{said}"


def _uuid(ident: str) -> UUID:
    try:
        return UUID(ident)
    except ValueError:
        raise BadDelivery(
            "This is no id of a delivery.", field="id", remedy="Take it from “gridgov notices list”."
        ) from None
