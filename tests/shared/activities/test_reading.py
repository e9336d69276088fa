"""Mails and calendars as programs really write them, and as somebody who means harm would."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from shared import clock
from shared.activities import calendars, letters, mailboxes, writing
from shared.activities.letters import Unreadable
from shared.errors import Invalid
from tests.shared.activities.conftest import calendar, letter

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def _today() -> None:
    clock.configure(datetime(2026, 11, 20, 9, 0, tzinfo=UTC))


# --- Mails


def test_a_head_in_any_encoding_gives_names_addresses_and_a_date() -> None:
    raw = letter(sender="=?iso-8859-1?q?J=F6rg_M=FCller?= <J@x.example>", subject="=?nope?q?x?= für\x07 dich").decode()
    found = letters.read(raw.replace("Tue, 10 Nov 2026", "Di, 10 Nov 2026").encode("latin-1"))
    assert (found.people[0].name, found.people[0].address) == ("Jörg Müller", "J@x.example")
    assert "für dich" in found.subject and found.at == datetime(2026, 11, 10, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize("word", ["=?iso-8859\u00a21?q?a?=", "=?utf-8?b?abcde?=", "=?=?=?="])
def test_a_word_of_a_head_that_cannot_be_decoded_stays_as_it_stands(word: str) -> None:
    found = letters.read(letter(subject=f"Offer {word}", sender=f"Ann {word} <ann@x.example>"))
    assert found.subject.startswith("Offer") and found.people[0].address == "ann@x.example"


@pytest.mark.parametrize("when", ["Thu, 32 Foo 99999 99:99", "", "1 Jan 1900 00:00 +0000", "1 Jan 2999 10:00 +0000"])
def test_a_date_that_is_none_is_taken_from_the_way_the_mail_went_or_left_open(when: str) -> None:
    assert letters.read(letter(date=when)).at is None
    went = "Received: from a by b; Mon, 9 Nov 2026 08:00:00 +0000\n"
    assert letters.read(letter(date=when, more=went)).at == datetime(2026, 11, 9, 8, tzinfo=UTC)


def test_ten_thousand_recipients_are_counted_in_no_time() -> None:
    many = ", ".join(f'"Person {n}" <p{n}@x.example>' for n in range(10_000))
    began = time.perf_counter()
    found = letters.read(letter(to=many))
    assert len(found.people) == letters.MAX_PEOPLE and found.more > 9_000
    assert time.perf_counter() - began < 5


def test_bodies_that_lie_about_themselves_are_read_as_well_as_they_can_be() -> None:
    wrong = letter(more="Content-Type: text/plain; charset=x-nobody\n", text="Grüße")
    assert letters.read(wrong).text == "Grüße"
    rich = letters.read(letter(more="Content-Type: text/rtf\n", text="{\\rtf1 Hello}"))
    assert [(file.name, file.data.strip()) for file in rich.files] == [("message.rtf", b"{\\rtf1 Hello}")]
    table = "<table><tr><th>Licence</th><td>240 €</td></tr> <tr> <td>Days</td> <td>5</td></tr></table>"
    assert letters.read(letter(more="Content-Type: text/html\n", text=table)).text == "Licence 240 €\n\nDays 5"
    base64 = letter(more="Content-Transfer-Encoding: base64\n", text="!!! not base64")
    assert isinstance(letters.read(base64).text, str)
    nested = "".join(f"--b{n}\nContent-Type: multipart/mixed; boundary=b{n + 1}\n\n" for n in range(2000))
    with pytest.raises(Unreadable, match="too many parts"):
        letters.read(letter(more="Content-Type: multipart/mixed; boundary=b0\n", text=nested))
    for hostile in (b"From: " + b"(" * 200_000 + b"\n\nx", b"X: y\n" * 300_000, b"\xff" * 5000, b""):
        try:
            letters.read(hostile)
        except Unreadable as error:
            assert str(error)


def test_a_mailbox_is_parted_at_its_messages_and_not_at_words_of_a_text(tmp_path: Path) -> None:
    path = tmp_path / "box.mbox"
    quoted = "From Monday to Friday we are open.\n\nFrom a@b Tue Nov 10 09:30:00 2026 said he\n"
    first = letter(text=f"From here on\n\n{quoted}")
    later = letter(id="<m0@x.example>", date="Mon, 09 Nov 2026 09:00:00 +0000", text=">From the start")
    no_date = letter(id="<m5@x.example>", date="?", text="x" * 200_000)
    separator = b"From jane@roe.example Tue Nov 10 09:30:00 2026\n"
    path.write_bytes(b"\n".join(separator + one for one in (first, later, no_date)))
    spans = mailboxes.spans(path, "mbox")
    with path.open("rb") as file:
        found = [letters.read(mailboxes.message_at(file, span, "mbox")) for span in spans]
    assert [len(one.text) > 100_000 for one in found] == [False, True, False]  # by date; without one, by its neighbour
    assert found[0].text == "From the start" and "said he" in found[2].text


def test_what_a_mail_answers_is_told_from_what_it_says() -> None:
    for opening in (
        "On Mon, 9 Nov 2026 at 16:02, Ravi <r@x.example> wrote:\n> old", "Am 9.11.26 um 16:02 schrieb Ravi:\n> old",
        "-----Original Message-----\nold", "From: Ravi\nSent: Monday\nold",
    ):  # fmt: skip
        body = writing.compose("Re: Offer", (), 0, files="a.pdf (1 KB)", text=f"New words.\n\n{opening}")
        found = writing.parts(body)
        assert found and (found.text, found.quoted) == ("New words.", opening)
    assert writing.parts("A note\n\nof somebody: with a colon") is None


# --- Calendars


def read(tmp_path: Path, data: bytes) -> list[calendars.Happening]:
    path = tmp_path / "c.ics"
    path.write_bytes(data)
    return calendars.read(path, BERLIN)[0]


def test_times_with_a_zone_of_their_own_floating_ones_and_whole_days(tmp_path: Path) -> None:
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Our Zone\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:-0500\n"
        "TZOFFSETTO:-0500\nTZNAME:OZ\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    own = "UID:1\nSUMMARY:own\nDTSTART;TZID=Our Zone:20261110T100000"
    windows = "UID:2\nSUMMARY:windows\nDTSTART;TZID=W. Europe Standard Time:20261111T100000"
    floating = "UID:3\nSUMMARY:floating\nDTSTART:20261112T100000"
    day = "UID:4\nSUMMARY:day\nDTSTART;VALUE=DATE:20261113"
    nameless = "SUMMARY:without a UID\nDTSTART:20261114T100000Z"
    found = read(tmp_path, calendar(own, windows, floating, day, nameless, more=zone))
    assert [one.start for one in found] == [
        datetime(2026, 11, 10, 15, tzinfo=UTC), datetime(2026, 11, 11, 9, tzinfo=UTC),
        datetime(2026, 11, 12, 9, tzinfo=UTC), date(2026, 11, 13), datetime(2026, 11, 14, 10, tzinfo=UTC),
    ]  # fmt: skip
    assert read(tmp_path, calendar(nameless))[0].key == found[-1].key


def test_of_a_series_real_days_within_a_year_and_the_next_one(tmp_path: Path) -> None:
    zone = "TZID=Europe/Berlin"
    weekly = f"UID:w\nSUMMARY:weekly\nDTSTART;{zone}:20261001T100000\nRRULE:FREQ=WEEKLY\nEXDATE;{zone}:20261008T100000"
    moved = f"UID:w\nSUMMARY:moved\nRECURRENCE-ID;{zone}:20261105T100000\nDTSTART;{zone}:20261106T150000"
    off = f"UID:w\nSUMMARY:off\nRECURRENCE-ID;{zone}:20261112T100000\nDTSTART;{zone}:20261112T100000\nSTATUS:CANCELLED"
    found = read(tmp_path, calendar(weekly, moved, off))
    assert [f"{one.start:%m-%d %H} {one.title}" for one in found] == [
        "10-01 08 weekly", "10-15 08 weekly", "10-22 08 weekly", "10-29 09 weekly",  # ten o'clock in winter
        "11-06 14 moved", "11-12 09 off", "11-19 09 weekly", "11-26 09 weekly",
    ]  # fmt: skip
    assert [one.title for one in found if one.is_cancelled] == ["off"]
    since = f"RECURRENCE-ID;RANGE=THISANDFUTURE;{zone}"
    rest = f"UID:w\nSUMMARY:later\n{since}:20261022T100000\nDTSTART;{zone}:20261023T113000"
    end = f"UID:w\nSUMMARY:end\n{since}:20261119T100000\nDTSTART:00010101T000000Z\nSTATUS:CANCELLED"
    assert [f"{one.start:%m-%d %H:%M} {one.title}" for one in read(tmp_path, calendar(weekly, moved, rest, end))] == [
        "10-01 08:00 weekly", "10-15 08:00 weekly", "10-23 09:30 later", "10-30 10:30 later", "11-06 14:00 moved",
        "11-13 10:30 later", "11-19 09:00 end", "11-26 09:00 end",
    ]  # fmt: skip
    alone = read(tmp_path, calendar(rest))
    assert [(one.title, one.is_series) for one in alone] == [("later", True)]
    counted = "UID:c\nSUMMARY:c\nDTSTART:20261101T100000Z\nRRULE:FREQ=DAILY;COUNT=3"
    until = "UID:u\nSUMMARY:u\nDTSTART;TZID=Europe/Berlin:20261101T230000\nRRULE:FREQ=DAILY;UNTIL=20261103T220000Z"
    assert [one.title for one in read(tmp_path, calendar(counted, until))].count("c") == 3
    assert [one.title for one in read(tmp_path, calendar(until))].count("u") == 3


def test_rules_that_never_end_never_come_or_come_by_the_minute(tmp_path: Path) -> None:
    began = time.perf_counter()
    rules = (
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=HOURLY", "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=1,2",
        "FREQ=DAILY;COUNT=999999999", "FREQ=YEARLY;INTERVAL=99999", "FREQ=DAILY;INTERVAL=0", "NONSENSE",
    )  # fmt: skip
    events = [f"UID:{n}\nSUMMARY:e{n}\nDTSTART:19760101T100000Z\nRRULE:{rule}" for n, rule in enumerate(rules)]
    found = read(tmp_path, calendar(*events, "UID:x\nSUMMARY:old\nDTSTART:00010101T000000Z", "UID:y\nSUMMARY:none"))
    assert time.perf_counter() - began < 3
    assert sum(one.title == "e3" for one in found) == 61
    problems = {one.title for one in found if one.problem}
    assert {"e0", "e1", "e2", "e5", "old", "none"} <= problems
    with pytest.raises(Invalid, match="by the minute"):
        read(tmp_path, calendar("UID:1\nDTSTART:20261101T100000Z\nRRULE:FREQ=SECONDLY"))
    zone = calendar("UID:1\nDTSTART;TZID=America:20261101T100000")  # a folder of zones, which is none
    for damaged in (
        zone,
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n",
        b"BEGIN:VCALENDAR\n\xff\xfe\x00",
        b"BEGIN:VCALENDAR" * 100,
    ):
        with pytest.raises(Invalid, match="damaged"):
            read(tmp_path, damaged)


@pytest.mark.parametrize("wrong", ["20261345", "", "99999999T999999Z", ";TZID=Mars/Olympus:20261102T100000", "\x00"])
@pytest.mark.parametrize("name", ["DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "RECURRENCE-ID;RANGE=THISANDFUTURE",
    "EXDATE", "RDATE", "RRULE", "LAST-MODIFIED", "SEQUENCE", "ATTENDEE", "STATUS"])  # fmt: skip
def test_a_value_that_cannot_be_read_leaves_the_other_events(tmp_path: Path, name: str, wrong: str) -> None:
    line = f"{name}{wrong}" if wrong.startswith(";") else f"{name}:{wrong}"
    begin = "" if name == "DTSTART" else "DTSTART:20261101T100000Z\n"
    rule = "RRULE:FREQ=DAILY;COUNT=2\n" if name in ("EXDATE", "RDATE", "DTSTART") else ""
    found = read(
        tmp_path, calendar(f"UID:1\nSUMMARY:odd\n{begin}{rule}{line}", "UID:2\nSUMMARY:good\nDTSTART:20261102T100000Z")
    )
    assert [one.problem for one in found if one.title == "good"] == [None]
    assert {one.title for one in found} == {"odd", "good"}  # nothing vanishes


def test_a_date_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    found = read(tmp_path, calendar("UID:1\nSUMMARY:odd\nDTSTART:20261345T100000Z"))
    assert [one.problem for one in found] == ["Its date cannot be read."]
