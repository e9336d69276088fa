"""What the chatbot tells the CRM about language models: the models page is drawn from it. Sizes are bytes."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

RoleName = Literal["extraction", "chat"]


class OllamaState(BaseModel):
    """The server. `reason` is a sentence where it is not reachable; `is_here`: it runs on this machine."""

    is_up: bool
    host: str
    is_here: bool
    version: str | None = None
    is_old: bool = False
    reason: str | None = None


class LoadedState(BaseModel):
    size: int
    size_vram: int
    context_length: int | None
    expires_at: str


class ModelState(BaseModel):
    """An installed model. `is_remote`: Ollama would ask it on somebody else's computers."""

    name: str
    size: int
    family: str
    parameters: str
    quantization: str
    context_length: int | None
    capabilities: list[str] | None
    is_remote: bool
    can_chat: bool
    loaded: LoadedState | None
    roles: list[RoleName]


class NeedState(BaseModel):
    """Memory a role's model takes: `weights + kv_per_token x num_ctx = total`."""

    weights: int
    kv_per_token: int | None
    num_ctx: int
    cache: int
    total: int


class TrialState(BaseModel):
    """A warm-up or a test call of a role's model. Times in seconds, rates in tokens a second.

    `schema_kept`: the answer kept to the JSON schema that was sent with the question.
    """

    kind: Literal["warm", "test"]
    model: str
    state: Literal["running", "done", "failed"]
    elapsed_s: float
    load_s: float | None = None
    first_token_s: float | None = None
    prompt_tokens: int | None = None
    prompt_rate: float | None = None
    output_tokens: int | None = None
    output_rate: float | None = None
    schema_kept: bool | None = None
    code: str | None = None
    error: str | None = None


class RoleState(BaseModel):
    """A role: the model it wants (by the setting `default`, or chosen), the one that serves, whether that fits."""

    name: RoleName
    default: str
    wanted: str
    is_chosen: bool
    serving: str | None
    note: str | None
    num_ctx: int
    need: NeedState | None
    verdict: Literal["loaded", "fits", "tight", "too_large", "unknown"]
    loaded: LoadedState | None
    trial: TrialState | None = None


class MemoryState(BaseModel):
    total: int
    available: int


class EmbeddingState(BaseModel):
    """The model of search by meaning; it is part of Afterword and needs no Ollama."""

    model: str
    state: Literal["ready", "loading", "missing"]
    detail: str = ""


class PullState(BaseModel):
    """A download. `bytes_per_s` over the last seconds; `error` is a sentence."""

    name: str
    phase: Literal["starting", "downloading", "checking", "waiting", "done", "failed", "cancelled"]
    completed: int = 0
    total: int = 0
    bytes_per_s: float | None = None
    error: str | None = None

    @property
    def is_over(self) -> bool:
        return self.phase in ("done", "failed", "cancelled")


class ModelsOverview(BaseModel):
    """Everything the page shows. `together`: how the roles' models share the memory."""

    ollama: OllamaState
    memory: MemoryState | None
    free_disk: int | None
    models: list[ModelState] = Field(default_factory=list)
    roles: list[RoleState] = Field(default_factory=list)
    together: Literal["both", "turns", "one", "unknown"] | None = None
    embeddings: EmbeddingState
    pull: PullState | None = None
