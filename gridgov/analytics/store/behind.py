"""Why counts do not follow just now, in words for those who read them. Pure.

Owns the reasons. Does not own when one holds (`store`).

`View.behind` is a reason's code, and after a blank the months that it is about: `reading 2026-03, 2026-04`.
"""

from __future__ import annotations

from collections.abc import Mapping

READING, DISK_FULL = "reading", "disk-full"
REASONS: Mapping[str, Mapping[str, str]] = {
    READING: {
        "zh": "下列月份有大批变更，正在重新读取，其数字暂为变更之前的：{months}。",
        "en": "Months that were changed in bulk are being read anew; until then they count as before: {months}.",
    },
    DISK_FULL: {
        "zh": "磁盘已满，统计停留在此前的时刻；上报不受影响。{months}",
        "en": "The disk is full, and counts stay as they were; reports are taken as ever. {months}",
    },
}


def said(behind: str) -> dict[str, str]:
    """Both languages of `View.behind`; nothing for nothing."""
    if not behind:
        return {}
    code, _, months = behind.partition(" ")
    return {language: text.format(months=months).strip() for language, text in REASONS[code].items()}
