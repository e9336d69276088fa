"""Which model does which work, whether it will fit, and what to say where it is not the one that was asked for.

Two roles: a small model reads meetings and questions (`extraction`), a large one answers (`chat`). Each has a model it
wants and a window it is always used with. Reading falls back to the built-in analyzer, answering to the largest model
there is. The memory a model takes is its file plus the cache of its window:

    need = weights + layers x heads with keys and values x (key + value length) x 2 bytes x window

Compute buffers come on top, some hundred megabytes: so what takes more than `COMFORT` of the room is called tight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from chatbot.llm.inventory import Inventory, Loaded, ModelFacts
from chatbot.llm.machine import Memory
from chatbot.llm.models import Installed, resolve
from shared.config import Settings

RoleName = Literal["extraction", "chat"]
ROLES: tuple[RoleName, ...] = ("extraction", "chat")
COMFORT = 0.85


class Verdict(StrEnum):
    """`tight`: it may load and may push another model out; `unknown`: Ollama runs where we cannot look."""

    LOADED = "loaded"
    FITS = "fits"
    TIGHT = "tight"
    TOO_LARGE = "too_large"
    UNKNOWN = "unknown"


class Company(StrEnum):
    """How the models of the two roles get on in memory.

    `one`: the same model, loaded once.
    """

    BOTH = "both"
    TURNS = "turns"
    ONE = "one"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Need:
    """Memory a model takes with a window of `num_ctx` tokens, bytes. Without `kv_per_token` the cache is unknown."""

    weights: int
    kv_per_token: int | None
    num_ctx: int

    @property
    def cache(self) -> int:
        return (self.kv_per_token or 0) * self.num_ctx

    @property
    def total(self) -> int:
        return self.weights + self.cache


@dataclass(frozen=True, slots=True)
class Room:
    """Memory a model could have, bytes: `sure` now, `most` if Ollama let go of what it holds.

    Two bounds because some of what Ollama holds already counts as available (files mapped into memory), some does not.
    """

    sure: int
    most: int


@dataclass(frozen=True, slots=True)
class Role:
    """One role as it stands. `serving` is None where no model can do it."""

    name: RoleName
    wanted: str
    serving: ModelFacts | None
    num_ctx: int
    need: Need | None = None
    verdict: Verdict = Verdict.UNKNOWN
    loaded: Loaded | None = None

    @property
    def note(self) -> str | None:
        """What to say aloud where the model is not the one that was asked for."""
        return fallback_note(self.name, self.wanted, self.serving.name if self.serving else None)


def fallback_note(role: RoleName, wanted: str, serving: str | None) -> str | None:
    """`llama3.1:70b is not installed; qwen3:8b answers instead.` None where the wanted model serves."""
    if serving is not None and resolve(wanted, [Installed(serving)]):
        return None
    if serving is not None:
        return f"{wanted} is not installed; {serving} answers instead."
    if role == "extraction":
        return f"{wanted} is not installed; the built-in analyzer reads meetings."
    return f"{wanted} is not installed and no other model either; answers are figures and passages found."


def assign(settings: Settings, inventory: Inventory, memory: Memory | None) -> tuple[Role, ...]:
    """Both roles with the model that serves each, what it needs and whether that fits. `memory` None: unknown."""
    wanted = {"extraction": settings.extraction_model, "chat": settings.chat_model}
    window = {"extraction": settings.extraction_num_ctx, "chat": settings.chat_num_ctx}
    space = room(memory, inventory.loaded)
    serving = {name: _serving(name, wanted[name], inventory.models) for name in ROLES}
    if serving["chat"] == serving["extraction"]:
        window["chat"] = window["extraction"]  # one model, one window: another would have it loaded again each time
    return tuple(_role(name, wanted[name], serving[name], window[name], inventory.loaded, space) for name in ROLES)


def room(memory: Memory | None, loaded: Sequence[Loaded]) -> Room | None:
    """What models could have of the memory."""
    if memory is None:
        return None
    held = sum(max(0, model.size - model.size_vram) for model in loaded)
    return Room(memory.available, min(memory.total, memory.available + held))


def need(model: ModelFacts, num_ctx: int) -> Need:
    """What the model takes with that window, or with the longest it was trained for."""
    return Need(model.size, model.kv_per_token, min(num_ctx, model.context_length or num_ctx))


def fits(bytes_needed: int, space: Room | None) -> Verdict:
    """Whether so much goes in."""
    if space is None:
        return Verdict.UNKNOWN
    if bytes_needed <= COMFORT * space.sure:
        return Verdict.FITS
    return Verdict.TIGHT if bytes_needed <= space.most else Verdict.TOO_LARGE


def together(roles: Sequence[Role], space: Room | None) -> Company | None:
    """How the roles' models share the memory; None where not every role has one."""
    models = [(role.serving.name, role.need) for role in roles if role.serving and role.need]
    if len(models) < len(ROLES):
        return None
    (one, first), (other, second) = models
    if one == other:
        return Company.ONE
    if all(role.verdict is Verdict.LOADED for role in roles):
        return Company.BOTH
    if space is None:
        return Company.UNKNOWN
    return Company.BOTH if first.total + second.total <= space.most * COMFORT else Company.TURNS


def _role(
    name: RoleName, wanted: str, serving: ModelFacts | None, window: int, loaded: Sequence[Loaded], space: Room | None
) -> Role:
    if serving is None:
        return Role(name, wanted, None, window)
    needed = need(serving, window)
    held = next((model for model in loaded if model.name == serving.name), None)
    is_ready = held is not None and held.context_length in (None, needed.num_ctx)
    verdict = Verdict.LOADED if is_ready else fits(needed.total, space)
    return Role(name, wanted, serving, needed.num_ctx, needed, verdict, held)


def _serving(name: RoleName, wanted: str, models: Sequence[ModelFacts]) -> ModelFacts | None:
    """The wanted model; for answers else the largest that can. One that runs elsewhere never serves."""
    usable = [model for model in models if model.can_chat]
    found = resolve(wanted, [Installed(model.name) for model in usable])
    if found is None and name == "chat":
        return max(usable, key=lambda model: model.size, default=None)
    return next((model for model in usable if model.name == found), None)
