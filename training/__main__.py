"""`python -m training PART`: make the weights of one part anew, with a table of what they are worth."""

from __future__ import annotations

import importlib
import sys

PARTS = ("entities", "statements", "choices", "confidence")


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in PARTS:
        print(f"Usage: python -m training {'|'.join(PARTS)}", file=sys.stderr)
        return 2
    module = importlib.import_module(f"training.{arguments[0]}")
    sys.argv = sys.argv[:1]
    module.main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
