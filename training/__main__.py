"""`python -m training PART`: make the weights of one part anew, with a table of what they are worth."""

from __future__ import annotations

import importlib
import sys

PARTS = ("entities", "statements", "choices", "confidence", "support")


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in PARTS:
        print(f"Usage: python -m training {'|'.join(PARTS)}", file=sys.stderr)
        return 2
    sys.argv[1:] = arguments[1:]  # options are the part's own
    importlib.import_module(f"training.{arguments[0]}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
