"""How a process that serves for days looks for garbage: in what is new, and not in its indexes each time.

Owns when the interpreter's collector looks at what, and how threads take turns. Does not own what is kept. Python
looks through every object that a process holds, and nothing else runs meanwhile: with a city's indexes in memory this
took 0.15 to 2 s, several times a minute while reports came in, and was the tail of their times. So what is there to
stay is put aside (`gc.freeze`): the objects of the start, and whatever has grown so large that looking through it was
felt again. Once in a while everything is looked through (`all_anew`), so that nothing is lost for ever.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import local
from time import thread_time

FELT_S = 0.01  # of processor time, for one look at everything that has not been put aside
TURN_S = 0.0005
"""How long a thread may go on while others wait. With the usual 5 ms a report that crosses from the event loop to its
writer and back waits for each step of whatever is done beside."""
_WHOLE = 2  # the generation that is everything


def settle() -> None:
    """What is here now is here to stay: looks through it once, and puts it aside."""
    gc.collect()
    gc.freeze()


def all_anew() -> int:
    """Looks through everything once, also what had been put aside; how many objects nobody could reach."""
    gc.unfreeze()
    found = gc.collect()
    gc.freeze()
    return found


@contextmanager
def spared() -> Iterator[None]:
    """While the block lasts, no look takes long twice: what one has felt its way through is put aside."""
    began = local()

    def looked(phase: str, info: Mapping[str, int]) -> None:
        if info["generation"] != _WHOLE:
            return
        if phase == "start":
            began.at = thread_time()
        elif thread_time() - getattr(began, "at", thread_time()) >= FELT_S:
            gc.freeze()

    turn = sys.getswitchinterval()
    sys.setswitchinterval(TURN_S)
    gc.callbacks.append(looked)
    try:
        yield
    finally:
        gc.callbacks.remove(looked)
        gc.unfreeze()
        sys.setswitchinterval(turn)
