"""Answers to what we asked about a request: “the second one”, “on Friday”, “they want SSO”.

The request and the answer are both the person's own words; put together they are read like any other request. Of our
own words only which question it was counts.
"""

from __future__ import annotations

import re
from dataclasses import replace

from chatbot.assistant.acting import details, messages
from chatbot.assistant.acting.grammar import Request
from chatbot.assistant.types import Question
from chatbot.assistant.understanding import replies

#: Longer answers are a new subject.
_MOST_CHARS = 2_000

#: What was asked → how the answer completes the request, in English and in German.
_JOINED: dict[str, tuple[str, str]] = {
    "task_title": ("{request}: {answer}", "{request}: {answer}"),
    "note_body": ("{request}: {answer}", "{request}: {answer}"),
    "contact_name": ("{request}: {answer}", "{request}: {answer}"),
    "company_name": ("{request}: {answer}", "{request}: {answer}"),
    "when": ("{request} {answer}", "{request} {answer}"),
    "when_vague": ("{request} {answer}", "{request} {answer}"),
    "with_whom": ("{request} with {answer}", "{request} mit {answer}"),
    "follow_whom": ("{request} with {answer}", "{request} mit {answer}"),
    "to_whom": ("{request} to {answer}", "{request} an {answer}"),
    "about_what": ("{request} about {answer}", "{request} über {answer}"),
}
_LED = re.compile(r"^(?:with|to|about|mit|an|über)\s+", re.IGNORECASE)


def completed(question: Question) -> Question | None:
    """The request that the present words complete; None where they answer no question of ours."""
    last = question.history[-1] if question.history else None
    if last is None or last.route != "clarify" or len(question.text) > _MOST_CHARS:
        return None
    earlier = question.history[:-1]
    if choice := replies.chosen(question.text, last.choices) if last.choices else None:
        return replace(question, text=choice.question, history=earlier)
    asked = messages.asked(last.answer)
    if asked is None or asked[0] not in _JOINED or Request(question.text).is_question:
        return None
    key, language = asked
    answer = question.text.strip(" .!?")
    if key in ("when", "when_vague") and details.find_when(answer, question.asker.zone) is None:
        return None
    if key in ("with_whom", "follow_whom", "to_whom", "about_what"):
        answer = _LED.sub("", answer)
    request = last.question.strip(" .!?:")
    text = _JOINED[key][language == "de"].format(request=request, answer=answer)
    return replace(question, text=text, history=earlier) if answer else None
