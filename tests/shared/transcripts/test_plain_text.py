"""Plain text in the layouts that tools and people use."""

from __future__ import annotations

import pytest

from shared.transcripts import Transcript, parse


def read(text: str, name: str | None = "call.txt") -> Transcript:
    return parse(text.encode(), name)


def said(transcript: Transcript) -> list[tuple[str | None, str]]:
    return [(u.speaker, u.text) for u in transcript.utterances]


def timed(transcript: Transcript) -> list[tuple[str | None, str, float | None]]:
    return [(u.speaker, u.text, u.start_s) for u in transcript.utterances]


def test_name_colon_text_with_wrapped_lines() -> None:
    t = read("Ana Ruiz: Hello,\n  how are you?\nBo: Fine: really fine.\n\nAna Ruiz: Good.\n")
    assert said(t) == [("Ana Ruiz", "Hello, how are you?"), ("Bo", "Fine: really fine."), ("Ana Ruiz", "Good.")]


def test_a_single_line_with_a_name() -> None:
    assert said(read("Ana: We sign on Friday.")) == [("Ana", "We sign on Friday.")]


@pytest.mark.parametrize(
    "line",
    [
        "[00:01:05] {name}: {text}",
        "(1:05) {name}: {text}",
        "1:05 {name}: {text}",
        "[00:01:05 --> 00:01:09] {name}: {text}",
        "{name} (1:05): {text}",
        "{name}: [00:01:05] {text}",
        "{name} [00:01:05]: {text}",
        "00:01:05 - {name}: {text}",
        "{name}  1:05\n{text}\n",
        "{name} 1:05\n{text}\n",
        "{name}\t00:01:05\n{text}\n",
        "{name} (1:05):\n{text}\n",
        "{name}: (01:05)\n{text}\n",
        "01:05\n{name}\n{text}\n",
        "[1:05] {name}\n{text}\n",
        "0:01:05 - {name}\n  {text}\n",
        "[{name}] 00:01:05\n{text}\n",
        "{name}\n1:05\n{text}\n",
        "00:01:05 From {name} to Everyone:\n\t{text}",
    ],
)
def test_name_and_time_in_any_order(line: str) -> None:
    turns = [("Ana Ruiz", "Hello there."), ("Bo Lind", "Hi, at 10:30 we start."), ("Ana Ruiz", "Good.")]
    t = read("\n".join(line.format(name=name, text=text) for name, text in turns))
    assert timed(t) == [(name, text, 65.0) for name, text in turns]


def test_times_without_names() -> None:
    t = read("[00:00:01] Hello.\n[00:00:04] Who is there?\nNobody.\n")
    assert timed(t) == [(None, "Hello.", 1.0), (None, "Who is there? Nobody.", 4.0)]


def test_otter_with_its_footer() -> None:
    t = read("Ana Ruiz  0:15\nHello.\nSecond line.\n\nSpeaker 1  1:02:30\nHi.\n\nTranscribed by https://otter.ai\n")
    assert timed(t) == [("Ana Ruiz", "Hello. Second line.", 15.0), ("Speaker 1", "Hi.", 3750.0)]


def test_a_turn_without_words_is_counted_as_lost() -> None:
    t = read("Ana  0:01\nHello.\n\nBo  0:05\n")
    assert (t.kept, t.found) == (1, 2)


def test_labels_of_all_kinds() -> None:
    labels = [
        "SPEAKER_00",
        "Dr. Ulrike Kessler",
        "Ruiz, Ana",
        "Tom A.",
        "+44 20 7946 0000",
        "O'Neil-Smith",
        "Zoë",
        "山田太郎",
    ]
    t = read("\n".join(f"{label}: Some words." for label in labels * 2))
    assert [u.speaker for u in t.utterances] == labels * 2


def test_small_letters_need_repetition() -> None:
    t = read("anna: hi\nbo: hi\nanna: so\nbo: yes\nanna: ok\nbo: bye\n")
    assert [u.speaker for u in t.utterances] == ["anna", "bo"] * 3


def test_a_colon_in_a_sentence_is_no_speaker() -> None:
    t = read("Ana: Two things.\nNext steps: I send it.\nThe rest is clear: nothing.\nBo: Fine.\nAna: Good.\n")
    assert said(t) == [
        ("Ana", "Two things. Next steps: I send it. The rest is clear: nothing."),
        ("Bo", "Fine."),
        ("Ana", "Good."),
    ]


def test_prose_has_no_speakers_and_each_paragraph_is_one() -> None:
    t = read("We met on Monday. It was fine.\n\nNote: the budget is fixed.\n\nhttps://example.com is their site.\n")
    assert said(t) == [
        (None, "We met on Monday. It was fine."),
        (None, "Note: the budget is fixed."),
        (None, "https://example.com is their site."),
    ]


def test_hard_wrapped_prose_is_put_together() -> None:
    t = read(
        "We met them on Monday in their office and talked about\n"
        "the contract, which they want to sign before the end of\n"
        "the year if the price is right.\n\nShort list:\nprice\nterm\n"
    )
    assert [u.text for u in t.utterances] == [
        "We met them on Monday in their office and talked about "
        "the contract, which they want to sign before the end of "
        "the year if the price is right.",
        "Short list:",
        "price",
        "term",
    ]


def test_the_head_of_a_transcript_is_not_speech() -> None:
    t = read(
        "Weekly pipeline review\nDate: 16 November 2026, 9:30 am\nAttendees: Ana Ruiz (Acme), Bo Lind\n\n"
        "Ana Ruiz: Morning.\nBo Lind: Morning.\nAna Ruiz: Shall we?\n"
    )
    assert t.title == "Weekly pipeline review"
    assert t.occurred_at is not None
    assert t.occurred_at.isoformat() == "2026-11-16T09:30:00"
    assert t.participants == ("Ana Ruiz", "Bo Lind")
    assert [u.text for u in t.utterances] == ["Morning.", "Morning.", "Shall we?"]


def test_a_list_of_people_above_the_first_speaker() -> None:
    t = read(
        "Meeting Title: Acme sync\nParticipants:\n- Ana Ruiz\n- Bo Lind\n\nTranscript\n\nAna Ruiz: Hi.\nBo Lind: Hi.\n"
    )
    assert t.title == "Acme sync"
    assert t.participants == ("Ana Ruiz", "Bo Lind")
    assert said(t) == [("Ana Ruiz", "Hi."), ("Bo Lind", "Hi.")]


def test_a_list_of_facts_is_no_conversation() -> None:
    t = read("Budget: 50k\nTimeline: Q3\nDecision maker: Ana Ruiz\nParticipants: four\n")
    assert {u.speaker for u in t.utterances} == {None}


def test_unknown_lines_above_the_first_speaker_are_kept() -> None:
    t = read("Sync\nRecorded without the first minute because the room was locked.\n\nAna: Hi.\nBo: Hi.\nAna: So.\n")
    assert said(t)[0] == (None, "Recorded without the first minute because the room was locked.")


def test_an_ambiguous_date_is_left_alone() -> None:
    assert read("Sync\nDate: 03/04/2026\n\nAna: Hi.\nBo: Hi.\nAna: So.\n").occurred_at is None


def test_clock_times_count_from_the_first() -> None:
    t = read("[14:02:10] Ana: Hi.\n[14:02:15] Bo: Hi.\n[15:02:10] Ana: Bye.\n")
    assert [u.start_s for u in t.utterances] == [0.0, 5.0, 3600.0]


def test_a_long_line_is_cut_at_sentence_ends_and_stays_verbatim() -> None:
    text = " ".join(f"This is sentence number {i}, and it says something." for i in range(200))
    t = read(text)
    assert len(t.utterances) > 5
    assert max(len(u.text) for u in t.utterances) <= 2000
    assert all(u.text.endswith(".") for u in t.utterances)
    assert " ".join(u.text for u in t.utterances) == text
    assert t.kept == t.found == 1


def test_white_space_collapses_and_control_characters_go() -> None:
    t = read("Ana: a\u00a0 b\tc\x07d\u200be\x1b[0m\nBo: x &amp; y <b>z</b>\n")
    assert [u.text for u in t.utterances] == ["a b cde[0m", "x &amp; y <b>z</b>"]


def test_template_syntax_and_scripts_are_just_words() -> None:
    t = read("{{ 7*7 }} <script>alert(1)</script>\n\n{% include 'x' %}\n", "evil.txt")
    assert [u.text for u in t.utterances] == ["{{ 7*7 }} <script>alert(1)</script>", "{% include 'x' %}"]


def test_times_on_lines_of_their_own_belong_to_what_stands_below() -> None:
    t = read("0:01  \nApples were garbage.\nReally.\n\n0:15\nAnd now?\n\nTranscribed by https://otter.ai\n")
    assert timed(t) == [(None, "Apples were garbage. Really.", 1.0), (None, "And now?", 15.0)]
    t = read("Transcript\nSearch in video\n0:00\nso today\n0:04\n4 seconds\nwe build\na house\n")
    assert timed(t) == [(None, "so today", 0.0), (None, "we build a house", 4.0)]


def test_notes_above_a_meet_transcript_are_kept_and_its_boilerplate_is_not() -> None:
    t = read(
        "Notes\nApr 24, 2026\n\nSummary\nAna was cross.\n\nNext steps\nBo will call.\n\n"
        "You should review Gemini's notes to make sure they're accurate.\n\nTranscript\nApr 24, 2026\n"
        "Sync - Transcript\n00:00:00\n\nAna Ruiz: Hello.\nBo Lind: Hi.\nAna Ruiz: Bye.\n\n"
        "Transcription ended after 00:55:19\n\n"
        "This editable transcript was computer generated and might contain errors.\n"
    )
    assert t.title == "Sync"
    assert (None, "Bo will call.") in [(u.speaker, u.text) for u in t.utterances]
    assert [(u.speaker, u.text) for u in t.utterances if u.speaker] == [
        ("Ana Ruiz", "Hello."),
        ("Bo Lind", "Hi."),
        ("Ana Ruiz", "Bye."),
    ]
    assert not any("Transcription ended" in u.text or "Gemini" in u.text for u in t.utterances)


def test_a_teams_document_as_text() -> None:
    t = read(
        "Weekly-20261005_100000-Meeting Recording\nOctober 5, 2026, 10:00AM\n45m 12s\n\n"
        "Ana Ruiz started transcription\n\n"
        "Ana Ruiz   0:03\nHello.\n\nBo Lind   0:15\nHi.\nThere is a risk.\n\nBo Lind stopped transcription\n"
    )
    assert timed(t) == [("Ana Ruiz", "Hello.", 3.0), ("Bo Lind", "Hi. There is a risk.", 15.0)]
    assert t.title == "Weekly"


def test_a_name_line_needs_its_time_below_and_no_colon() -> None:
    t = read("Ana Ruiz\n0:15\nHello.\n\nBo Lind\n0:20\nHi.\n")
    assert timed(t) == [("Ana Ruiz", "Hello.", 15.0), ("Bo Lind", "Hi.", 20.0)]
    t = read("00:00:00\nAna Ruiz: Right\n00:05:00\nBo Lind: Okay\n00:10:00\nAna Ruiz: Good\n")
    assert timed(t) == [("Ana Ruiz", "Right", 0.0), ("Bo Lind", "Okay", 300.0), ("Ana Ruiz", "Good", 600.0)]


def test_notes_above_a_transcript_have_no_speakers_whatever_stands_before_a_colon() -> None:
    notes = "".join(f"Budget {i}: it was said.\nTopic: more\n" for i in range(6))
    t = read(f"Notes\n{notes}Next steps\n- Bo will call.\n\nTranscript\n00:00:05\nAna: Hello.\nBo: Hi.\nAna: Bye.\n")
    assert {u.speaker for u in t.utterances[:-3]} == {None}
    assert "Topic: more" in [u.text for u in t.utterances]
    assert timed(t)[-3:] == [("Ana", "Hello.", 5.0), ("Bo", "Hi.", None), ("Ana", "Bye.", None)]


FATHOM = """Renewal call with Larch - January 12
VIEW RECORDING - 31 mins (No highlights): https://fathom.video/calls/1

---

0:00 - Ana Ruiz (Larch Interiors)
  We would like to renew.  What does it cost now?

0:55 - Bo Lind (acme.example)
  Forty a seat, as before.
  ACTION ITEM: Send the new price list - WATCH: https://fathom.video/calls/1?timestamp=70.9  And the setup is free.

1:20 - Ana Ruiz (Larch Interiors)
  Good.
  SCREEN SHARING: Bo started screen sharing - WATCH: https://fathom.video/calls/1?timestamp=81.2

1:31 - Cy Young
  So, from March?

1:02:04 - Bo Lind (acme.example)
  From March.
"""


def test_fathom_writes_the_time_before_the_name_and_the_organisation_behind_it() -> None:
    t = read(FATHOM)
    assert timed(t) == [
        ("Ana Ruiz (Larch Interiors)", "We would like to renew. What does it cost now?", 0.0),
        ("Bo Lind (acme.example)", "Forty a seat, as before.", 55.0),
        (None, "ACTION ITEM: Send the new price list - WATCH: https://fathom.video/calls/1?timestamp=70.9", 55.0),
        ("Bo Lind (acme.example)", "And the setup is free.", 55.0),
        ("Ana Ruiz (Larch Interiors)", "Good.", 80.0),
        (None, "SCREEN SHARING: Bo started screen sharing - WATCH: https://fathom.video/calls/1?timestamp=81.2", 80.0),
        ("Cy Young", "So, from March?", 91.0),
        ("Bo Lind (acme.example)", "From March.", 3724.0),
    ]
    assert (t.title, t.kept, t.found) == ("Renewal call with Larch - January 12", 8, 8)


def test_an_agenda_has_times_and_words_below_them_but_nobody_speaks() -> None:
    t = read(
        "9:00 - Welcome\n  Ana opens the day.\n  Coffee is outside.\n\n9:30 - Budget\n  The figures of March.\n"
        "  Questions.\n\n10:30 - Break\n  Fifteen minutes.\n  Outside.\n\n10:45 - Outlook\n  The plan for summer.\n"
    )
    assert {u.speaker for u in t.utterances} == {None}


def test_a_host_who_comes_again_is_a_speaker_and_one_in_the_head_is_not() -> None:
    t = read("Host: Welcome.\nGuest: Thanks.\nHost: What do you do?\nGuest: I sell seats.\n")
    assert [u.speaker for u in t.utterances] == ["Host", "Guest", "Host", "Guest"]
    headed = read("Host: Ana Ruiz\n\nBo: Hello.\nCy: Hi.\nBo: Shall we?\nCy: Yes.\n")
    assert "Host" not in {u.speaker for u in headed.utterances}


def test_a_name_with_nothing_said_is_not_counted_as_lost_speech() -> None:
    t = read("Ana Ruiz: Good morning.\n\nBo Lind: \n\nBo Lind: Morning.\n\nAna Ruiz: Shall we?\n")
    assert said(t) == [("Ana Ruiz", "Good morning."), ("Bo Lind", "Morning."), ("Ana Ruiz", "Shall we?")]
    assert (t.kept, t.found) == (3, 3)


def test_words_own_transcript_names_the_recording_above_it() -> None:
    t = read(
        "\tAudio file\nCall with Larch.m4a\nTranscript\n00:00:00 Speaker 1\nHello.\n00:00:06 Speaker 2\nHi.\n"
        "00:00:09 Speaker 1\nShall we?\nNow?\n00:00:15 Speaker 2\nYes.\n"
    )
    assert timed(t) == [
        ("Speaker 1", "Hello.", 0.0),
        ("Speaker 2", "Hi.", 6.0),
        ("Speaker 1", "Shall we? Now?", 9.0),
        ("Speaker 2", "Yes.", 15.0),
    ]
    assert t.title == "Call with Larch"


def test_granola_names_who_was_there_and_tells_two_sides_apart() -> None:
    t = read(
        "Meeting Title: Weekly sync\nDate: Jun 3\nMeeting participants: Ana Ruiz, Bo Lind\n\nTranscript:\n \n"
        "Me: We sign.  \nThem: Good.  \nMe: On Friday.  \nThem: Fine.  \n"
    )
    assert t.participants == ("Ana Ruiz", "Bo Lind") and t.title == "Weekly sync"
    assert [u.speaker for u in t.utterances if u.speaker] == ["Me", "Them", "Me", "Them"]


def test_fireflies_writes_when_then_who_then_what() -> None:
    t = read(
        "Weekly sync - transcript\n\n00:00\nAna Ruiz\nHello. How was it?\n\n00:05\nBo Lind\nFine.\n\n00:09\nAna Ruiz\n"
        "Forty seats.\nBy Friday.\n\n01:00:02\nBo Lind\nI send it.\n\nTranscribed by Fireflies.ai\n"
    )
    assert timed(t) == [
        ("Ana Ruiz", "Hello. How was it?", 0.0),
        ("Bo Lind", "Fine.", 5.0),
        ("Ana Ruiz", "Forty seats. By Friday.", 9.0),
        ("Bo Lind", "I send it.", 3602.0),
    ]


def test_short_lines_below_times_are_words_where_they_do_not_come_again() -> None:
    t = read("0:01\nGood Morning\nto all\n0:03\nMonday Again\nalready\n0:06\nForty Seats\nwere sold\n")
    assert timed(t) == [
        (None, "Good Morning to all", 1.0),
        (None, "Monday Again already", 3.0),
        (None, "Forty Seats were sold", 6.0),
    ]


def test_a_time_alone_within_a_long_turn_does_not_end_it() -> None:
    t = read("Ana Ruiz (00:01):\nFirst.\n\n(01:05):\nAnd more.\n\nBo Lind (02:00):\nYes.\n\nAna Ruiz (02:03):\nGood.\n")
    assert timed(t) == [("Ana Ruiz", "First. And more.", 1.0), ("Bo Lind", "Yes.", 120.0), ("Ana Ruiz", "Good.", 123.0)]


def test_what_a_service_says_about_itself_is_not_said_by_anybody() -> None:
    t = read("(Transcribed by TurboScribe.ai. Go Unlimited to remove this message.)\n\nGood morning. We begin.\n")
    assert said(t) == [(None, "Good morning. We begin.")]
