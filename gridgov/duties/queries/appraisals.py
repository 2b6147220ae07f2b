"""SQL of burdens: what is admitted on areas, and the register of appraisal items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_IN_FORCE = """
    exists (select from duties_item i join duties_list l on l.id = i.list_id
            where i.admission_id = a.id and l.valid @> cast(:at as timestamptz) and i.expires_at > :at)
"""


def placed(session: Session, areas: Sequence[int], at: datetime) -> list[Row[Any]]:
    """(area_id, admission_id, agency_id, burdens) of every admission in force on these areas."""
    return list(
        session.execute(
            text(
                "select t.area_id, a.id as admission_id, a.agency_id, a.burdens from duties_admission_target t "  # noqa: S608 -- made of the constant above
                "join duties_admission a on a.id = t.admission_id "
                f"where t.area_id = any (cast(:areas as bigint[])) and {_IN_FORCE} order by 1, 2"
            ),
            {"areas": list(areas), "at": at},
        )
    )


def areas_of(session: Session, agencies: Sequence[int], at: datetime) -> list[int]:
    """Areas on which something of these agencies is in force."""
    return list(
        session.execute(
            text(
                "select distinct t.area_id from duties_admission_target t "  # noqa: S608 -- made of the constant above
                "join duties_admission a on a.id = t.admission_id "
                f"where a.agency_id = any (cast(:agencies as bigint[])) and {_IN_FORCE}"
            ),
            {"agencies": list(agencies), "at": at},
        ).scalars()
    )


_SHOWN = """
    select x.id, x.code, x.title, x.kind, x.level, x.area_id, x.document, x.agency_id, g.code as agency_code,
           g.names as agency_names, lower(x.valid) as since, upper(x.valid) as until
    from duties_appraisal x join duties_agency g on g.id = x.agency_id
"""


def in_force(session: Session, at: datetime) -> list[Row[Any]]:
    """The register at an instant, by agency and code."""
    return list(
        session.execute(text(f"{_SHOWN} where x.valid @> cast(:at as timestamptz) order by g.code, x.code"), {"at": at})
    )


def one(session: Session, appraisal_id: int) -> Row[Any] | None:
    return session.execute(text(f"{_SHOWN} where x.id = :id"), {"id": appraisal_id}).one_or_none()


def held(session: Session, agency_id: int, code: str, since: datetime, until: datetime | None) -> bool:
    """Whether the agency has an entry of this code at that time."""
    return bool(
        session.execute(
            text(
                "select exists (select from duties_appraisal where agency_id = :agency and code = :code "
                "and valid && tstzrange(:since, :until))"
            ),
            {"agency": agency_id, "code": code, "since": since, "until": until},
        ).scalar_one()
    )


def add(session: Session, values: Mapping[str, Any]) -> int:
    """Values: code, title, kind, agency_id, level, area_id, document, since, until, account, at."""
    return int(
        session.execute(
            text(
                "insert into duties_appraisal (code, title, kind, agency_id, level, area_id, document, valid, "
                "registered_by, registered_at) values (:code, :title, :kind, :agency_id, :level, :area_id, :document, "
                "tstzrange(:since, :until), :account, :at) returning id"
            ),
            dict(values),
        ).scalar_one()
    )


def end(session: Session, appraisal_id: int, account_id: int, at: datetime) -> None:
    session.execute(
        text("update duties_appraisal set valid = tstzrange(lower(valid), :at), ended_by = :account where id = :id"),
        {"id": appraisal_id, "account": account_id, "at": at},
    )
