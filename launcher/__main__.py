"""`python -m launcher run|dev`: Afterword on a tree that is set up. `make run` gets here through bootstrap.py."""

from __future__ import annotations

import sys

from launcher import supervisor
from launcher.refusal import Refusal

if __name__ == "__main__":
    try:
        sys.exit(supervisor.main(sys.argv[1:]))
    except Refusal as refusal:
        sys.exit(str(refusal))
    except KeyboardInterrupt:
        sys.exit(130)
