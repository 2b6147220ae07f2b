"""Papers that are handed to people: the written reply and the receipt of the front desk, as pages to print. Pure.

Owns their form. Does not own their numbers (`exchange`), nor who may have them. What people wrote is escaped; the pages
carry no script and ask for nothing from elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from zoneinfo import ZoneInfo

STYLE = (
    "body{font-family:serif;max-width:42em;margin:3em auto;line-height:1.8;color:#000}"
    "h1{text-align:center;font-size:1.6em;letter-spacing:.2em}.no{text-align:center}.text{white-space:pre-wrap;"
    "text-indent:2em}.end{text-align:right}table{width:100%;border-collapse:collapse}td,th{border:1px solid #000;"
    "padding:.3em .6em;text-align:left;font-weight:normal}@page{size:A4;margin:25mm}"
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A written reply. `title`: its number; `body`: who answers."""

    title: str
    number: str
    category: str
    opened_at: datetime
    text: str
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A back-office task as the receipt shows it."""

    number: int
    body: str
    due_at: datetime | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeskReceipt:
    """The one receipt of a front desk. `service`: the item of the service catalogue; `secret`: for whoever took it."""

    number: str
    category: str
    service: str | None
    opened_at: datetime
    state: str
    due_at: datetime | None
    visits: int
    tasks: Sequence[TaskLine]
    secret: str | None = None


def title_of(prefix: str, year: int, serial: int) -> str:
    """The number of a paper, in the form of 文号 (GB/T 9704): 网格复字〔2026〕12号."""
    return f"{prefix}〔{year}〕{serial}号"


def reply_page(reply: Reply, zone: ZoneInfo) -> str:
    """A written reply (书面答复), addressed to nobody by name."""
    rows = [
        ("事项编号", reply.number),
        ("事项类别", reply.category),
        ("受理时间", _minute(reply.opened_at, zone)),
    ]
    return _page(
        "关于反映事项的答复",
        f'<p class="no">{escape(reply.title)}</p>{_table(rows)}<p>尊敬的反映人：</p>'
        f'<p class="text">{escape(reply.text)}</p>'
        f'<p class="end">{escape(reply.body)}<br>{_day(reply.at.astimezone(zone).date())}</p>',
    )


def receipt_page(receipt: DeskReceipt, zone: ZoneInfo) -> str:
    """The receipt of one desk for all that happens behind it (前台+后台, 一窗受理)."""
    rows = [("受理编号", receipt.number), ("事项类别", receipt.category)]
    rows += [("服务事项", receipt.service)] if receipt.service else []
    rows += [("受理时间", _minute(receipt.opened_at, zone)), ("当前状态", receipt.state)]
    rows += [("办理时限", _minute(receipt.due_at, zone))] if receipt.due_at else []
    rows += [("到场次数", str(receipt.visits))]
    rows += [("查询码", receipt.secret)] if receipt.secret else []
    tasks = "".join(
        f"<tr><td>{one.number}</td><td>{escape(one.body)}</td>"
        f"<td>{_minute(one.due_at, zone) if one.due_at else '—'}</td>"
        f"<td>{'已办结 ' + _minute(one.done_at, zone) if one.done_at else '办理中'}</td></tr>"
        for one in receipt.tasks
    )
    behind = f"<h2>后台任务</h2><table><tr><th>序号</th><th>办理单位</th><th>时限</th><th>状态</th></tr>{tasks}</table>"
    return _page("受理回执", _table(rows) + (behind if receipt.tasks else ""))


def _page(title: str, inner: str) -> str:
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><h1>{escape(title)}</h1>{inner}</body></html>"
    )


def _table(rows: Sequence[tuple[str, str]]) -> str:
    lines = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    return f"<table>{lines}</table>"


def _minute(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
