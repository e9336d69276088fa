"""Notes that came as an e-mail: each writer's lines are theirs, and nothing of the mail is lost."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from shared.errors import Invalid
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


def saved(**parts: str) -> bytes:
    """A mail as a mail program saves it: with what the servers wrote above it, and its body encoded."""
    message = EmailMessage()
    message["Received"] = "from mx.example by mail.example; Tue, 10 Nov 2026 09:14:05 +0100"
    message["From"] = "Ana Ruiz <ana@acme.example>"
    message["To"] = "Bo Lind <bo@us.example>"
    message["Date"] = "Tue, 10 Nov 2026 09:14:02 +0100"
    message["Subject"] = "Das Gespräch"
    if "plain" in parts:
        message.set_content(parts["plain"], cte="quoted-printable")
    if "html" in parts:
        (message.add_alternative if "plain" in parts else message.set_content)(
            parts["html"], subtype="html", cte="base64"
        )
    return message.as_bytes()


@pytest.mark.parametrize("name", ["mail.eml", "mail.txt", None])
def test_a_saved_mail_is_read_without_what_the_servers_wrote(name: str | None) -> None:
    data = saved(plain="Hi Bo,\n\nüber den Preis – 40 € – am Freitag.\n", html="<p>Hi Bo,</p>")
    t = parse(data, name)
    assert (t.format, t.title) == ("mail", "Das Gespräch")
    assert said(t)[4:] == [("Ana Ruiz", "Hi Bo,"), ("Ana Ruiz", "über den Preis – 40 € – am Freitag.")]
    assert {speaker for speaker, _ in said(t)} == {None, "Ana Ruiz"}
    assert t.occurred_at is not None and t.occurred_at.hour == 9


def test_a_mail_of_html_alone_keeps_its_lines_and_who_is_quoted() -> None:
    t = parse(
        saved(
            html="<html><head><style>p{}</style></head><body><p>We take it &amp; sign.</p><ul><li>SSO</li></ul>"
            "<div>On Mon, 9 Nov 2026 at 16:02, Bo Lind &lt;bo@us.example&gt; wrote:</div>"
            "<blockquote><div>I will send it.<br>On Thursday.</div></blockquote></body></html>"
        ),
        "mail.eml",
    )
    assert said(t)[4:] == [
        ("Ana Ruiz", "We take it & sign."),
        ("Ana Ruiz", "- SSO"),
        (None, "On Mon, 9 Nov 2026 at 16:02, Bo Lind <bo@us.example> wrote:"),
        ("Bo Lind", "I will send it."),
        ("Bo Lind", "On Thursday."),
    ]


def test_a_quote_within_a_quote_belongs_to_whom_the_line_above_it_names() -> None:
    t = parse(
        b"From: Ana Ruiz <ana@acme.example>\nTo: Bo Lind <bo@us.example>\n\n"
        b"Am Di., 10. Nov. 2026 um 23:25 Uhr schrieb Bo Lind\n"
        b"<bo@us.example>:\n>\n> On Tue, Nov 10, 2026 at 11:17:08PM +0200, Ana Ruiz wrote:\n"
        b"> > On Mon, 9 Nov 2026 at 10:00, Cy Young wrote:\n> > > We need forty seats.\n> >\n> > I will ask Bo.\n>\n"
        b"> I can do that.\n\nGreat, then please do.\n",
        "mail.txt",
    )
    assert [pair for pair in said(t) if pair[0]] == [
        ("Cy Young", "We need forty seats."),
        ("Ana Ruiz", "I will ask Bo."),
        ("Bo Lind", "I can do that."),
        ("Ana Ruiz", "Great, then please do."),
    ]


def test_a_mail_with_nothing_but_an_attachment_is_told_so() -> None:
    message = EmailMessage()
    message["Message-ID"] = "<1@mail.example>"
    message["From"] = "ana@acme.example"
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="call.pdf")
    with pytest.raises(Invalid, match="attached"):
        parse(message.as_bytes(), "mail.eml")


def test_a_mail_nested_without_end_is_refused_at_once() -> None:
    parts = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(3000))
    with pytest.raises(Invalid, match="parts"):
        parse(b"From: ana@acme.example\nMIME-Version: 1.0\n" + parts + b"Content-Type: text/plain\n\nHi.\n", "mail.eml")
