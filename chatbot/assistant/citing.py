"""What a model writes, made fit to show while it is being written: markers checked, thoughts and markup taken out.

A model repeats what it has read and invents the rest, so nothing of it is trusted: `[n]` counts only where there is a
source n; images, HTML and link targets never pass (an address can carry a secret away), nor the marks that fence
untrusted text, nor thinking that leaked. All of these arrive split over any number of pieces. The filter therefore goes
character by character and holds back only what may still become one of them: how the text is cut cannot matter.

    model ─ pieces ─▶ MarkerFilter ─ text, numbers ─▶ checking.Checker ─▶ delta and cite frames
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection

#: Longest text between brackets, and longest tag, that is waited for.
_MOST_BRACKET, _MOST_TAG, _MOST_TARGET = 200, 300, 500
_MOST_SOURCES_IN_ONE = 10


def _beginnings(words: Collection[str]) -> list[str]:
    return sorted({word[: i + 1] for word in words for i in range(len(word))}, key=len, reverse=True)


_THINKING = ("think", "thinking", "thought", "thoughts", "reasoning", "reflection", "scratchpad", "analysis", "reason")
_OPENS_THINKING = re.compile(rf"<\s*(?:{'|'.join(_THINKING)})\b[^>]*>", re.I)
_CLOSES_THINKING = re.compile(rf"</\s*(?:{'|'.join(_THINKING)})\s*>\Z", re.I)
_MAY_BE_INTERNAL = re.compile(rf"<(?:[/|｜<]|(?:{'|'.join(_beginnings(_THINKING))})\Z)", re.I)
_ONE = r"(?:[#^]\s*)?\d{1,3}"
_MARKER = re.compile(
    rf"\s*(?:(?:sources?|quellen?|refs?|cite|citation)\b[.:]?\s*)?({_ONE}(?:\s*(?:,|;|&|/|and|und|–|-)\s*{_ONE})*)\s*",
    re.I,
)
_BEGINS_MARKER = re.compile(r"\s*(?:(?:sources?|quellen?|refs?|cite|citation)\b[.:]?\s*)?[#^]?[\d\s,;&/–-]*", re.I)
_LINK_TARGET = re.compile(r"\s*\S*(?:\s+(?:\"[^\"]*\"|'[^']*'))?\s*")
_ADDRESS = re.compile(r"<((?:https?|mailto):[^\s<>]+|[^\s<>@]+@[^\s<>@]+)>", re.I)


class MarkerFilter:
    """Feed it pieces, take what may be shown: text, and the number of a source where one is cited.

    `known` are the numbers of the sources, `nonce` the word in the fence around untrusted text.
    """

    def __init__(self, known: Collection[int], *, nonce: str = "") -> None:
        self._known = frozenset(known)
        self._nonce = nonce
        self._out: list[str | int] = []
        self._before = ""  # blanks, or "!", whose fate depends on what follows
        self._held = ""
        self._shown = "\n"  # the last character given
        self._last = "\n"  # the last character seen, for the beginning of words
        self._mode: Callable[[str], None] = self._text
        self._has_begun = False
        self.is_thinking = False
        self.dropped = 0  # markers of sources that do not exist

    def feed(self, piece: str) -> list[str | int]:
        for char in piece:
            if _may_be_shown(char):
                self._mode(char)
                self._last = char
        return self._take()

    def finish(self) -> list[str | int]:
        """What was still held back: half a marker or tag is dropped, anything else given."""
        while self._mode != self._text:  # what is released may begin something else
            held, self._held = self._held, ""
            mode, self._mode = self._mode, self._text
            self._finish(mode, held)
        if self._before.strip():
            self._emit("")
        return self._take()

    def _finish(self, mode: Callable[[str], None], held: str) -> None:
        if (mode == self._bracket and not _BEGINS_MARKER.fullmatch(held[1:])) or (mode == self._after_bracket and held):
            self._again(held)
        elif mode == self._word:
            self._emit(held)
        elif mode == self._target:
            self._release_link(held.partition("\x00")[0], is_link=True)
        elif mode == self._tag and not _MAY_BE_INTERNAL.match(held):
            self._neutralise(held)

    def _take(self) -> list[str | int]:
        """What has gathered, neighbouring texts joined."""
        joined: list[str | int] = []
        for item in self._out:
            if isinstance(item, str) and joined and isinstance(joined[-1], str):
                joined[-1] += item
            else:
                joined.append(item)
        self._out = []
        return joined

    def _emit(self, text: str) -> None:
        """Give `text` and what stood before it; blanks before the first word of all are not wanted."""
        text, self._before = self._before + text, ""
        if not self._has_begun:
            text = text.lstrip()
        if text:
            self._has_begun = True
            self._out.append(text)
            self._shown = text[-1]

    def _gap(self) -> None:
        """Something was taken out: what stood before it must not begin a construct with what comes after."""
        if self._shown in "<[]":
            self._emit(" ")

    def _again(self, held: str) -> None:
        """It was no construct after all: its first character is text, the rest may begin another one."""
        self._held, self._mode = "", self._text
        self._emit(held[0])
        self._last = held[0]
        self._steps(held[1:])

    def _steps(self, chars: str) -> None:
        for char in chars:
            self._mode(char)
            self._last = char

    # ------------------------------------------------------------------------------------------------------- modes

    def _text(self, char: str) -> None:
        if char == "[" or char == "【":
            self._held, self._mode = "[", self._bracket
        elif char == "]":
            self._emit(char)
            self._mode = self._after_bracket  # the words of a link may be long, or go over two lines
        elif char == "<":
            self._held, self._mode = "<", self._tag
        elif char == " ":
            self._before += char
        elif char == "!":
            self._emit("")
            self._before = char
        elif self._nonce and char == self._nonce[0]:
            self._held, self._mode = char, self._word
            self._word_is_whole()
        else:
            self._emit(char)

    def _word(self, char: str) -> None:
        """Perhaps the word of the fence."""
        if not self._nonce.startswith(self._held + char):
            held, self._held = self._held, ""
            self._again(held)
            self._mode(char)
            return
        self._held += char
        self._word_is_whole()

    def _word_is_whole(self) -> None:
        if self._held == self._nonce:
            self._held, self._mode = "", self._after_fence
            self._gap()

    def _after_fence(self, char: str) -> None:
        """The rest of a fence: its word, its marks."""
        if char in ">" or (char.isalnum() and self._last in "<") or (char.isalnum() and self._held):
            self._held = "" if char == ">" else "in its word"
            return
        self._held, self._mode = "", self._text
        self._text(char)

    def _bracket(self, char: str) -> None:
        if char in "]】":
            self._close_bracket()
        elif char in "[<【\n" or len(self._held) > _MOST_BRACKET:
            held, self._held = self._held, ""
            self._again(held)
            self._mode(char)
        else:
            self._held += char

    def _close_bracket(self) -> None:
        match = _MARKER.fullmatch(self._held[1:])
        if not match:
            self._held, self._mode = f"{self._held}]", self._after_bracket
            return
        self._held, self._mode = "", self._after_bracket
        named = _numbers(match[1])
        found = [number for number in named if number in self._known]
        self.dropped += len(named) - len(found)
        if found:
            self._emit("")
            self._has_begun = True
            self._out.extend(found)
        else:
            self._before = self._before.strip(" ")
            self._gap()

    def _after_bracket(self, char: str) -> None:
        """After `[text]`, or a marker (then nothing is held): a parenthesis would make it a link."""
        if char == "(":
            self._held, self._mode = f"{self._held}\x00", self._target
            return
        held, self._held = self._held, ""
        self._mode = self._text
        if held:
            if self._before.endswith("!"):
                self._before += " "  # an image whose address stands further down would begin like this
            self._again(held)
        self._mode(char)

    def _target(self, char: str) -> None:
        """Between the parentheses of a link: the words stay, the address goes."""
        words, _, target = self._held.partition("\x00")
        if char == ")" or char == "\n" or len(target) > _MOST_TARGET:
            self._held, self._mode = "", self._text
            is_link = bool(_LINK_TARGET.fullmatch(target)) or char != ")"
            self._release_link(words, is_link)
            if not is_link:
                self._steps(f" ({target})")  # with a blank nobody takes it for a link, whatever is taken out of it
            elif char != ")":
                self._mode(char)
            return
        self._held += char

    def _release_link(self, words: str, is_link: bool) -> None:
        if is_link:
            self._before = (
                self._before.removesuffix("!") if words else self._before
            )  # of an image its description stays
            self._gap()
            self._steps(words[1:-1])
        elif words:
            self._again(words)

    def _tag(self, char: str) -> None:
        held = self._held
        if held == "<<":
            self._held = ""
            self._mode = self._after_fence if char == "<" else self._tag
            self._gap()
            if char != "<":
                self._emit("< ")
                self._held = "<"
                self._tag(char)
        elif held == "<" and char == "<":
            self._held = "<<"
        elif held == "<" and not (char.isalpha() or char in "/!?|｜"):
            self._again(held)
            self._mode(char)
        elif char == ">":
            self._close_tag(f"{held}>")
        elif char == "<" or len(held) > _MOST_TAG:
            self._held, self._mode = "", self._text
            self._neutralise(held)
            self._mode(char)
        else:
            self._held += char

    def _neutralise(self, held: str) -> None:
        self._emit("< " if held[1:] else "<")  # with a blank nobody takes it for a tag
        self._steps(held[1:])

    def _close_tag(self, tag: str) -> None:
        self._held, self._mode = "", self._text
        if _OPENS_THINKING.fullmatch(tag):
            self._mode, self.is_thinking = self._thinking, True
        elif address := _ADDRESS.fullmatch(tag):
            self._steps(address[1])
        elif re.match(r"<(?:br|/p|/div|/li|/tr)\b", tag, re.I):
            self._emit("\n")
        else:
            self._gap()

    def _thinking(self, char: str) -> None:
        self._held = (self._held + char)[-40:]
        if char == ">" and _CLOSES_THINKING.search(self._held):
            self._held, self._mode, self.is_thinking = "", self._text, False
            self._gap()


def _numbers(text: str) -> list[int]:
    """`1, 3-5` → [1, 3, 4, 5]; each once."""
    found: list[int] = []
    for part in re.split(r",|;|&|/|and|und", text, flags=re.I):
        ends = [int(digits) for digits in re.findall(r"\d+", part)]
        if len(ends) == 2 and 0 < ends[1] - ends[0] < _MOST_SOURCES_IN_ONE:
            ends = list(range(ends[0], ends[1] + 1))
        found += ends
    return list(dict.fromkeys(found))


def _may_be_shown(char: str) -> bool:
    """Not control characters, nor marks that make a line be shown in another order than it is written."""
    if char in "\n\t":
        return True
    return unicodedata.category(char) not in ("Cc", "Cs") and not (
        "\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069"
    )
