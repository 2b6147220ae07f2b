"""Where files of plans are read: a process of its own that can do nothing else (platform.sandbox).

Owns its bounds. Does not own the reading (`held`), which is loaded in that process; whoever only keeps the process
ready need not load what reads files, which takes half a second.
"""

from __future__ import annotations

from gridgov.platform.confinement import Limits
from gridgov.platform.sandbox import Sandbox

TASK = "plan"
TASKS = {TASK: "gridgov.interop.plans.held:task"}
LIMITS = Limits(memory_bytes=4 << 30, cpu_s=60, wall_s=90.0, answer_bytes=256 << 20)


def reader() -> Sandbox:
    """The sandbox of plans. One at a time: it may take much memory."""
    return Sandbox(TASKS, LIMITS, at_once=1)
