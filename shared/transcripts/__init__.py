"""Every export format -> utterances.

`sniff` is cheap and runs inside the upload request, so that an unreadable file is refused at once; `parse` runs in the
worker. Both decide by content first and by file name second, and both raise `Invalid` or `TooLarge` naming what is
wrong.

    bytes ─ container (docx, pdf) ─┐                     ┌ captions · ttml · json
          └ decode ─ text ─────────┴─ detect ─▶ reader ──┼ mail · markdown ─▶ cues ─ assemble ─▶ Transcript
                                                         └ plain
"""

from __future__ import annotations

from shared.transcripts.labels import is_generic
from shared.transcripts.model import Sniffed, Transcript, Utterance
from shared.transcripts.reading import parse, sniff

__all__ = ["Sniffed", "Transcript", "Utterance", "is_generic", "parse", "sniff"]
