"""WebVTT, SRT and SBV as tools really write them."""

from __future__ import annotations

import pytest

from shared.errors import Invalid
from shared.transcripts import Transcript, parse


def read(text: str, name: str = "call.vtt") -> Transcript:
    return parse(text.encode(), name)


def said(transcript: Transcript) -> list[tuple[str | None, str]]:
    return [(u.speaker, u.text) for u in transcript.utterances]


def test_zoom_names_stand_in_the_text() -> None:
    t = read(
        "WEBVTT\r\n\r\n1\r\n00:05:31.760 --> 00:05:34.020\r\nAna Ruiz (Acme): Can you hear me?\r\n\r\n"
        "2\r\n00:05:34.500 --> 00:05:36.000\r\nBo Lind: Yes: loud and clear.\r\n"
    )
    assert t.format == "vtt"
    assert said(t) == [("Ana Ruiz (Acme)", "Can you hear me?"), ("Bo Lind", "Yes: loud and clear.")]
    assert (t.utterances[0].start_s, t.utterances[0].end_s) == (331.76, 334.02)


def test_teams_blocks_interleave_and_come_out_in_order() -> None:
    uuid = "6f1c2a3b-1111-4222-8333-944445555666"
    t = read(
        f"WEBVTT\n\n{uuid}/46-0\n00:00:18.000 --> 00:00:19.000\n<v Bo Lind>Hello.</v>\n\n"
        f"{uuid}/45-0\n00:00:15.794 --> 00:00:17.000\n<v Ruiz, Ana>Hi everyone.\nGood to see you.</v>\n\n"
        f"{uuid}/45-1\n00:00:19.500 --> 00:00:22.834\n<v Ruiz, Ana>Shall we start?</v>\n"
    )
    assert said(t) == [
        ("Ruiz, Ana", "Hi everyone. Good to see you."),
        ("Ruiz, Ana", "Shall we start?"),
        ("Bo Lind", "Hello."),
    ]


def test_parts_of_a_teams_block_that_break_off_are_one_sentence() -> None:
    uuid = "6f1c2a3b-1111-4222-8333-944445555666"
    t = read(
        f"WEBVTT\n\n{uuid}/13-0\n00:00:04.000 --> 00:00:10.000\n<v Ana Ruiz>Hi everyone and today\nwe are doing</v>\n\n"
        f"{uuid}/32-0\n00:00:06.000 --> 00:00:10.200\n<v Bo Lind>OK. But before we</v>\n\n"
        f"{uuid}/13-1\n00:00:10.000 --> 00:00:13.000\n<v Ana Ruiz>part two.</v>\n\n"
        f"{uuid}/32-1\n00:00:10.200 --> 00:00:12.500\n<v Bo Lind>start?</v>\n"
    )
    assert said(t) == [
        ("Ana Ruiz", "Hi everyone and today we are doing part two."),
        ("Bo Lind", "OK. But before we start?"),
    ]
    assert [(u.start_s, u.end_s) for u in t.utterances] == [(4.0, 13.0), (6.0, 12.5)]
    assert (t.kept, t.found) == (4, 4)


def test_dashes_in_one_caption_are_two_people() -> None:
    t = read(
        "1\n00:00:01,000 --> 00:00:02,000\nANA: Well?\n\n2\n00:00:03,000 --> 00:00:04,000\n- Fine.\n- Good.\n", "a.srt"
    )
    assert said(t) == [("ANA", "Well?"), (None, "Fine."), (None, "Good.")]


def test_handles_that_people_give_themselves_are_names() -> None:
    cues = [f"00:0{i}.000 --> 00:0{i}.900\n{who}: hello {i}" for i, who in enumerate(["kado-tch", "Bo Lind"] * 3)]
    t = read("WEBVTT\n\n" + "\n\n".join(cues))
    assert {u.speaker for u in t.utterances} == {"kado-tch", "Bo Lind"}


def test_times_may_be_bare_seconds() -> None:
    t = read("WEBVTT\n\n0.860 --> 7.380\n<v SPEAKER_1>Welcome.\n\n1:04.62 --> 1:09.2\n<v SPEAKER_2>Thanks.\n")
    assert [(u.start_s, u.end_s) for u in t.utterances] == [(0.86, 7.38), (64.62, 69.2)]
    assert (t.kept, t.found) == (2, 2)


def test_a_name_in_srt_is_carried_on_until_the_next_one() -> None:
    t = read(
        "1\n00:00:00,000 --> 00:00:04,799\nAna: It is\nraining.\n\n2\n00:00:05,000 --> 00:00:06,000\nStill.\n\n"
        "3\n00:00:07,000 --> 00:00:08,000\nBo: Yes.\n\n4\n00:00:08,000 --> 00:00:09,000\nAna: Ha.\n",
        "call.srt",
    )
    assert t.format == "srt"
    assert said(t) == [("Ana", "It is raining."), ("Ana", "Still."), ("Bo", "Yes."), ("Ana", "Ha.")]


def test_two_people_in_one_cue_become_two_utterances() -> None:
    t = read("WEBVTT\n\n00:01.000 --> 00:04.000\n<v Ana>Ready?</v>\n<v Bo>Ready.</v>\n")
    assert said(t) == [("Ana", "Ready?"), ("Bo", "Ready.")]
    t = read(
        "1\n00:00:01,000 --> 00:00:04,000\nAna: Ready?\nBo: Ready.\n\n2\n00:00:05,000 --> 00:00:06,000\nAna: Go.\n"
    )
    assert said(t) == [("Ana", "Ready?"), ("Bo", "Ready."), ("Ana", "Go.")]


def test_rolling_captions_are_not_doubled() -> None:
    lines = ["so welcome to the call", "today we look at the", "numbers of last month", "and they are good"]
    cues, at = [], 0
    for before, line in zip(["", *lines], lines, strict=False):
        words = "".join(f"<00:00:{at:02}.500><c> {word}</c>" for word in line.split()[1:])
        times = f"00:00:{at:02}.000 --> 00:00:{at + 2:02}.000 align:start position:0%"
        cues.append(f"{times}\n{before or ' '}\n{line.split()[0]}{words}")
        cues.append(f"00:00:{at + 2:02}.000 --> 00:00:{at + 2:02}.010 align:start position:0%\n{line}\n ")
        at += 3
    t = read("WEBVTT\nKind: captions\nLanguage: en\n\n" + "\n\n".join(cues) + "\n")
    assert [u.text for u in t.utterances] == lines
    assert t.kept == t.found == len(lines)


def test_a_short_file_with_timed_words_is_rolling_too() -> None:
    t = read(
        "WEBVTT\n\n00:00:00.000 --> 00:00:02.500\n \nhello<00:00:00.500><c> there</c>\n\n"
        "00:00:02.500 --> 00:00:02.510\nhello there\n \n\n"
        "00:00:02.510 --> 00:00:05.000\nhello there\nwelcome<00:00:03.000><c> back</c>\n"
    )
    assert [u.text for u in t.utterances] == ["hello there", "welcome back"]


def test_live_captions_that_grow_are_read_once() -> None:
    grown = ["I", "I think", "I think we", "I think we agree.", "Good.", "Good. Then", "Good. Then bye."]
    t = read("WEBVTT\n\n" + "\n\n".join(f"00:{i:02}.000 --> 00:{i + 1:02}.000\n{g}" for i, g in enumerate(grown)))
    assert [u.text for u in t.utterances] == ["I think we agree.", "Good. Then bye."]
    assert (t.utterances[0].start_s, t.utterances[0].end_s) == (0.0, 4.0)


def test_people_may_say_the_same_thing_twice() -> None:
    t = read(
        "WEBVTT\n\n"
        + "\n\n".join(
            f"00:{i:02}.000 --> 00:{i + 1:02}.000\n{g}"
            for i, g in enumerate(["One.", "Two.", "Two.", "Three.", "Four."])
        )
    )
    assert [u.text for u in t.utterances] == ["One.", "Two.", "Two.", "Three.", "Four."]


def test_markup_goes_and_speech_about_markup_stays() -> None:
    t = read(
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<i>R&amp;D</i> costs <b>more</b>\n\n"
        "00:03.000 --> 00:04.000\nput <script>alert(1)</script> and {{ 7*7 }} there\n"
    )
    assert [u.text for u in t.utterances] == ["R&D costs more", "put <script>alert(1)</script> and {{ 7*7 }} there"]


def test_notes_and_styles_are_no_speech_and_blank_lines_lose_nothing() -> None:
    t = read(
        "WEBVTT - Weekly sync\n\nNOTE made by a tool\nwith two lines\n\nSTYLE\n::cue { color: red }\n\n"
        "intro\n00:01.000 --> 00:02.000\nfirst\n\nafter a blank line\n\nNOTE duration: 3\n\n2\n"
        "00:03.000 --> 00:04.000\nsecond\n"
    )
    assert t.title == "Weekly sync"
    assert [u.text for u in t.utterances] == ["first after a blank line", "second"]


def test_a_number_somebody_says_is_not_a_cue_number() -> None:
    t = read(
        "1\n00:00:01,000 --> 00:00:02,000\nHow many?\n\n2\n00:00:03,000 --> 00:00:04,000\n42\n\n3\n"
        "00:00:05,000 --> 00:00:06,000\nRight.\n",
        "a.srt",
    )
    assert [u.text for u in t.utterances] == ["How many?", "42", "Right."]


@pytest.mark.parametrize("cut_at", range(70, 260, 7))
def test_a_file_cut_anywhere_keeps_what_came_before(cut_at: int) -> None:
    whole = "WEBVTT\n\n" + "".join(
        f"{i + 1}\n00:00:{2 * i:02}.000 --> 00:00:{2 * i + 1:02}.500\nAna: Sentence number {i}.\n\n" for i in range(6)
    )
    t = read(whole[:cut_at])
    assert t.utterances[0].text == "Sentence number 0."
    assert all(f"Ana: Sentence number {i}.".endswith(u.text) for i, u in enumerate(t.utterances[:-1]))
    assert t.utterances[-1].text in f"Ana: Sentence number {len(t.utterances) - 1}."
    assert t.found - t.kept in (0, 1)
    assert not any("-->" in u.text or u.text.isdigit() for u in t.utterances)


def test_a_cue_cut_off_is_counted_as_lost() -> None:
    t = read("WEBVTT\n\n1\n00:01.000 --> 00:02.000\nAna: Hello.\n\n2\n00:00:03.000 --> 00:0")
    assert (t.kept, t.found) == (1, 2)


def test_a_broken_end_time_costs_the_time_and_not_the_words() -> None:
    t = read("WEBVTT\n\n00:01.000 --> oops\nstill here\n\n00:05.000 --> 00:02.000\nand here\n")
    assert [(u.text, u.start_s, u.end_s) for u in t.utterances] == [("still here", 1.0, None), ("and here", 5.0, None)]


def test_words_above_the_first_cue_are_kept() -> None:
    t = read("Interview, part two\n\n1\n00:00:01,000 --> 00:00:02,000\nHello.\n", "a.srt")
    assert [(u.text, u.start_s) for u in t.utterances] == [("Interview, part two", None), ("Hello.", 1.0)]


def test_one_time_line_in_the_middle_of_notes_does_not_make_them_captions() -> None:
    t = read("# Notes\n\n- first\n- second\n\n00:01.000 --> 00:02.000\n\n- third\n", "notes.md")
    assert t.format == "markdown"
    assert [u.text for u in t.utterances] == ["Notes", "first", "second", "00:01.000 --> 00:02.000", "third"]


def test_captions_without_captions_are_refused() -> None:
    with pytest.raises(Invalid, match="no captions"):
        read("WEBVTT\n\nNOTE nothing here\n")


def test_sbv() -> None:
    t = read("0:00:00.378,0:00:11.378\nAna: Hello\nthere\n\n0:00:12.000,0:00:13.000\nBo: Hi\n", "captions.sbv")
    assert t.format == "sbv"
    assert said(t) == [("Ana", "Hello there"), ("Bo", "Hi")]


def test_ttml_with_agents() -> None:
    t = read(
        '<?xml version="1.0" encoding="utf-8"?><tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata">'
        '<head><metadata><ttm:agent xml:id="v1"><ttm:name>Ana Ruiz</ttm:name></ttm:agent></metadata></head><body><div>'
        '<p begin="00:00:01.000" end="2.5s" ttm:agent="v1">Hello<br/>there <span>R&amp;D</span>!</p>'
        '<p begin="00:00:03:12" end="00:00:04:00">Hi</p></div></body></tt>',
        "captions.ttml",
    )
    assert t.format == "ttml"
    assert said(t) == [("Ana Ruiz", "Hello there R&D!"), (None, "Hi")]
    assert [(u.start_s, u.end_s) for u in t.utterances] == [(1.0, 2.5), (3.0, 4.0)]


def test_ttml_with_entities_of_its_own_is_refused() -> None:
    with pytest.raises(Invalid, match="entities"):
        read('<!DOCTYPE tt [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><tt><p begin="1s">&b;</p></tt>', "x.ttml")


def test_broken_ttml_names_the_place() -> None:
    with pytest.raises(Invalid, match="line 2, column"):
        read('<tt>\n<p begin="1s">Hi</tt>', "x.ttml")


def test_a_name_on_a_line_of_its_own_above_the_words() -> None:
    cues = [
        f"00:0{i}.000 --> 00:0{i}.900\n{who}\nhello {i}\nagain" for i, who in enumerate(["Ana Ruiz", "Bo Lind"] * 3)
    ]
    t = read("WEBVTT\n\n" + "\n\n".join(cues))
    assert said(t)[:2] == [("Ana Ruiz", "hello 0 again"), ("Bo Lind", "hello 1 again")]
    lines = ["Berlin\nis big", "Paris\nis old", "Rome\nis warm", "Oslo\nis cold"]
    t = read("WEBVTT\n\n" + "\n\n".join(f"00:0{i}.000 --> 00:0{i}.900\n{line}" for i, line in enumerate(lines)))
    assert {u.speaker for u in t.utterances} == {None}


def test_words_that_ttml_writes_without_blanks_stay_words() -> None:
    t = read(
        '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:a="urn:a" xmlns:ttm="http://www.w3.org/ns/ttml#metadata"><body><div>'
        '<p begin="1.08" end="7.3" ttm:agent="SPEAKER_1"><span a:unit="sentence"><span a:unit="word">Hello</span>'
        '<span a:unit="word">there.</span></span></p></div></body></tt>',
        "a.ttml",
    )
    assert said(t) == [("SPEAKER_1", "Hello there.")]


def test_a_name_before_a_colon_is_believed_beside_names_in_tags() -> None:
    """Podcast hosts mix both; without this the words of one speaker would be another's."""
    cues = [
        "<v Ana> When you start, it is\nhard.",
        "But it gets better.",
        "Bo: Is there an ideal\nlength?",
        "No. Some have three hours: that is fine.",
        "<v Ana> Use templates.",
        "Bo: Ask your guests.",
        "They like it. Remember: once a week.",
    ]
    times = [f"00:00:{2 * i:02}.000 --> 00:00:{2 * i + 2:02}.000\n{cue}\n" for i, cue in enumerate(cues)]
    assert [u.speaker for u in read("WEBVTT\n\n" + "\n".join(times)).utterances] == [
        "Ana", "Ana", "Bo", "Bo", "Ana", "Bo", "Bo",
    ]  # fmt: skip


def test_host_and_guest_speak_in_srt_with_paragraphs_and_clock_times() -> None:
    t = read(
        "1\n18:16:56,000 --> 18:17:03,000\nGuest: seats\n\n2\n18:17:03,000 --> 18:17:10,000\nHost: Of course!\n\n"
        "There is more.\n\n3\n18:17:10,000 --> 18:17:38,000\nGuest: fine\n\n"
        "4\n18:17:38,000 --> 18:18:06,000\nHost: Good.\n",
        "call.srt",
    )
    assert said(t) == [("Guest", "seats"), ("Host", "Of course! There is more."), ("Guest", "fine"), ("Host", "Good.")]
    assert t.utterances[1].start_s == 7.0


def test_ttml_has_speakers_in_its_text_and_lengths_instead_of_ends() -> None:
    said_by = [("ANA", "Who is there?"), ("BO 2", "It is me."), ("ANA", "Come in."), ("BO 2", "Thanks.")]
    body = "".join(
        f'<p begin="{i}s" dur="0.5s">\n  {name}:\n  <br/>\n  {text}\n</p>' for i, (name, text) in enumerate(said_by)
    )
    t = read(f'<tt xmlns="http://www.w3.org/ns/ttml"><body><div>{body}</div></body></tt>', "call.ttml")
    assert said(t) == said_by
    assert [(u.start_s, u.end_s) for u in t.utterances] == [(i, i + 0.5) for i in range(4)]
