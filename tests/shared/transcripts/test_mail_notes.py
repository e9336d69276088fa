"""Notes that came as an e-mail: each writer's lines are theirs, and nothing of the mail is lost."""

from __future__ import annotations

from shared.transcripts import Transcript, parse

MAIL = """From: Ana Ruiz <ana@acme.example>
To: Bo Lind <bo@us.example>; sales@us.example
Date: Tue, 10 Nov 2026 09:14:02 +0100
Subject: Our call yesterday

Hi Bo,

we need the offer by Friday.

- SSO
- data in the EU

Ana
--
Ana Ruiz, Acme

On Mon, 9 Nov 2026 at 16:02, Bo Lind <bo@us.example> wrote:
> Hi Ana,
>
> I will send the offer
> on Thursday.
"""


def said(transcript: Transcript) -> list[tuple[str | None, str]]:
    return [(u.speaker, u.text) for u in transcript.utterances]


def test_the_sender_says_the_text_and_the_quoted_one_the_quote() -> None:
    t = parse(MAIL.encode(), "note.txt")
    assert t.format == "mail"
    assert said(t)[4:] == [
        ("Ana Ruiz", "Hi Bo,"),
        ("Ana Ruiz", "we need the offer by Friday."),
        ("Ana Ruiz", "- SSO"),
        ("Ana Ruiz", "- data in the EU"),
        ("Ana Ruiz", "Ana"),
        ("Ana Ruiz", "Ana Ruiz, Acme"),
        (None, "On Mon, 9 Nov 2026 at 16:02, Bo Lind <bo@us.example> wrote:"),
        ("Bo Lind", "Hi Ana,"),
        ("Bo Lind", "I will send the offer"),
        ("Bo Lind", "on Thursday."),
    ]


def test_the_head_gives_title_time_and_people_and_stays_to_be_quoted() -> None:
    t = parse(MAIL.encode(), "note.txt")
    assert t.title == "Our call yesterday"
    assert t.occurred_at is not None
    assert t.occurred_at.isoformat() == "2026-11-10T09:14:02+01:00"
    assert t.participants == ("Ana Ruiz", "Bo Lind", "sales@us.example")
    assert said(t)[0] == (None, "From: Ana Ruiz <ana@acme.example>")


def test_answers_between_quotes_and_heads_below_in_german() -> None:
    t = parse(
        b"Von: Katrin Seidl\nGesendet: Dienstag, 10. November 2026 09:14\nAn: Uli Kessler\nBetreff: AW: Angebot\n\n"
        b"Am 09.11.26 um 16:02 schrieb Uli Kessler:\n> Bitte ein Angebot.\n\nKommt am Freitag.\n\n"
        b"Von: Jan Oehme\nGesendet: Montag\nAn: Katrin Seidl\nBetreff: Angebot\n\nIch mache das.\n",
        None,
    )
    assert [(who, text) for who, text in said(t) if who] == [
        ("Uli Kessler", "Bitte ein Angebot."),
        ("Katrin Seidl", "Kommt am Freitag."),
        ("Jan Oehme", "Ich mache das."),
    ]


def test_a_transcript_that_was_mailed_is_the_transcript() -> None:
    t = parse(b"From: Ana Ruiz\nSubject: Sync\n\nBo Lind: Hello.\nCy Young: Hi.\nBo Lind: Bye.\n", "a.txt")
    assert said(t) == [("Bo Lind", "Hello."), ("Cy Young", "Hi."), ("Bo Lind", "Bye.")]
    assert t.title == "Sync"


def test_a_from_alone_is_no_mail() -> None:
    assert parse(b"From: the beginning we knew it.\n\nThen it went on.\n", "a.txt").format == "text"
