"""Two still pictures as HEVC: configuration record (hvcC) and coded data, for `heif.py` to put into files.

Nothing here can encode HEVC, so these were encoded once, from pictures drawn for it: four quadrants (red, lime, blue,
white from top left, 96 x 64, 4:4:4), and an orange disc crossed by a line (160 x 120, 4:2:0).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass


@dataclass(frozen=True)
class Coded:
    """A picture of `size` (width, height)."""

    size: tuple[int, int]
    config: bytes
    data: bytes


QUADRANTS = Coded(
    (96, 64),
    base64.b64decode(
        "AQQIAAAAnjgAAAAAHvAA/P/4+AAADwNgAAEAF0ABDAH//wQIAAADAJ44AAADAAAeugJAYQABACpCAQEECAAAAwCeOAAAAwAAHpAG"
        "ECCy3UklNc3AQ0GBAAADABkAAAMAAQhiAAEACEQBwXKGDAIk"
    ),
    base64.b64decode(
        "AAAA2SgBrwng4wybUR///ei+//9uY9D/WtWB5k8i/0vMt/wJiP/oz72EUfe3rTUMMwcLGvTIHSGZHBopWZgg/SA/C40ll6YM1z9D"
        "R4zpowGWbJmXm3kJqcJZAaop5F7fTPed9q16dnsDz/c/xGJP/+kN7x/S6v//vnotI1v6l6de9Ui94Qg91H3ZBSxFGKhKm8T+J+B/"
        "2A3I81+0u0rSabmeXgsMt4dpnGkd/RKXlLAk8+euv91Aird0eT/6SCI+T8Z7rqfGjb2aFUl3qEpXoa3yD0l7hUbbf/+Bz/w="
    ),
)
DISC = Coded(
    (160, 120),
    base64.b64decode(
        "AQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwAe"
        "oBQgeWW6kkprm4CGgwIAAAMAMgAAAwACEGIAAQAHRAHBcrBiQA=="
    ),
    base64.b64decode(
        "AAAEoygBrwhQqUpg3//+kpUnTdABq66ZVBZWo7ehspLxkOOT7FXzAbNG91E+vsgO6UIWxYN6/5LmCzEenoT9b8vPw56goJCQUYk8"
        "3GjJSKXbk6UPhk2vkykz4GrFURMGFwThot2NzbEryiXTmlylXbG4xfIy/dnnLlXFWMYRtYyJJe/4v/HJC2y4NVftbt/sfPSwbwvC"
        "3V75UGDzC/eXU7CleF8rsTDFhkxj4++AloHaV9iUfEGwEvcyQSjYjWSqI10SnEtc06ka2KFBI5vB3FHprMl6EHqpLv9PN3UohgSc"
        "wWFMN2B+K1ibRItIY222X/fInU11V6yCSW9zMmjTFEVIJ0JgPrT07p9aH7sxKk5C1fab8HASS1/We99W9QZozI7jxdmqJAXEpgyK"
        "n2GGrcXa3aYueyLsvZB+K/N+L5E/KJ+LuFjjoBlgCzAaf/fJRROGYnz1Q696OkAxaJH8JgEqfr7CUY+al9uYi0GW1m9bWcarKDvB"
        "9OBKV3ehczD8rumLnzGQKLAAZ3pYnmKD278ZXFV5kuy1nltzENtidkVKhbWr9QEsuiQQyydPVlQq8t19GTUHiMtEc9x+jLwHnJES"
        "0sf2f7a2YW2EsInFgYGLQKX7pd2TfP29////22of/kwIP/8JLDqDCD0iw4mN7Viyyj7zpi0ih3LMyGewYWnqoLMzjm4cNEyWkIbJ"
        "ZSX8ChlmVJPqUSwBT0yJt5ATZ8IfsDf3IUc+gkRi9flO8GTwtGC4hCfYAwTe9iPZjf91OWYtX6De/nG2aKnDbCzFxZQIpeynof2N"
        "bTkMytUYsIZWImoQFHsBupezxECUdMDL936A5t82IpCLZT/qvVeaAzS3ygqFBfiwukET+0dbjp7x9MUR0/IEidDkE5EAAD6UeLEF"
        "ACakGapzR9LG54YHbDpGuXAftsclNyjySaT7zK+vIqggW2P37ICYHp1t6E0mkD34AZa0IPw04s/mdV4d0QJ3N1FsfMcRbUsct+tn"
        "F23rYxA4EvjTWdPG8W0/Et3T9UF8oh6Xofw/4pqipLvZ0diULrp5YPvU7CIUnhNk8yWcpcQzmfaAsvcHWMtL0xkezY5m+kf4VVhA"
        "jnM5Dvq5qO5nDj9KAm169fNEsKa5wlthMJJPOJwo3JeZPw8tkqV7Sjvz7wOwAgtPwZHiNhCy5H57CHdbxeZ3va5En6rf0+Asvthi"
        "suNSKr3Y9SlC+2VNg69wtISFhcnLpVvv8ZrHd9nKK/+fxVGUwm94uWBAxw7Fw8eITeDoZ5c8WkHrarABHe+EHHOw8olWgHa96Cny"
        "H9+NLDVnoLh5AXW3XEFgS1MddiVg4pBo/kjhXt3A1KkHmhwtEXtEjdR2GKi5DLWguJOfplev6V8Qau+Nm3kYvftmWwuLY0qnofKZ"
        "4aZsN+8LozLEEfduorgIm8T+8GSy6y8gjyAR9VPbmrQy1UKUhZLkbJlqBXXmWKaHvxzqLsFcvQmvGBhKTCi44YQGpSh7JKgDk75V"
        "R0kP+rlLHWLHZ0THUXQQhnnyoL9Ag+bayr+Kaq8Sqgefscb6Ws9V65D0ScMWxLWL96NAtYMyhWimo/DSmhm24Zfm"
    ),
)
