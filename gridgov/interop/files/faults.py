"""Why one row cannot be taken: a machine name, the column, the value, and a sentence in both languages.

Owns the table of reasons. Does not own where they are written (`interop/problems.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gridgov.platform.errors import BadInput

# code -> (Chinese, English); facts are filled in by name. docs/import.md prints this table.
REASONS: Mapping[str, tuple[str, str]] = {
    "value-missing": ("此列不能为空", "this column must not be empty"),
    "value-too-long": ("内容超过 {limit} 个字符", "longer than {limit} characters"),
    "value-has-nul": ("内容含有空字符(NUL)", "holds a NUL character"),
    "not-a-number": ("不是数字", "is not a number"),
    "not-an-integer": ("不是整数", "is not a whole number"),
    "number-out-of-range": ("数值应在 {least} 与 {most} 之间", "must lie between {least} and {most}"),
    "not-a-time": ("不是可识别的时间", "is not a time that can be read"),
    "time-impossible": ("时间早于 {earliest} 年或晚于现在", "lies before {earliest} or in the future"),
    "not-a-choice": ("不是可选值:{choices}", "is not one of {choices}"),
    "row-too-short": ("此行有 {found} 列,表头有 {expected} 列", "has {found} fields where the header has {expected}"),
    "row-too-long": ("此行有 {found} 列,表头有 {expected} 列", "has {found} fields where the header has {expected}"),
    "feature-broken": ("不是合法的要素(Feature)", "is not a Feature"),
    "geometry-missing": ("没有几何图形或坐标", "has no geometry or coordinates"),
    "geometry-broken": ("几何图形无法读取:{detail}", "the geometry cannot be read: {detail}"),
    "geometry-of-other-kind": (
        "几何类型为 {found},此处需要 {expected}",
        "the geometry is a {found}; here a {expected} is needed",
    ),
    "coordinate-not-a-number": ("坐标不是有限的数值", "a coordinate is not a finite number"),
    "coordinate-out-of-range": (
        "坐标 ({x}, {y}) 超出经纬度范围",
        "({x}, {y}) is outside the range of longitude and latitude",
    ),
    "coordinate-swapped": (
        "坐标 ({x}, {y}) 超出范围,经度与纬度可能颠倒",
        "({x}, {y}) is out of range; longitude and latitude look swapped",
    ),
    "coordinate-zero": (
        "坐标为 0,0,通常表示没有定位",
        "the coordinates are 0, 0, which usually means that there was no position",
    ),
    "coordinate-outside-crs": (
        "坐标 ({x}, {y}) 不在 {crs} 的适用范围内",
        "({x}, {y}) does not lie where {crs} is used",
    ),
    "polygon-not-repairable": (
        "多边形无效且无法修复:{word}({detail})",
        "the polygon cannot be taken ({word}): {detail}",
    ),
    "parts-missing": ("路线在文件中的节点不足两个", "fewer than two of its nodes are in the extract"),
    "rings-open": ("轮廓不闭合,或部分成员不在文件中", "its rings do not close, or parts are missing in the extract"),
    "code-repeated": (
        "编码 {code} 在第 {other} 行已出现,内容不同",
        "code {code} stands in row {other} already, with other content",
    ),
    "id-conflict": ("编号已存在,内容不同", "this id exists already with other content"),
    "parent-unknown": ("上级编码不存在", "there is no area of that code one level up"),
    "parent-not-found": ("没有上级区域包含此区域", "no area one level up holds this one"),
    "area-unknown": ("区域编码不存在", "there is no area of that code"),
    "category-unknown": ("事项类别不存在", "there is no category of that code"),
    "agency-unknown": ("单位编码不存在", "there is no agency of that code"),
    "limit-malformed": ("时限写法应如“2 work_day”", "is no limit such as “2 work_day”"),
    "risk-point-malformed": ("风险点写法不正确", "is no list of risk points"),
    "admission-unknown": ("没有条目由该准入而来", "no item came by this admission"),
    "not-json": ("不是 JSON 对象", "is no JSON object"),
    "day-worked-anyway": ("此日为星期一至星期五，本就上班", "is no Saturday or Sunday and worked anyway"),
    "corner-malformed": ("应写作“x y > x y”,单位厘米", "is no “x y > x y” in centimetres"),
    "atom-unknown": ("底图中没有此地块", "there is no such atom in the basis"),
    "atom-doubled": ("地块 {atom} 在第 {other} 行属于另一网格", "atom {atom} stands in row {other} with another grid"),
    "grid-disagrees": (
        "网格 {grid} 的说明与第 {other} 行不同",
        "what is said of grid {grid} differs from row {other}",
    ),
    "code-malformed": ("编码格式不正确:{detail}", "the code is malformed: {detail}"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """`column` is the file's own name of the column ("geometry" for the shape); `value` is what stood there."""

    code: str
    column: str
    value: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def reason(self) -> dict[str, str]:
        """The sentence in both languages: {"zh": …, "en": …}."""
        zh, en = REASONS[self.code]
        return {"zh": zh.format(**self.facts), "en": en.format(**self.facts)}


class RowFault(BadInput):
    """Raised while one row is read; the importer turns it into a line of the problem file."""

    code = "row-fault"

    def __init__(self, code: str, column: str, value: object = "", **facts: object) -> None:
        self.fault = Fault(code, column, shown(value), facts)
        super().__init__(self.fault.reason["en"], field=column)


def shown(value: object, most: int = 120) -> str:
    """A value as a problem file shows it: text, cut to `most` characters."""
    text = "" if value is None else str(value)
    return text if len(text) <= most else text[: most - 1] + "…"
