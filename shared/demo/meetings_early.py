"""Meetings of the past months, all reviewed."""

from __future__ import annotations

from shared.demo.scripts import UNDO, Script, after, edit, end_of_quarter, find, reject

_FJORDLINE = Script(
    key="fjordline-discovery",
    title="Fjordline Freight: first call",
    file_name="Fjordline first call.vtt",
    days_ago=63, weekday=1, hour=10,
    owner="priya", attendees=("priya", "marcus"), company="Fjordline Freight",
    reviewer="priya", review_after_h=1.5,
    findings=(
        find("contact", "I'm Ingrid Solberg, I run operations at Fjordline Freight.", sure=0.96,
             name="Ingrid Solberg", title="Head of Operations", company="Fjordline Freight", attended=True),
        find("contact", "And I'm Torbjørn Eide, head of IT.", sure=0.95,
             name="Torbjørn Eide", title="Head of IT", company="Fjordline Freight", attended=True),
        find("contact", "Our finance director, Anne-Lise Holm.", sure=0.88,
             name="Anne-Lise Holm", title="Finance Director", company="Fjordline Freight"),
        find("deal", "we are at around seventy-two thousand euros for the first year",
             "I want to have this decided by the end of the quarter.", sure=0.84,
             verdict=edit(name="Fjordline: ferry-aware planning, Bergen first"),
             company="Fjordline Freight", name="Fjordline Freight planning", amount=72000, currency="EUR",
             stage="discovery", close_date=end_of_quarter),
        find("action_item", "I can send you the interface documents for both. I'll do that by Friday.", sure=0.93,
             description="Send the interface documents of both telematics makes", owner="Torbjørn Eide",
             due_date=after(3)),
        find("action_item", "I'll send you a short list of what we need tomorrow.", sure=0.94,
             description="Send the list of data we need for the pilot plan", owner="Priya Raman", due_date=after(1)),
        find("action_item", "Torbjørn can export that.", sure=0.52, verdict=reject("The same as the list of data"),
             description="Export four weeks of orders", owner="Torbjørn Eide"),
        find("next_meeting", "Tuesday in three weeks at ten is good.", sure=0.9,
             when=after(21), purpose="Show Fjordline the Bergen plan with their own orders"),
        find("decision", "we start in Bergen, as a pilot, and the other depots follow when the numbers are right.",
             "Agreed. Bergen first.", sure=0.93,
             description="Start with a pilot in Bergen; the other depots follow when the numbers are right"),
        find("pain_point", "When Kjell was ill in January we needed eleven hours to plan one day in Bergen.",
             sure=0.91, description="Planning depends on a few experienced planners; an illness cost eleven hours",
             company="Fjordline Freight"),
        find("pain_point", "If a driver misses the last ferry he stays overnight, and that costs us about four "
             "thousand kroner each time", "Six, seven times a month.", sure=0.9,
             description="Missed ferries cost about 4,000 kroner each, six or seven times a month",
             company="Fjordline Freight"),
        find("objection", "That is more than I have in mind. I told the board sixty.", sure=0.86,
             description="Price is above the sixty thousand that the board was told", company="Fjordline Freight"),
        find("competitor", "We looked at Trackwise two years ago and they drew straight lines across the fjord.",
             sure=0.95, name="Trackwise"),
        find("requirement", "It has to read our orders from Visma every fifteen minutes", sure=0.92,
             description="Read orders from Visma every fifteen minutes without anybody pressing a button"),
        find("requirement", "It must never plan a tour that breaks the driving time rules", sure=0.93,
             description="Driving times are a hard limit: no planned tour may break them"),
        find("requirement", "I don't want a second screen in the cab.", sure=0.8, verdict=UNDO,
             description="No second screen in the cab: tours go to the telematics tablet"),
        find("sentiment", "I am honestly looking forward to it", sure=0.82,
             label="positive", about="the pilot in Bergen"),
        find("summary", "we start in Bergen, as a pilot", sure=0.8,
             text="First call with Fjordline Freight (140 vehicles, three depots). Planning rests on a few heads and "
             "missed ferries cost six or seven hotel nights a month. About 72,000 euros for the first year; the board "
             "was told sixty. Agreed to start with a pilot in Bergen; decision by the end of the quarter."),
    ),
)  # fmt: skip

EARLY: tuple[Script, ...] = (_FJORDLINE,)
