"""How long things may take: classes of retention (of this package, contacts and photos), and deadlines. Pure.

Numbers that no rule gives are choices of this product, and say so. A city sets its own in `privacy_limit`, by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from gridgov.platform.personal import Retention
from gridgov.privacy.deadlines import Limit

_THREE_YEARS = "a choice: three years, as article 56 has assessments kept, so that it can be shown what was done"

REPORTER_CONTACT = Retention(
    "reporter-contact",
    730,
    "created_at",
    "the report was received",
    "a choice: two years, so that a matter that comes back can be answered; article 19 gives no number",
)
CONSENT_RECORD = Retention("consent-record", 1095, "withdrawn_at", "the consent was withdrawn", _THREE_YEARS)
PHOTO_POSITION = Retention(
    "photo-position",
    365,
    "created_at",
    "the photo was stored",
    "a choice: one year, the span of an appraisal in which it may be disputed where a photo was taken",
)
REQUEST_RECORD = Retention("request-record", 1095, "ended_at", "the request was answered", _THREE_YEARS)


ANSWER = Limit(
    "request-answer",
    15,
    "articles 45 and 46 say “in good time” (及时); fifteen working days are the bound for applications in "
    "《App违法违规收集使用个人信息行为认定方法》 (国信办秘字〔2019〕191号), section 6",
    working=True,
)
EXTENSION = Limit("request-extension", 15, "a choice: the same span once more, once, with a reason", working=True)
DEADLINES = (ANSWER, EXTENSION)

Limits = Mapping[str, Limit]  # what a city has set otherwise, by name


def limit_of(kept: Retention, limits: Limits) -> Limit:
    """The limit in force for a class: the city's, else the product's."""
    return limits.get(kept.name, Limit(kept.name, kept.days, kept.source))


def past(kept: Retention, limits: Limits, now: datetime) -> datetime:
    """What began to count at this instant or before is past its retention at `now`."""
    return now - timedelta(days=limit_of(kept, limits).days)
