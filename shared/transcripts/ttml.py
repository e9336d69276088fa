"""TTML: `<p begin="00:00:01.000" end="...">text<br/></p>`, with speakers as agents."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree as DefusedET
from defusedxml.common import DefusedXmlException

from shared.transcripts.captions import with_labels
from shared.transcripts.cleaning import seconds
from shared.transcripts.decoding import refuse
from shared.transcripts.model import Cue, Header, Reading

_FRAMES = re.compile(r"(\d{1,3}:\d{2}:\d{2}):\d{1,3}")
_OFFSET = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)(h|m|s|ms|t)")
_SCALE = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")


def looks_like_ttml(text: str) -> bool:
    head = text[:4000].lstrip()
    return head.startswith("<") and re.search(r"<(?:\w{1,20}:)?tt[\s>]", head) is not None


def read(text: str) -> Reading:
    """Raises Invalid for XML that is broken or declares entities."""
    try:
        # The text is decoded already, so a declared encoding would be a lie to the parser.
        root = DefusedET.fromstring(_DECLARATION.sub("", text), forbid_dtd=True)
    except ParseError as error:
        line, column = error.position
        raise refuse(f"The TTML file is broken at line {line}, column {column + 1}. Export it again.") from error
    except DefusedXmlException as error:
        raise refuse("The TTML file declares its own entities, which is not accepted. Export it again.") from error
    ticks = float(_attribute(root, "tickRate") or 1) if (_attribute(root, "tickRate") or "1").isdecimal() else 1.0
    agents = _agents(root)
    paragraphs = [element for element in root.iter() if _tag(element) == "p"]
    cues = []
    for paragraph in paragraphs:
        agent = _attribute(paragraph, "agent") or ""
        begin, end, lasting = (_time(_attribute(paragraph, key), ticks) for key in ("begin", "end", "dur"))
        if end is None and begin is not None and lasting is not None:
            end = begin + lasting
        cues.append(Cue(_text(paragraph), agents.get(agent, agent) or None, begin, end))
    spoken = [cue for cue in cues if cue.text.strip()]
    if not any(cue.speaker for cue in spoken):  # captions for the deaf: "MAN: Who is there?"
        spoken = with_labels(spoken)
    title = next((e.text for e in root.iter() if _tag(e) == "title" and e.text), None)
    return Reading(spoken, found=len(spoken), kept=len(spoken), header=Header(title=title))


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _attribute(element: Element, name: str) -> str | None:
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)


def _agents(root: Element) -> dict[str, str]:
    names = {}
    for agent in (element for element in root.iter() if _tag(element) == "agent"):
        name = next((child.text for child in agent.iter() if _tag(child) == "name" and child.text), None)
        if name:
            names[_attribute(agent, "id") or ""] = name
    return names


def _text(paragraph: Element) -> str:
    """The words; Apple marks each with `unit="word"` and writes no blank between them."""
    for element in paragraph.iter():
        if _tag(element) == "br" or _attribute(element, "unit") == "word":
            element.tail = " " + (element.tail or "")
    return "".join(paragraph.itertext())


def _time(value: str | None, ticks: float) -> float | None:
    if value is None:
        return None
    value = value.strip()
    if match := _OFFSET.fullmatch(value):
        scale = _SCALE.get(match[2], 1 / max(ticks, 1.0))
        return seconds(float(match[1]), scale=scale)
    match = _FRAMES.fullmatch(value)
    return seconds(match[1] if match else value)
