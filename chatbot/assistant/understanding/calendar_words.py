"""Words of the calendar in both languages, folded: months, weekdays, units, and phrases that are one time."""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janner jaenner", "february feb februar", "march mar marz maerz mrz", "april apr",
            "may mai", "june jun juni", "july jul juli", "august aug", "september sep sept", "october oct oktober okt",
            "november nov", "december dec dezember dez",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
#: Month names that are other words too: they need a preposition, a day or a year beside them, or a capital.
AMBIGUOUS = frozenset(("may", "march", "mar", "jan", "dec", "sep", "mai", "august", "april", "june"))
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        ("monday montag mon", "tuesday dienstag tue tues", "wednesday mittwoch wed", "thursday donnerstag thu thurs",
         "friday freitag fri", "saturday samstag sonnabend sat", "sunday sonntag sun")
    )
    for name in (*names.split(), names.split()[0] + "s")
}  # fmt: skip
UNITS = {
    **dict.fromkeys("day days tag tage tagen tages".split(), "day"),
    **dict.fromkeys("week weeks woche wochen wk kw".split(), "week"),
    **dict.fromkeys("fortnight fortnights".split(), "fortnight"),
    **dict.fromkeys("month months monat monate monaten monats".split(), "month"),
    **dict.fromkeys("quarter quarters quartal quartale quartalen quartals".split(), "quarter"),
    **dict.fromkeys("year years jahr jahre jahren jahres".split(), "year"),
}
LAST = frozenset(
    "last previous past prior preceding letzte letzten letzter letztes letztem vergangene vergangenen vergangener "
                  "vergangenes vergangenem vorige vorigen voriger voriges vorigem vorherige vorherigen".split()
)  # fmt: skip
THIS = frozenset("this current running present ongoing "
                 "diese dieser dieses diesen diesem aktuelle aktuellen aktueller aktuelles aktuellem "
                  "laufenden laufende laufendes laufender laufendem the".split())  # fmt: skip
NEXT = frozenset("next nxt coming following upcoming nachste nachsten nachster nachstes nachstem naechste naechsten "
                  "naechster naechstes naechstem kommende kommenden kommender kommendes kommendem folgenden "
                  "folgende".split())  # fmt: skip
COUPLE = {"couple": 2, "few": 3, "paar": 3, "several": 3}
FIXED = {
    ("in", "the", "past"): "before:today",
    ("in", "der", "vergangenheit"): "before:today",
    ("already", "passed"): "before:today",
    ("already", "past"): "before:today",
    ("tommorow",): "tomorrow",
    ("tommorrow",): "tomorrow",
    ("tomorow",): "tomorrow",
    ("new", "years"): "new_year",
    ("new", "years", "eve"): "end:this_year",
    ("neujahr",): "new_year",
    ("neuen", "jahr"): "next_year", ("neues", "jahr"): "next_year", ("neuem", "jahr"): "next_year",
    ("silvester",): "end:this_year",
    ("today",): "today", ("heute",): "today", ("tonight",): "today", ("this", "morning"): "today",
    ("this", "afternoon"): "today", ("this", "evening"): "today", ("yesterday",): "yesterday",
    ("gestern",): "yesterday", ("tomorrow",): "tomorrow", ("heute", "noch"): "today", ("todays",): "today",
    ("yesterdays",): "yesterday", ("tomorrows",): "tomorrow", ("heutige",): "today", ("heutigen",): "today",
    ("gestrigen",): "yesterday", ("diesjahrigen",): "this_year", ("diesjahrige",): "this_year",
    ("week", "to", "date"): "this_week", ("mtd",): "this_month", ("month", "to", "date"): "this_month",
    ("wtd",): "this_week",
    ("qtd",): "this_quarter", ("quarter", "to", "date"): "this_quarter", ("ytd",): "this_year",
    ("year", "to", "date"): "this_year", ("a", "week", "ago"): "ago:1:week", ("gone", "by"): "before:today",
    ("has", "passed"): "before:today", ("have", "passed"): "before:today", ("passed", "already"): "before:today",
    ("been", "and", "gone"): "before:today", ("behind", "us"): "before:today", ("in", "the", "future"): "after:today",
    ("still", "ahead"): "after:today", ("yet", "to", "come"): "after:today", ("still", "to", "come"): "after:today",
    ("the", "day", "before", "today"): "yesterday", ("day", "before", "today"): "yesterday",
    ("the", "day", "after", "today"): "tomorrow", ("day", "after", "today"): "tomorrow",
    ("vorgestern",): "day:-2", ("the", "day", "before", "yesterday"): "day:-2", ("ubermorgen",): "day:2",
    ("day", "before", "yesterday"): "day:-2", ("uebermorgen",): "day:2", ("the", "day", "after", "tomorrow"): "day:2",
    ("day", "after", "tomorrow"): "day:2", ("morgen",): "tomorrow", ("letztens",): "last_30_days",
    ("in", "letzter", "zeit"): "last_30_days", ("in", "the", "recent", "past"): "last_30_days",
    ("eow",): "end:this_week", ("eom",): "end:this_month", ("eoq",): "end:this_quarter", ("eoy",): "end:this_year",
    ("year", "end"): "end:this_year", ("month", "end"): "end:this_month", ("quarter", "end"): "end:this_quarter",
    ("jahresende",): "end:this_year", ("monatsende",): "end:this_month", ("quartalsende",): "end:this_quarter",
    ("wochenende",): "weekend", ("weekend",): "weekend", ("this", "weekend"): "weekend",
    ("the", "weekend"): "weekend", ("the", "year", "end"): "end:this_year", ("end", "of", "week"): "end:this_week",
    ("christmas",): "christmas", ("weihnachten",): "christmas", ("anfang", "des", "jahres"): "start:this_year",
    ("jahresbeginn",): "start:this_year", ("jahresanfang",): "start:this_year",
    ("beginning", "of", "the", "year"): "start:this_year", ("start", "of", "the", "year"): "start:this_year",
    ("the", "start", "of", "the", "year"): "start:this_year", ("new", "year"): "new_year",
    ("the", "beginning", "of", "the", "year"): "start:this_year", ("monatsanfang",): "start:this_month",
    ("start", "of", "the", "month"): "start:this_month", ("the", "start", "of", "the", "month"): "start:this_month",
    ("beginning", "of", "the", "month"): "start:this_month", ("start", "of", "the", "quarter"): "start:this_quarter",
    ("the", "beginning", "of", "the", "month"): "start:this_month", ("quartalsbeginn",): "start:this_quarter",
    ("the", "start", "of", "the", "quarter"): "start:this_quarter", ("monatsbeginn",): "start:this_month",
    ("start", "of", "the", "week"): "start:this_week", ("the", "start", "of", "the", "week"): "start:this_week",
}  # fmt: skip
#: Days of a month written out.
DAYS = {
    word: number
    for number, words in enumerate(
        ("first ersten", "second zweiten", "third dritten", "fourth vierten", "fifth fünften", "sixth sechsten",
         "seventh siebten", "eighth achten", "ninth neunten", "tenth zehnten", "eleventh elften", "twelfth zwölften",
         "thirteenth dreizehnten", "fourteenth vierzehnten", "fifteenth fünfzehnten", "sixteenth sechzehnten",
         "seventeenth siebzehnten", "eighteenth achtzehnten", "nineteenth neunzehnten", "twentieth zwanzigsten"),
        start=1,
    )
    for word in words.replace("ü", "u").replace("ö", "o").split()
}  # fmt: skip
ORDINALS = {
    word: number
    for number, words in enumerate(
        ("first 1st ersten erste erstes", "second 2nd zweiten zweite zweites", "third 3rd dritten dritte drittes",
         "fourth 4th vierten vierte viertes"), start=1)
    for word in words.split()
}  # fmt: skip
#: The month a season begins with.
SEASONS = {
    word: month
    for month, words in ((3, "spring fruhling fruhjahr"), (6, "summer sommer"), (9, "autumn herbst"), (12, "winter"))
    for word in words.split()
}
