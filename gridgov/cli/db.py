"""`gridgov db`: the private cluster and the form of the database."""

from __future__ import annotations

import typer

from gridgov.bootstrap import prepare
from gridgov.cli.house import DATABASE, database
from gridgov.platform.cluster import Cluster
from gridgov.platform.settings import Settings

app = typer.Typer(no_args_is_help=True, help="The private database cluster, and migrations.")


@app.command()
def migrate() -> None:
    """Bring the database to the present form. Safe to repeat."""
    settings = Settings.load()
    with database(settings) as url:
        prepare(url, settings.city, settings.home, said=print)
    print("The database is up to date.")


@app.command()
def start() -> None:
    """Start the private cluster and leave it running."""
    cluster = Cluster(Settings.load().home)
    cluster.start(keep=True)
    cluster.create_database(DATABASE)
    print(cluster.url(DATABASE))


@app.command()
def stop() -> None:
    """Stop the private cluster, whoever uses it."""
    Cluster(Settings.load().home).stop(force=True)
    print("The cluster is stopped.")


@app.command()
def status() -> None:
    """Say how the private cluster stands."""
    seen = Cluster(Settings.load().home).status()
    print(f"{seen.state}{f', PostgreSQL {seen.major}' if seen.major else ''}{f', pid {seen.pid}' if seen.pid else ''}")
