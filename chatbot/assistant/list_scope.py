"""Which list's records an answer is limited to, in words before the answer."""

from __future__ import annotations

from chatbot.assistant.formatting import Format
from chatbot.assistant.types import Question, Routed
from shared.query import Plan, ask, catalog
from shared.query.conditions import Viewpoint
from shared.query.plan import Measure
from shared.query.wording import Words
from shared.tenancy import TenantSession

_SAID = {
    "en": {
        "of_list": "Of the {n} {noun} in this list: ",
        "of_list.0": "This list has no {noun} in it. ",
        "of_list.1": "Of the one {noun} in this list: ",
        "of_those": "Of those {n} {noun}: ",
        "of_those.0": "There were no {noun} to begin with. ",
        "of_those.1": "Of that one {noun}: ",
        "in_list": "I looked in what belongs to this list ({n} {noun}).\n\n",
        "in_part": "This list is long: I looked in what belongs to the first {most} of its {n} {noun}. "
        "Filter it to have the others looked at.\n\n",
    },
    "de": {
        "of_list": "Von {n} {noun} in dieser Liste: ",
        "of_list.0": "In dieser Liste sind keine {noun}. ",
        "of_those": "Von diesen {n} {noun}: ",
        "of_those.0": "Es gab schon vorher keine {noun}. ",
        "of_those.1": "Davon ({n} {noun}): ",
        "in_list": "Gesucht habe ich in dem, was zu dieser Liste gehört ({n} {noun}).\n\n",
        "in_part": "Diese Liste ist lang: Gesucht habe ich in dem, was zu den ersten {most} von {n} {noun} gehört. "
        "Filtern Sie sie, damit die übrigen an die Reihe kommen.\n\n",
    },
}


def said(session: TenantSession, question: Question, routed: Routed, fmt: Format) -> str:
    """“Of the 37 contacts in this list: ”, or of those of the last answer, or where texts were looked for.

    Empty where a question is about no list, or only how many there are in it.
    """
    listed = routed.of_list
    if listed is None:
        return ""
    counted = Plan(from_=listed.from_, where=listed.where, measures=(Measure(metric="count"),))
    if routed.plan is not None and routed.plan.model_copy(update={"order": ()}) == counted:
        return ""
    asker, looked = question.asker, len(routed.about)
    n = int(ask(session, counted, user_id=asker.user_id, zone=asker.zone).value or 0)
    if routed.kind == "semantic":
        key = "in_list" if looked >= n else "in_part"
    else:
        is_whole = question.listing is None or question.listing.plan.where == listed.where
        key = "of_list" if is_whole else "of_those"
    words = Words(session, Viewpoint.of(session, user_id=asker.user_id, zone=asker.zone), fmt.language, str(fmt.locale))
    entity = catalog(session)[listed.from_]
    noun = words.noun_phrase(entity, None, is_dative=n > 0 and key != "in_list", is_one=n == 1)
    key = f"{key}.{n}" if f"{key}.{n}" in _SAID[fmt.language] else key
    return _SAID[fmt.language][key].format(n=fmt.number(n), noun=noun, most=fmt.number(looked))
