"""SQL of what a city sets. Private to the domain."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session


def put(session: Session, name: str, value: Any) -> None:
    session.execute(
        text(
            "insert into cases_setting (name, value) values (:name, cast(:value as jsonb)) "
            "on conflict (name) do update set value = excluded.value"
        ),
        {"name": name, "value": json.dumps(value, ensure_ascii=False)},
    )


def forget(session: Session, name: str) -> None:
    session.execute(text("delete from cases_setting where name = :name"), {"name": name})
