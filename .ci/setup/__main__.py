"""The set-up behind the Makefile: python3 .ci/setup COMMAND. It runs before anything is installed.

Standard library only. This file is written so that an old Python can still read it and be told what is wrong.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 -- this is the one place that an older Python gets to see
    sys.exit(
        "gridgov needs Python 3.11 or newer, and %s is %d.%d.\n"  # noqa: UP031 -- readable by an old Python
        "Install one and name it: make %s PYTHON=python3.11"
        % (sys.executable, sys.version_info[0], sys.version_info[1], sys.argv[1] if len(sys.argv) > 1 else "demo")
    )

from commands import main

sys.exit(main(sys.argv[1:]))
