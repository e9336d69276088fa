"""Notes keep their words as typed; only the markers in front of lines go."""

from __future__ import annotations

from shared.transcripts import parse

NOTES = """---
title: Kickoff
date: 2026-11-09 14:00
---
# Kickoff Acme

**Attendees**

- Acme: Ana Ruiz (AR, CFO), Bo Lind
- apologies: Cy Young

## Scope ##

- Phase 1 = **broker** agreements
  and nothing else
- [ ] send `SAML` data
  * nested [link](https://example.com)
1. numbered
> quoted words

A paragraph over
two lines.

| what | who |
|------|:---:|
| Export | AR |

```
code stays
```
---
The end.
"""


def test_each_block_is_one_utterance() -> None:
    t = parse(NOTES.encode(), "notes.md")
    assert t.format == "markdown"
    assert [u.text for u in t.utterances] == [
        "Kickoff Acme",
        "**Attendees**",
        "Acme: Ana Ruiz (AR, CFO), Bo Lind",
        "apologies: Cy Young",
        "Scope",
        "Phase 1 = **broker** agreements and nothing else",
        "send `SAML` data",
        "nested [link](https://example.com)",
        "numbered",
        "quoted words",
        "A paragraph over two lines.",
        "what | who",
        "Export | AR",
        "code stays",
        "The end.",
    ]
    assert {u.speaker for u in t.utterances} == {None}
    assert t.title == "Kickoff"
    assert t.occurred_at is not None
    assert t.occurred_at.isoformat() == "2026-11-09T14:00:00"
    assert t.participants == ("Ana Ruiz", "Bo Lind")


def test_notes_are_known_without_their_name() -> None:
    assert parse(NOTES.encode(), None).format == "markdown"


def test_a_transcript_in_markdown_is_read_as_a_transcript() -> None:
    t = parse(b"# Sync\n\n**Ana Ruiz:** Hello.\n\n**Bo Lind**: Hi.\n\n**Ana Ruiz:** Bye.\n", "sync.md")
    assert t.format == "markdown"
    assert [(u.speaker, u.text) for u in t.utterances] == [
        ("Ana Ruiz", "Hello."),
        ("Bo Lind", "Hi."),
        ("Ana Ruiz", "Bye."),
    ]
    assert t.title == "Sync"


def test_headings_with_name_and_time_are_turns() -> None:
    t = parse(b"### Ana Ruiz 0:15\nHello.\n\n### Bo Lind 0:20\nHi.\n", "sync.md")
    assert [(u.speaker, u.text, u.start_s) for u in t.utterances] == [
        ("Ana Ruiz", "Hello.", 15.0),
        ("Bo Lind", "Hi.", 20.0),
    ]
