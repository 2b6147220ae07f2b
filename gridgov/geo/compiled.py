"""How numeric kernels are compiled.

Owns: the one decorator every numba kernel of `gridgov.geo` wears. Does not own any kernel.

The disk cache notices a change of the file that holds a kernel, not of a constant or a kernel that it uses from another
file: after changing such a one while developing, touch the files that use it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba


def kernel(function: Callable[..., Any]) -> Any:
    """Compile `function` on its first call: without the GIL, without fast-math, and kept on disk between processes.

    numba looks for a place for that cache in `NUMBA_CACHE_DIR`, beside the module, then in the user's cache folder,
    and raises when none of them can be written (a service user without a home, a read-only image). The kernel is then
    compiled afresh in each process: slower to start, same answers. A shared temporary folder would be no way out,
    since a cache is code and others could plant it there.
    """
    try:
        return numba.njit(function, cache=True, nogil=True)
    except RuntimeError:
        return numba.njit(function, nogil=True)
