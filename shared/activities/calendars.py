"""A calendar file as what happens when: each event once, of those that come again the ones within reach.

`icalendar` reads the file, zones of every program included; `dateutil` counts repetitions, in the event's own local
time, so that a weekly ten o'clock stays one in summer. A rule is only followed to the end of the window, and only by
days: rules made to run for ever cannot.

    past: the last year of a series, 60 at most        future: the next one of a series
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Calendar, Component

from shared import clock
from shared.activities.letters import MAX_PEOPLE, MAX_TEXT, Person, Unreadable, clean, key_of
from shared.errors import Invalid, TooLarge

MAX_BYTES = 20 * 1024 * 1024
MAX_EVENTS = 20_000
_PAST = timedelta(days=365)
_FUTURE = timedelta(days=366)
_MOST_PAST = 60
_OLDEST = date(1975, 1, 1)
_LATEST = date(2200, 1, 1)
_FREQUENCIES = frozenset(("DAILY", "WEEKLY", "MONTHLY", "YEARLY"))
_STEPS = {"DAILY": timedelta(days=1), "WEEKLY": timedelta(days=7)}
_NARROWING = frozenset(("BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"))
_WITHIN_A_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")


@dataclass(frozen=True, slots=True)
class Happening:
    """One event, or one of a series. `start` is a moment (UTC) or, all day long, a day; `problem` says why it is left.

    `sequence` and `stamp` tell which of two versions is the later one.
    """

    key: str
    title: str
    start: datetime | date
    duration_s: int | None
    people: tuple[Person, ...]
    more: int
    place: str
    text: str
    is_cancelled: bool
    is_series: bool
    sequence: int
    stamp: datetime | None
    problem: str | None = None

    def is_future(self, zone: ZoneInfo) -> bool:
        """Whether it has still to begin."""
        now = clock.now()
        if isinstance(self.start, datetime):
            return self.start > now
        return self.start > now.astimezone(zone).date()

    @property
    def digest(self) -> str:
        """Differs where anything differs that a note or a task shows."""
        names = [f"{p.role} {p.name} {p.address}" for p in self.people]
        shown = (self.title, str(self.start), str(self.duration_s), self.place, self.text, str(self.is_cancelled))
        return key_of(*shown, *names)


def read(path: Path, zone: ZoneInfo) -> tuple[list[Happening], list[str]]:
    """What a file holds, by time, and sentences about what was left. `zone` is where times without a zone are meant.

    Raises Invalid for what is no calendar, TooLarge for a huge one.
    """
    if path.stat().st_size > MAX_BYTES:
        raise TooLarge(f"A calendar file may have {MAX_BYTES // 2**20} MB at most. Export a shorter time.")
    data = path.read_bytes()
    if b"FREQ=SECONDLY" in data.upper() or b"FREQ=MINUTELY" in data.upper():  # in a zone, too, it is counted out
        raise Invalid.field("file", "This calendar repeats something by the minute. It cannot be taken in.")
    try:
        calendars = Calendar.from_ical(data, multiple=True)
    except (ValueError, KeyError, IndexError, AttributeError, TypeError, RecursionError, OSError) as error:
        raise Invalid.field("file", "This calendar file is damaged and cannot be read.") from error
    events = [(event, _cancels(calendar)) for calendar in calendars for event in calendar.walk("VEVENT")]
    if len(events) > MAX_EVENTS:
        raise TooLarge(f"A calendar file may hold {MAX_EVENTS:,} events at most. Export a shorter time.")
    found: dict[str, Happening] = {}
    for happening in chain.from_iterable(_series(group, zone) for group in _grouped(events)):
        known = found.get(happening.key)
        if known is None or revision(happening) >= revision(known):
            found[happening.key] = happening
    if not events:
        raise Invalid.field("file", "There is no event in this calendar file, or it is damaged.")
    to_dos = sum(len(calendar.walk("VTODO")) for calendar in calendars)
    return sorted(found.values(), key=lambda one: _order(one.start, zone)), _notes(to_dos)


def _notes(to_dos: int) -> list[str]:
    if to_dos == 1:
        return ["One to-do was left out: only events are taken in."]
    return [f"{to_dos} to-dos were left out: only events are taken in."] if to_dos else []


def revision(of: Any) -> tuple[int, datetime]:
    """Which version of an event this is; the greater is the later."""
    return of.sequence, of.stamp or datetime(1970, 1, 1, tzinfo=UTC)


def _order(start: datetime | date, zone: ZoneInfo) -> datetime:
    return start if isinstance(start, datetime) else datetime.combine(start, time(), tzinfo=zone)


def _cancels(calendar: Any) -> bool:
    return str(calendar.get("METHOD", "")).upper() == "CANCEL"


def _grouped(events: Iterable[tuple[Component, bool]]) -> Iterable[list[tuple[Component, bool]]]:
    """Events of one UID together: a series, and those of it that were moved."""
    groups: dict[str, list[tuple[Component, bool]]] = {}
    for number, (event, cancels) in enumerate(events):
        uid = str(event.get("UID", "")).strip()
        groups.setdefault(uid or f"\0{number}", []).append((event, cancels))
    return groups.values()


def _series(group: list[tuple[Component, bool]], zone: ZoneInfo) -> Iterator[Happening]:
    """What happens of the events with one UID: those that were moved stand in for their day of the series, or for it
    and all later ones."""
    moved: dict[str, Happening] = {}
    masters = [one for one in group if _value(one[0], "RECURRENCE-ID") is None]
    changes = [_Change(*one, zone) for one in group if masters and _changes_the_rest(one[0])]
    for event, cancels in group:
        day = _value(event, "RECURRENCE-ID")
        if day is None or (masters and _changes_the_rest(event)):
            continue
        name = _day_name(_moment(day, zone))
        happening = _happening(event, cancels, zone, name, is_series=True)
        if name not in moved or revision(happening) >= revision(moved[name]):
            moved[name] = happening
    for event, cancels in masters:
        if "RRULE" not in event and "RDATE" not in event:
            yield _happening(event, cancels, zone, "", is_series=False)
            continue
        try:
            starts = list(_starts(event, zone))
        except (Unreadable, ValueError, TypeError, OverflowError, AttributeError) as error:
            why = str(error) if isinstance(error, Unreadable) else "Its rule cannot be read."
            yield _happening(event, cancels, zone, "", is_series=True, problem=why)
            continue
        for start in starts:
            name = _day_name(start)
            if name in moved:
                continue
            at = _order(start, zone)
            change = max((one for one in changes if one.begins <= at), key=lambda one: one.rank, default=None)
            if change is None:
                yield _happening(event, cancels, zone, name, is_series=True, start=start)
            else:
                begin = change.moved(start)
                yield _happening(change.event, change.cancels, zone, name, is_series=True, start=begin)
    yield from (one for one in moved.values() if _is_near(one.start, zone))


def _changes_the_rest(event: Component) -> bool:
    """Whether it stands for its day of the series and all later ones."""
    found = event.get("RECURRENCE-ID")
    ranges = (_read(one, "params") or {} for one in _listed(found) if _value(event, "RECURRENCE-ID") is not None)
    return any(str(given.get("RANGE", "")).upper() == "THISANDFUTURE" for given in ranges)


def _between(day: datetime | date, begin: datetime | date, zone: Any) -> timedelta:
    """How far a day was moved; by more than a year it was not, and that is nonsense."""
    try:
        shift = _naive(begin, zone) - _naive(day, zone)
    except OverflowError:
        return timedelta()
    return shift if abs(shift) <= _FUTURE else timedelta()


class _Change:
    """What a series is from one day on: the later of two that both hold is the one that begins later, or was changed
    last. Its days are as much earlier or later as its first one is, on the clock of its own zone."""

    def __init__(self, event: Component, cancels: bool, zone: ZoneInfo) -> None:
        self.event, self.cancels = event, cancels
        day, begin = _value(event, "RECURRENCE-ID"), _value(event, "DTSTART")
        self._zone = getattr(begin, "tzinfo", None) or getattr(day, "tzinfo", None) or zone
        if self._zone is UTC or str(self._zone) == "UTC":
            self._zone = getattr(day, "tzinfo", None) or zone
        self._shift = _between(day, begin, self._zone) if begin is not None else timedelta()
        self.begins = _order(_moment(day, zone), zone)
        self.rank = (self.begins, _sequence(event))

    def moved(self, start: datetime | date) -> datetime | date:
        """When a day of the old series is now."""
        if not isinstance(start, datetime):
            return start + timedelta(days=self._shift.days)
        local = start.astimezone(self._zone).replace(tzinfo=None) + self._shift
        return local.replace(tzinfo=self._zone).astimezone(UTC)


def _day_name(start: datetime | date) -> str:
    """What a day of a series is called, however its zone is written."""
    return start.isoformat()


def _is_near(start: datetime | date, zone: ZoneInfo) -> bool:
    return clock.now() - _PAST <= _order(start, zone) <= clock.now() + _FUTURE


# --- Repetitions


def _starts(event: Component, zone: ZoneInfo) -> Iterator[datetime | date]:
    """When the ones of a series begin: those of the last year, and the next. Raises Unreadable."""
    first = _value(event, "DTSTART")
    if first is None:
        raise Unreadable("It has no beginning.")
    is_day = not isinstance(first, datetime)
    zone_of = getattr(first, "tzinfo", None) or zone
    begin = datetime.combine(first, time()) if is_day else first.replace(tzinfo=None)
    if begin.date() < _OLDEST:
        raise Unreadable("It began too long ago to be counted.")
    now = clock.now().astimezone(zone_of).replace(tzinfo=None)
    left_out = {_naive(day, zone_of) for day in _days(event, "EXDATE")}
    found = {begin, *(_naive(day, zone_of) for day in _days(event, "RDATE"))}
    for rule in _listed(event.get("RRULE")):
        found.update(_counted(rule, begin, now, zone_of))
    days = sorted(day for day in found - left_out if now - _PAST <= day <= now + _FUTURE)
    past, future = [day for day in days if day <= now], [day for day in days if day > now]
    for day in (*past[-_MOST_PAST:], *future[:1]):
        yield day.date() if is_day else day.replace(tzinfo=zone_of).astimezone(UTC)


def _counted(rule: Any, begin: datetime, now: datetime, zone: Any) -> Iterator[datetime]:
    """The days of a rule to the end of the window. COUNT is counted here: a rule without an end could run for ever."""
    parts = {str(name).upper(): values if isinstance(values, list) else [values] for name, values in rule.items()}
    frequency = str(parts.get("FREQ", [""])[0]).upper()
    if frequency not in _FREQUENCIES or any(len(parts.get(name, ())) > 1 for name in _WITHIN_A_DAY):
        raise Unreadable("It repeats more than once a day.")
    interval = int(parts.get("INTERVAL", [1])[0])
    if not 1 <= interval <= 999 or _may_never_come(frequency, interval, parts.keys()):
        raise Unreadable("Its rule cannot be read.")
    end = now + _FUTURE
    for until in parts.pop("UNTIL", ()):
        is_moment = isinstance(until, datetime)
        end = min(end, _naive(until, zone) if is_moment else datetime.combine(until, time(23, 59, 59)))
    count = int(parts.pop("COUNT", [0])[0])
    if not count and (step := _STEPS.get(frequency)):  # whole steps nearer: years of days need not be counted
        steps = (now - _PAST - begin) // (step * interval)
        begin += max(0, steps) * step * interval
    text = type(rule)(parts).to_ical().decode()
    for number, day in enumerate(rrulestr(f"{text};UNTIL={end:%Y%m%dT%H%M%S}", dtstart=begin), 1):
        yield day
        if number == count:
            return


def _may_never_come(frequency: str, interval: int, parts: Collection[str]) -> bool:
    """A rule of days that no day may follow: dateutil looks for one to the year 9999. A week has no other rules."""
    if frequency not in _STEPS:
        return False
    return len(_NARROWING & set(parts)) > 1 or (frequency == "DAILY" and interval % 7 == 0 and "BYDAY" in parts)


def _days(event: Component, name: str) -> Iterator[datetime | date]:
    """The values of EXDATE or RDATE, written once or several times."""
    for entry in _listed(event.get(name)):
        for one in getattr(entry, "dts", ()):
            value = one.dt
            yield value[0] if isinstance(value, tuple) else value  # a period begins at its first


def _naive(day: datetime | date, zone: Any) -> datetime:
    if not isinstance(day, datetime):
        return datetime.combine(day, time())
    return day.astimezone(zone).replace(tzinfo=None) if day.tzinfo else day


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


# --- One event


def _happening(
    event: Component, cancels: bool, zone: ZoneInfo, day: str, *, is_series: bool, start: datetime | date | None = None,
    problem: str | None = None,
) -> Happening:  # fmt: skip
    given = _value(event, "DTSTART")
    begin = start if start is not None else _moment(given, zone) if given is not None else None
    if begin is None:
        why = "Its date cannot be read." if "DTSTART" in event else "It has no beginning."
        problem, begin = problem or why, _OLDEST
    elif not _OLDEST <= (begin.date() if isinstance(begin, datetime) else begin) < _LATEST:
        problem, begin = problem or "Its date is of another age.", _OLDEST
    uid, title = str(event.get("UID", "")).strip(), _line(event.get("SUMMARY"))[:400]
    people, more = _people(event)
    key = key_of("event", uid, day) if uid else key_of("event", "", day, title, str(begin), str(people[:1]))
    status = str(event.get("STATUS", "")).upper()
    return Happening(
        key=key, title=title, start=begin, duration_s=_duration(event, given), people=people, more=more,
        place=_line(event.get("LOCATION"))[:300], text=clean(str(event.get("DESCRIPTION", "")))[:MAX_TEXT].strip(),
        is_cancelled=cancels or status == "CANCELLED", is_series=is_series, sequence=_sequence(event),
        stamp=_stamp(event), problem=problem,
    )  # fmt: skip


def _value(event: Component, name: str) -> Any:
    """A property's date or moment; None where there is none, or nothing that is one."""
    found = _listed(event.get(name))
    value = _read(found[0], "dt") if found else None
    return value if isinstance(value, date) else None


def _read(value: Any, name: str) -> Any:
    """What the library read of a property; None where it could not, which it says when it is asked."""
    try:
        return getattr(value, name, None)
    except ValueError:
        return None


def _moment(value: datetime | date, zone: ZoneInfo) -> datetime | date:
    """In UTC; a floating time is meant where the workspace is. Days stay days."""
    if not isinstance(value, datetime):
        return value
    try:
        return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return _OLDEST - timedelta(days=1)


def _duration(event: Component, start: Any) -> int | None:
    """Seconds; None for whole days, for what ends before it begins and for more than a day."""
    if not isinstance(start, datetime):
        return None
    end, length = _value(event, "DTEND"), _read(event.get("DURATION"), "dt")
    try:
        if isinstance(end, datetime):
            length = end - start
        seconds = int(length.total_seconds()) if isinstance(length, timedelta) else 0
    except (TypeError, OverflowError):  # one has a zone, the other has none
        return None
    return seconds if 0 < seconds <= 24 * 3600 else None


def _sequence(event: Component) -> int:
    try:
        return max(0, min(int(event.get("SEQUENCE", 0)), 2**31 - 1))
    except (ValueError, TypeError):
        return 0


def _stamp(event: Component) -> datetime | None:
    at = _value(event, "LAST-MODIFIED")
    moment = _moment(at, ZoneInfo("UTC")) if isinstance(at, datetime) else None
    return moment if isinstance(moment, datetime) else None


def _people(event: Component) -> tuple[tuple[Person, ...], int]:
    found: dict[str, Person] = {}
    for role, name in (("organizer", "ORGANIZER"), ("attendee", "ATTENDEE")):
        for entry in _listed(event.get(name)):
            address = clean(str(entry)).strip()
            address = address[7:] if address[:7].lower() == "mailto:" else ""
            if "@" not in address or len(address) > 254 or " " in address:
                continue
            called = _line((_read(entry, "params") or {}).get("CN"))[:100].strip("\"'")
            found.setdefault(address.casefold(), Person(role, "" if "@" in called else called, address))
    people = tuple(found.values())
    return people[:MAX_PEOPLE], max(0, len(people) - MAX_PEOPLE)


def _line(value: Any) -> str:
    return " ".join(clean(str(value)).split()) if value is not None else ""
