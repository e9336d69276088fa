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


def test_a_teams_document_turned_into_markdown_is_a_transcript() -> None:
    t = parse(
        b"**Sync-20261217_120533-Meeting Recording**\n\nDecember 17, 2026, 7:04PM\n\n56m 41s\n\n<!-- image -->\n\n"
        b"**Ruiz, Ana** started transcription\n\n**Ruiz, Ana** 0:09\nHello.\nScreen.\n\n<!-- image -->\n\n"
        b"**Bo Lind** 1:16\nI\\'m here.\n\n**Ruiz, Ana** stopped transcription\n",
        "sync.md",
    )
    assert [(u.speaker, u.text, u.start_s) for u in t.utterances] == [
        ("Ruiz, Ana", "Hello. Screen.", 9.0),
        ("Bo Lind", "I'm here.", 76.0),
    ]
    assert t.title == "Sync"


def test_a_meet_transcript_in_markdown_has_times_in_its_headings() -> None:
    t = parse(
        b"# Sync - Transcript\n\n### 00:00:00 {#00:00:00}\n\n**Ana Ruiz:** Hello, is\nanybody there?  \n"
        b"**Bo Lind:** Yes.  \n\n"
        b"### 00:05:10\n\n**Ana Ruiz:** Good.  \n\n### Transcription ended after 00:06:43\n\n"
        b"*This editable transcript was computer generated and might contain\n"
        b"errors. People can also change the text after it was created.*\n",
        "sync.md",
    )
    assert [(u.speaker, u.text, u.start_s) for u in t.utterances] == [
        ("Ana Ruiz", "Hello, is anybody there?", 0.0),
        ("Bo Lind", "Yes.", None),
        ("Ana Ruiz", "Good.", 310.0),
    ]


LISTED = """# Weekly sync

## Attendees

- Ana Ruiz <ana@acme.example>
- Bo Lind <bo@us.example>

## Summary

Two things were agreed, see [Transcript](https://docs.example/d/1).

### Next steps

- \\[Bo Lind\\] Send Offer: by Friday.
- \\[Ana Ruiz\\] Ask Legal: about the annex.

### Details

- Offer and Price: Bo Lind will send it ([00:00:00](#h.a)).
- Annex: nobody has read it.

---

## Transcript

**00:00:00**

- Ana Ruiz: What is the
- Bo Lind: Sorry?
- Ana Ruiz: price?

**00:01:44**

- Bo Lind: Forty a seat.
- This editable transcript was computer generated and might contain errors.

---

## Metadata

- **Source**: Gemini
"""


def test_a_list_of_turns_below_notes_has_its_speakers_and_the_notes_have_none() -> None:
    t = parse(LISTED.encode(), "sync.md")
    assert [(u.speaker, u.text, u.start_s) for u in t.utterances if u.speaker] == [
        ("Ana Ruiz", "What is the", 0.0),
        ("Bo Lind", "Sorry?", None),
        ("Ana Ruiz", "price?", None),
        ("Bo Lind", "Forty a seat.", 104.0),
    ]
    unsaid = [u.text for u in t.utterances if u.speaker is None]
    assert "[Bo Lind] Send Offer: by Friday." in unsaid and unsaid[-1] == "**Source**: Gemini"
    assert t.participants == ("Ana Ruiz", "Bo Lind")


def test_the_people_in_front_matter_were_there() -> None:
    t = parse(b"---\ndate: 2026-06-17\nattendees: [Ana, Bo Lind]\n---\n\n## Topics\n\n- the price\n", "a.md")
    assert t.participants == ("Ana", "Bo Lind")


def test_the_head_of_a_meet_transcript_with_slashes_in_its_date_and_odd_names_among_the_people() -> None:
    t = parse(
        (
            b"# Board Call - 2024/11/21 15:51 GMT - Transcript\n###Attendees\n"
            b"Ana Ruiz, Ana Ruiz's Presentation, Bo Lind, Cy Young, Dana Whitcombe, Stream, stakes 4all, Tiago - Bank\n"
            b"\n"
            b"Ana Ruiz: Welcome.\n\nBo Lind: Thanks.\n\nAna Ruiz: We begin.\n\nBo Lind: Fine.\n"
        ),
        "call.md",
    )
    assert t.title == "Board Call"
    assert t.occurred_at is not None and t.occurred_at.isoformat() == "2024-11-21T15:51:00"
    assert t.participants == (
        "Ana Ruiz",
        "Bo Lind",
        "Cy Young",
        "Dana Whitcombe",
        "Stream",
        "stakes 4all",
        "Tiago - Bank",
    )
    assert [u.speaker for u in t.utterances] == ["Ana Ruiz", "Bo Lind", "Ana Ruiz", "Bo Lind"]
