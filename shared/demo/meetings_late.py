"""Meetings of the last days: half reviewed, waiting for review, queued, failed; and one that is only kept."""

from __future__ import annotations

from datetime import date, timedelta

from shared.demo.scripts import (
    LEAVE,
    Script,
    after,
    edit,
    end_of_month,
    end_of_next_month,
    end_of_quarter,
    find,
    reject,
)


def _friday(met: date) -> date:
    return met + timedelta(days=(4 - met.weekday()) % 7)


def _thursday_of_next_week(met: date) -> date:
    return met + timedelta(days=10 - met.weekday())


def _friday_of_next_week(met: date) -> date:
    return met + timedelta(days=11 - met.weekday())


_INTERNAL = Script(
    key="pipeline-review",
    title="Pipeline review",
    file_name="pipeline review.md",
    days_ago=3, weekday=0, hour=9,
    owner="dana", attendees=("dana", "marcus", "priya"),
    reviewer="dana", review_after_h=3,
    findings=(
        find("deal", "Rheinbogen. Two hundred and twelve thousand, nine sites, in negotiation.",
             "I would move it to the middle of next month.", sure=0.8,
             company="Rheinbogen Logistik AG", name="Rheinbogen: yard booking, nine sites", amount=212000,
             currency="EUR", close_date=lambda met: end_of_month(met) + timedelta(days=15)),
        find("deal", "Let's take Greyfield then. A hundred and forty-five.", sure=0.74,
             company="Greyfield Retail Group", name="Greyfield: central warehouse slots", amount=145000,
             currency="EUR"),
        find("action_item", "Marcus does the security answers by Tuesday", sure=0.93,
             description="Answer the security part of Greyfield's form", owner="Marcus Oyelaran", due_date=after(1)),
        find("action_item", "I do the rest by Wednesday.", sure=0.9,
             description="Answer Greyfield's 34 questions", owner="Dana Whitlock", due_date=after(9)),
        find("action_item", "I'll call Wim by Thursday.", sure=0.95,
             description="Call Wim Terpstra about a reference for Fjordline", owner="Marcus Oyelaran",
             due_date=after(3)),
        find("action_item", "Priya arranges a visit for Ruth at Northgate within the next two weeks.", sure=0.94,
             description="Arrange a visit for Ruth Okafor at Northgate", owner="Priya Raman", due_date=after(14)),
        find("action_item", "I write the case study by the end of the month.", "Priya drafts, I finish.", sure=0.78,
             verdict=edit(description="Write the case study about Tidewater from Priya's draft"),
             description="Write the case study by the end of the month", owner="Dana Whitlock",
             due_date=end_of_month),
        find("action_item", "I close two of them as lost, honestly", sure=0.71,
             description="Close the two deals that have not answered since summer", owner="Marcus Oyelaran"),
        find("action_item", "I'll look into it.", sure=0.48, verdict=reject("Done in the meeting's own page"),
             description="Look into the failed upload", owner="Priya Raman"),
        find("next_meeting", "Same time next Monday.", sure=0.9, when=after(7), purpose="Pipeline review"),
        find("decision", "we do not go above one annual fee for liability, whoever asks.", sure=0.95,
             description="Liability is limited to one annual fee, whoever asks"),
        find("decision", "a deal without a next step for thirty days goes back to qualification or it is closed.",
             sure=0.94, description="A deal without a next step for thirty days goes back to qualification or is "
             "closed; public ones get a task with a date"),
        find("decision", "We don't follow. We show the numbers from the pilot week, that is the answer.", sure=0.85,
             description="We do not follow Trackwise's price cuts; we show the numbers of the pilot week"),
        find("competitor", "Trackwise is cutting prices. I have seen twenty per cent off in two deals.", sure=0.95,
             name="Trackwise"),
        find("summary", "I prefer a date that is true.", sure=0.75,
             text="Rheinbogen moves to the middle of next month because of the liability clause; one annual fee is "
             "the limit for everybody. Greyfield's form is answered by Wednesday. Tidewater is asked for a reference. "
             "New rule: thirty days without a next step and a deal goes back or is closed."),
    ),
)  # fmt: skip

_BRACKWATER = Script(
    key="brackwater-workshop",
    title="Brackwater Foods: workshop in Manchester",
    file_name="Brackwater workshop.vtt",
    days_ago=5, weekday=3, hour=13,
    owner="priya", attendees=("priya", "dana"), company="Brackwater Foods", deal="brackwater",
    reviewer="priya", review_after_h=16,
    findings=(
        find("contact", "With Pauline, since her knee is better.", sure=0.42, verdict=LEAVE,
             name="Pauline", company="Brackwater Foods"),
        find("contact", "our quality manager, Beatrice Lowe.", sure=0.91,
             name="Beatrice Lowe", title="Quality Manager", company="Brackwater Foods"),
        find("deal", "You wrote sixty-four thousand.", "we have to decide by the end of next month", sure=0.79,
             verdict=LEAVE, company="Brackwater Foods", name="Brackwater: multi-drop planning", amount=64000,
             currency="EUR", stage="proposal", close_date=end_of_next_month),
        find("action_item", "I'll ask Joanne whether you can spend a morning there.", sure=0.93,
             description="Ask Joanne whether Ruth can spend a morning at Northgate", owner="Priya Raman"),
        find("action_item", "I'll send you that by Monday.", "one figure of it, in pounds, with forty devices",
             sure=0.92, description="Send Graham one figure in pounds with forty devices", owner="Dana Whitlock",
             due_date=after(4)),
        find("action_item", "I write that page.", "I'll have it by Wednesday.", sure=0.9,
             description="Write a page on the temperature log for the quality manager", owner="Priya Raman",
             due_date=after(6)),
        find("action_item", "I send you the list of hospital docks with their slots.", sure=0.9, verdict=LEAVE,
             description="Send the list of hospital docks with their slots", owner="Ruth Okafor", due_date=after(1)),
        find("next_meeting", "Thursday in two weeks, same place, with coats.", sure=0.93, verdict=LEAVE,
             when=after(14), purpose="Hospitals first: look at the plan with Graham and Ruth"),
        find("decision", "Then let's do hospitals first and leave the schools alone until that works.", sure=0.95,
             description="Hospitals first; the schools stay as they are until that works"),
        find("pain_point", "Last month we had fourteen refused deliveries at hospitals", sure=0.94,
             description="Fourteen deliveries a month are refused by hospitals and thrown away, about 600 pounds each",
             company="Brackwater Foods"),
        find("pain_point", "We pay for eleven vans that we need for one hour a day.", sure=0.9,
             description="Eleven vans are needed for one hour a day only, because all schools want the same hour",
             company="Brackwater Foods"),
        find("objection", "if it goes wrong at six in the morning nobody calls a computer, they call me.", sure=0.84,
             verdict=LEAVE, description="The transport manager answers for the plan and has seen two systems fail",
             company="Brackwater Foods"),
        find("objection", "I'd rather have one figure with the devices in.", sure=0.55, verdict=LEAVE,
             description="The price must include the devices", company="Brackwater Foods"),
        find("requirement", "It has to be finished by quarter to five.", sure=0.92, verdict=LEAVE,
             description="The plan is finished by a quarter to five; orders close at four"),
        find("requirement", "Allergen and chilled goods in different compartments.", sure=0.9, verdict=LEAVE,
             description="Allergen and chilled goods travel in different compartments"),
        find("requirement", "I want to lock tours.", sure=0.88, verdict=LEAVE,
             description="Tours can be locked to a driver"),
        find("competitor", "Foodtrack have offered us theirs for nothing for six months.", sure=0.95, verdict=LEAVE,
             name="Foodtrack"),
        find("sentiment", "Ruth has seen two of these. Both promised that.", sure=0.58, verdict=LEAVE,
             label="neutral", about="locked tours"),
        find("summary", "let's do hospitals first", sure=0.8, verdict=LEAVE,
             text="A morning at Brackwater: sixty-two tours in ninety minutes on paper. Fourteen hospital deliveries "
             "a month are refused. Hospitals come first, schools stay as they are. Ruth Okafor is wary and will visit "
             "Northgate. Decision by the end of next month, when the school contracts are renewed."),
    ),
)  # fmt: skip

_KESTREL = Script(
    key="kestrel-intro",
    title="Kestrel Parcel: introduction",
    file_name="GMT_kestrel_intro.vtt",
    days_ago=1, weekday=None, hour=15,
    owner="dana", attendees=("dana",), company="Kestrel Parcel",
    findings=(
        find("contact", "I'm Josie Tennant, I'm the network director at Kestrel Parcel.",
             "I'm j.tennant@kestrel-parcel.example", sure=0.96, name="Josie Tennant", title="Network Director",
             company="Kestrel Parcel", email="j.tennant@kestrel-parcel.example", attended=True),
        find("company", "I'm the network director at Kestrel Parcel.", sure=0.88, name="Kestrel Parcel",
             domain="kestrel-parcel.example", size="180"),
        find("contact", "Karim Aldous, I manage the subcontractors.", sure=0.93, name="Karim Aldous",
             title="Subcontractor Manager", company="Kestrel Parcel", attended=True),
        find("contact", "I'd like our managing director to see it once, Howard Pike", sure=0.87,
             name="Howard Pike", title="Managing Director", company="Kestrel Parcel"),
        find("deal", "I have about thirty thousand pounds for this, all in, for the first year.",
             "Their contract runs out at the end of the quarter", sure=0.81, company="Kestrel Parcel",
             name="Kestrel: driver link and recipient page", amount=30000, currency="GBP", stage="qualification",
             close_date=end_of_quarter),
        find("action_item", "I'll send you yesterday's file this afternoon.", sure=0.92,
             description="Send yesterday's parcel file", owner="Karim Aldous", due_date=after(0)),
        find("action_item", "I'll send you a short outline with a price by the end of the week.", sure=0.95,
             description="Send a short outline with a price to Josie and Karim", owner="Dana Whitlock",
             due_date=_friday),
        find("action_item", "I'll send the invitation.", sure=0.7,
             description="Send the invitation for the data protection talk", owner="Dana Whitlock"),
        find("next_meeting", "Thursday of next week at two. I'll send the invitation.", sure=0.93,
             when=_thursday_of_next_week, purpose="Data protection and outline with Josie and Karim"),
        find("pain_point", "We get around ninety complaints a week where nobody can say where the parcel was.",
             sure=0.94, description="Ninety complaints a week where nobody knows where the parcel was",
             company="Kestrel Parcel"),
        find("pain_point", "two large shops have told us they'll leave if it goes on.", sure=0.9,
             description="Two large shops will leave if parcels stay invisible", company="Kestrel Parcel"),
        find("objection", "our solicitor said no to the first version.", sure=0.72,
             description="The solicitor refused an earlier version because of the drivers' phone numbers",
             company="Kestrel Parcel"),
        find("competitor", "we had a trial with Parcelsight.", sure=0.95, name="Parcelsight"),
        find("requirement", "It has to work without a login and on any old phone.", sure=0.95,
             description="Works for subcontractors without a login, on any phone"),
        find("requirement", "The numbers have to be deleted every evening.", sure=0.93,
             description="Drivers' phone numbers are deleted every evening"),
        find("sentiment", "this is the first call about this that did not start with a presentation.", sure=0.71,
             label="positive", about="the first call"),
        find("summary", "Our problem is that we don't know.", sure=0.78,
             text="Kestrel cannot see what its subcontractors do: ninety complaints a week and two large shops about "
             "to leave, one at the end of the quarter. It must work without a login. About 30,000 pounds for the "
             "first year; Josie Tennant decides. An outline with a price goes out this week."),
    ),
)  # fmt: skip

_HANSA = Script(
    key="hansa-erstgespraech",
    title="Hansa Kühlkost: Erstgespräch",
    file_name="Erstgespräch Hansa Kühlkost.txt",
    days_ago=2, weekday=None, hour=10, language="de",
    owner="marcus", attendees=("marcus",), company="Hansa Kühlkost GmbH",
    findings=(
        find("contact", "Moin, Benno Clasen, ich leite die IT bei Hansa Kühlkost.", sure=0.95,
             name="Benno Clasen", title="Leiter IT", company="Hansa Kühlkost GmbH", attended=True),
        find("contact", "Entschieden wird das bei uns von Frau Doktor Wiebke Harms, unserer Geschäftsführerin.",
             sure=0.9, name="Wiebke Harms", title="Geschäftsführerin", company="Hansa Kühlkost GmbH"),
        find("deal", "Im Haushalt stehen neunzigtausend Euro für das nächste Jahr.",
             "Sie möchte bis Ende des Quartals eine Vorlage von mir.", sure=0.8, company="Hansa Kühlkost GmbH",
             name="Hansa Kühlkost: Tour und Beladung", amount=90000, currency="EUR", stage="discovery",
             close_date=end_of_quarter),
        find("action_item", "Ich schicke Ihnen die Beschreibung der SAP-Schnittstelle bis morgen.", sure=0.95,
             description="Beschreibung der SAP-Schnittstelle schicken", owner="Marcus Oyelaran", due_date=after(1)),
        find("action_item", "Sie bekommen die Tourdaten von mir bis Ende nächster Woche.", sure=0.93,
             description="Tourdaten des Depots Billbrook schicken", owner="Henrike Lüders",
             due_date=_friday_of_next_week),
        find("next_meeting", "In drei Wochen passt es gut, am liebsten hier in Hamburg.", sure=0.88,
             when=after(21), purpose="Beladung mit einer Beispielwoche zeigen, in Hamburg"),
        find("decision", "Wir fangen mit einer Beispielwoche aus dem Depot Billbrook an.", sure=0.94,
             description="Beginn mit einer Beispielwoche aus dem Depot Billbrook"),
        find("pain_point", "gehen im nächsten Jahr drei Disponenten in Rente, und deren Wissen steht nirgends.",
             sure=0.93, description="Drei Disponenten gehen in Rente; ihr Wissen ist nirgends aufgeschrieben",
             company="Hansa Kühlkost GmbH"),
        find("pain_point", "Der Fahrer räumt um, und in der Zeit taut die Ware an.",
             "Etwa fünfundzwanzig im Monat.", sure=0.91,
             description="Etwa 25 Reklamationen im Monat, weil die Beladung nicht zur Tour passt",
             company="Hansa Kühlkost GmbH"),
        find("objection", "Ich habe zwei Leute, und die haben bis Ostern keine Luft.", sure=0.86,
             description="Die IT hat nur zwei Leute und vor Ostern keine Zeit", company="Hansa Kühlkost GmbH"),
        find("requirement", "Die Daten bleiben bei uns im Haus.", sure=0.95,
             description="Daten bleiben im Haus, keine Cloud"),
        find("requirement", "ich brauche eine Schnittstelle, die unser Haus selbst warten kann.", sure=0.9,
             description="SAP-Schnittstelle, die das Haus selbst warten kann"),
        find("competitor", "Wir haben uns auch Routenwerk angesehen.", sure=0.95, name="Routenwerk"),
        find("summary", "Also nicht die Kühlung, sondern die Beladung.", sure=0.76,
             text="Hansa Kühlkost (78 Fahrzeuge) verliert im nächsten Jahr drei Disponenten und hat etwa 25 "
             "Reklamationen im Monat, weil die Beladung nicht zur Tour passt. Budget 90.000 Euro, keine Cloud, SAP. "
             "Beginn mit einer Beispielwoche aus Billbrook; Vorlage an die Geschäftsführung bis Ende des Quartals."),
    ),
)  # fmt: skip

_SOLWAY = Script(
    key="solway-depot",
    title="Solway Pharma: recording from the depot",
    file_name="solway depot.txt",
    layout="plain",
    days_ago=4, weekday=None, hour=13,
    owner="dana", attendees=("dana",), company="Solway Pharma Supply", deal="solway",
    findings=(
        find("contact", "Moira does, Moira Jardine, she's the dispatch supervisor.", sure=0.83,
             name="Moira Jardine", title="Dispatch Supervisor", company="Solway Pharma Supply"),
        find("action_item", "I'll send a new figure without the care homes this week.", sure=0.74,
             description="Send a new figure without the care homes", due_date=_friday),
        find("action_item", "I'll ask the leasing company for access to the tracker positions.", sure=0.7,
             description="Ask the leasing company for access to the tracker positions", due_date=after(0)),
        find("next_meeting", "Can we come back in two weeks with your real positions on a screen?", sure=0.72,
             when=after(14), purpose="Show the real positions on a screen"),
        find("decision", "We agreed that the late warning comes first and the planning second", sure=0.85,
             description="The late warning comes first, the planning second"),
        find("pain_point", "the pharmacies in the valleys get theirs after closing. That happened nine times last "
             "month.", sure=0.84, description="The second round starts late and reaches pharmacies after closing",
             company="Solway Pharma Supply"),
        find("pain_point", "Insulin that travels twice has to be written off", sure=0.81,
             description="Insulin that travels twice is written off, about 1,100 pounds a month",
             company="Solway Pharma Supply"),
        find("objection", "What I don't want is to pay for the care homes twice", sure=0.76,
             description="The care homes leave in spring and must not be in the price",
             company="Solway Pharma Supply"),
        find("requirement", "I need to see at eleven whether the first round will be late.", sure=0.83,
             description="See at eleven whether the first round will be late"),
        find("requirement", "it must be on paper because the inspector wants paper.", sure=0.78,
             description="Controlled drugs: two signatures and the box number, on paper"),
        find("summary", "The late warning first.", sure=0.6,
             text="In the depot in Carlisle. The first round comes back late and the second reaches pharmacies after "
             "closing. The late warning comes first; if it works by the new year, the rest is signed. The care homes "
             "are to be taken out of the price."),
    ),
)  # fmt: skip

LATE: tuple[Script, ...] = (
    _INTERNAL,
    _BRACKWATER,
    _KESTREL,
    _HANSA,
    _SOLWAY,
    Script(
        key="greyfield-call", title="Greyfield: slots at the central warehouse", file_name="greyfield_call.vtt",
        days_ago=9, weekday=3, hour=16, owner="dana", attendees=("dana", "priya"),
        company="Greyfield Retail Group", deal="greyfield", ends="failed",
        error="The analysis was interrupted 5 times and was given up. Try again.",
    ),
    Script(
        key="orla-notes", title="Orla Textiles: is there something for us?", file_name="orla.txt",
        days_ago=118, weekday=2, hour=11, owner="priya", attendees=("priya",),
        company="Orla Textiles", ends="stored",
    ),
    Script(
        key="mistral-call", title="Mistral Vins: before the season", file_name="Mistral Vins call.vtt",
        days_ago=0, weekday=None, hour=9, owner="marcus", attendees=("marcus",),
        company="Mistral Vins & Spiritueux", ends="queued",
    ),
)  # fmt: skip
