"""Columns that look as if they held personal data.

Owns the names by which such columns are known. Does not own where personal data may be kept (`incidents` seals
contacts). An importer leaves these columns out of `attributes`, and the problem file does not repeat their values
(PIPL articles 5, 6).
"""

from __future__ import annotations

import re
from functools import lru_cache

_LATIN_WORDS = """
    phone phonenumber phoneno mobile mobilephone mobileno tel telephone cellphone email mail wechat qq idcard idno
    idnumber identitycard passport birthday birthdate dateofbirth caller callername callerphone contact contactname
    contactphone reporter reportername reporterphone complainant complainantname applicant applicantname personname
    realname fullname firstname lastname surname givenname linkman linkphone username"""
_CHINESE_WORDS = """
    姓名 电话 手机 号码 联系人 联系方式 身份证 证件号 微信 邮箱 出生日期 生日
    诉求人 反映人 来电人 举报人 投诉人 报案人 申请人 当事人 上报人 户主"""
_LATIN = frozenset(_LATIN_WORDS.split())
_CHINESE = tuple(_CHINESE_WORDS.split())
_PLAIN = re.compile(r"[\W_\d]+")


@lru_cache(maxsize=4096)
def is_personal(column: str) -> bool:
    """True for a column such as 联系电话, reporter_phone, "Caller Name" or ID_CARD."""
    plain = _PLAIN.sub("", column.lower())
    return plain in _LATIN or any(word in column for word in _CHINESE)
