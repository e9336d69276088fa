"""The desk itself: one server's models, seen whole, with the downloads and trials that are under way."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import Literal

from chatbot.call_book import CallBook
from chatbot.llm import machine, roles, wire
from chatbot.llm.errors import LlmError
from chatbot.llm.inventory import Inventory, Loaded, ModelFacts, Warehouse
from chatbot.llm.models import Installed, base_url, resolve
from chatbot.llm.roles import Company, Role, RoleName, Verdict
from chatbot.models_desk.pulls import Pulls
from chatbot.models_desk.trials import Trials
from chatbot.retrieval.embedding_service import EmbeddingService
from shared import installation
from shared.config import Settings
from shared.database import Database
from shared.errors import AppError, Conflict, NotFound
from shared.schemas.models_page import (
    EmbeddingState,
    LoadedState,
    MemoryState,
    ModelsOverview,
    ModelState,
    NeedState,
    OllamaState,
    RoleState,
)
from shared.telemetry import get_logger

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Scene:
    """One look at everything, on which an answer is built."""

    settings: Settings
    inventory: Inventory | None
    reason: str | None
    memory: machine.Memory | None
    roles: tuple[Role, ...] = ()

    @property
    def together(self) -> Company | None:
        loaded = self.inventory.loaded if self.inventory else ()
        return roles.together(self.roles, roles.room(self.memory, loaded))


class Desk:
    """Looks, fetches, tries and removes. Its methods belong to one event loop."""

    def __init__(self, settings: Settings, database: Database, embeddings: EmbeddingService) -> None:
        self._settings, self._database, self._embeddings = settings, database, embeddings
        self._host, self._bad_host = _address(settings)
        self._is_here = self._bad_host is None and machine.is_here(settings.ollama_host)
        self._connections = wire.connect(self._host)
        self._warehouse = Warehouse(self._connections)
        self.pulls = Pulls(self._connections, lambda: machine.free_disk(settings))
        self.trials = Trials(self._host, self._connections)
        self._warming: asyncio.Task[None] | None = None
        self.book = CallBook(database)

    async def close(self) -> None:
        """End what is under way."""
        if self._warming:
            self._warming.cancel()
        await self.pulls.cancel()
        await self.trials.close()
        await self.book.close()
        await wire.close_connections(self._connections)

    async def look(self) -> Scene:
        """What is there and who does what. Never raises for a server that is down."""
        settings = await asyncio.to_thread(installation.effective, self._settings, self._database)
        inventory, reason = None, self._bad_host
        if reason is None:
            try:
                inventory = await self._warehouse.look()
            except LlmError as error:
                reason = error.reason
        memory = machine.memory() if self._is_here else None
        assigned = roles.assign(settings, inventory or Inventory(None), memory)
        return Scene(settings, inventory, reason, memory, assigned)

    async def overview(self) -> ModelsOverview:
        """Everything the page shows."""
        scene = await self.look()
        inventory = scene.inventory
        return ModelsOverview(
            ollama=OllamaState(
                is_up=inventory is not None,
                host=scene.settings.ollama_host,
                is_here=self._is_here,
                version=inventory.version if inventory else None,
                is_old=inventory.is_old if inventory else False,
                reason=scene.reason,
            ),
            memory=MemoryState(**asdict(scene.memory)) if scene.memory else None,
            free_disk=machine.free_disk(scene.settings) if self._is_here else None,
            models=[_model_state(model, inventory, scene.roles) for model in inventory.models] if inventory else [],
            roles=[self._role_state(role, scene.settings) for role in scene.roles],
            together=scene.together.value if scene.together else None,
            embeddings=_embedding_state(scene.settings, self._embeddings),
            pull=self.pulls.state,
        )

    async def role(self, name: RoleName) -> Role:
        """One role as it stands now. Raises LlmError where the server is not there."""
        scene = await self.look()
        if scene.inventory is None:
            await self._warehouse.look()  # says why
        return next(role for role in scene.roles if role.name == name)

    async def delete(self, name: str) -> str:
        """Remove an installed model; its full name. Raises NotFound, LlmError, Conflict while something uses it."""
        scene = await self.look()
        models = (scene.inventory or await self._warehouse.look()).models
        found = resolve(name, [Installed(model.name) for model in models])
        if found is None:
            raise NotFound("There is no such model, or it was removed.")
        if any(role.serving and role.serving.name == found for role in scene.roles):
            raise Conflict(f"{found} is in use. Choose another model for its work first.")
        now = self.pulls.state
        if now is not None and not now.is_over and resolve(now.name, [Installed(found)]):
            raise Conflict(f"{found} is being downloaded. Cancel that first.")
        await self._warehouse.delete(found)
        log.info("model.deleted", model=found)
        return found

    def warm_at_start(self) -> None:
        """Have the models loaded that fit, one after the other, without anybody waiting for it."""
        if self._settings.warm_up and self._bad_host is None:
            self._warming = asyncio.create_task(self._warm_at_start(), name="warm up")

    async def _warm_at_start(self) -> None:
        try:
            scene = await self.look()
        except AppError as error:  # no database yet; the first question loads the model
            log.warning("model.not_warmed", reason=error.detail)
            return
        for role in worth_warming(scene):
            await self.trials.start("warm", role)

    def _role_state(self, role: Role, settings: Settings) -> RoleState:
        default = getattr(self._settings, f"{role.name}_model")
        return RoleState(
            name=role.name,
            default=default,
            wanted=role.wanted,
            is_chosen=getattr(settings, f"{role.name}_model") != default,
            serving=role.serving.name if role.serving else None,
            note=role.note,
            num_ctx=role.num_ctx,
            need=_need_state(role),
            verdict=role.verdict.value,
            loaded=_loaded_state(role.loaded),
            trial=self.trials.state(role.name),
        )


def worth_warming(scene: Scene) -> list[Role]:
    """The roles to load at a start: what fits with ease. Where only one has room, it is the one people wait for."""
    fitting = [role for role in scene.roles if role.verdict is Verdict.FITS]
    if scene.together in (Company.ONE, Company.TURNS):
        return [role for role in fitting if role.name == "chat"]
    return fitting


def _address(settings: Settings) -> tuple[str, str | None]:
    """Where Ollama is; for a setting that is no address, why."""
    try:
        return base_url(settings.ollama_host), None
    except LlmError as error:
        return base_url(""), error.reason


def _model_state(model: ModelFacts, inventory: Inventory | None, assigned: tuple[Role, ...]) -> ModelState:
    loaded = next((entry for entry in inventory.loaded if entry.name == model.name), None) if inventory else None
    return ModelState(
        name=model.name,
        size=model.size,
        family=model.family,
        parameters=model.parameters,
        quantization=model.quantization,
        context_length=model.context_length,
        capabilities=list(model.capabilities) if model.capabilities is not None else None,
        is_remote=model.is_remote,
        can_chat=model.can_chat,
        loaded=_loaded_state(loaded),
        roles=[role.name for role in assigned if role.serving and role.serving.name == model.name],
    )


def _loaded_state(loaded: Loaded | None) -> LoadedState | None:
    if loaded is None:
        return None
    return LoadedState(
        size=loaded.size,
        size_vram=loaded.size_vram,
        context_length=loaded.context_length,
        expires_at=loaded.expires_at,
    )


def _need_state(role: Role) -> NeedState | None:
    need = role.need
    return NeedState(**asdict(need), cache=need.cache, total=need.total) if need else None


def _embedding_state(settings: Settings, service: EmbeddingService) -> EmbeddingState:
    if service.embedder is not None:
        return EmbeddingState(model=service.embedder.name.partition("@")[0], state="ready")
    state: Literal["missing", "loading"] = "missing" if service.wait(0) else "loading"
    return EmbeddingState(model=settings.embedding_model, state=state, detail=service.reason)
