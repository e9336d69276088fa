"""Texts become the vectors that the model's authors' own software makes of them, or somebody is told why not."""

from __future__ import annotations

import base64
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chatbot.retrieval import embedding_service
from chatbot.retrieval.bert import Bert, Unsupported, read_safetensors
from chatbot.retrieval.embedding_service import EmbeddingService, LocalEmbedder, NoEmbeddings, batches, load
from shared.config import Settings
from tests.fakes.ollama_script import Model
from tests.fakes.ollama_server import OllamaServer

REFERENCE = json.loads((Path(__file__).parent / "reference_vectors.json").read_text(encoding="utf-8"))["vectors"]


@pytest.fixture(scope="module")
def model() -> LocalEmbedder:
    loaded = load(Settings(_env_file=None, embedding_model="all-MiniLM-L6-v2"))
    assert isinstance(loaded, LocalEmbedder)
    return loaded


def with_model(settings: Settings, name: str, **more: Any) -> Settings:
    return settings.model_copy(update={"embedding_model": name, **more})


def test_vectors_are_those_of_sentence_transformers(model: LocalEmbedder) -> None:
    expected = np.stack([np.frombuffer(base64.b64decode(entry["float32"]), dtype="<f4") for entry in REFERENCE])
    found = model.embed([entry["text"] for entry in REFERENCE])
    assert found.dtype == np.float32
    assert np.abs(found - expected).max() < 1e-5
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_a_text_has_the_same_vector_in_any_company(model: LocalEmbedder) -> None:
    texts = ["", "ok", "The price is too high.", "word " * 400, "\ud800 half", "\0", "😀", "a" * 5000]
    together = model.embed(texts)
    alone = np.concatenate([model.embed([text]) for text in texts])
    assert np.abs(together - alone).max() < 1e-5
    assert np.isfinite(together).all()
    assert model.embed([]).shape == (0, 384)


def test_meaning_is_near_and_other_meaning_far(model: LocalEmbedder) -> None:
    asked, near, far = model.embed(
        ["How much does it cost?", "The price is 400 euros.", "Parking is behind the house."]
    )
    assert asked @ near > asked @ far + 0.2


def test_batches_hold_what_they_may_and_every_text_once() -> None:
    lengths = [5, 900, 3, 3, 200, 2000, 7]
    made = batches(lengths, 1000)
    assert sorted(i for batch in made for i in batch) == list(range(7))
    assert all(len(batch) == 1 or sum(lengths[i] for i in batch) <= 1000 for batch in made)
    assert batches([], 1000) == []


def test_weights_that_are_not_the_published_ones_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(NoEmbeddings, match="not the published ones"):
        LocalEmbedder(tmp_path, sha256=embedding_service._SHA256)


CUT_OFF = b'{"x": {"dtype": "F32", "shape": [9], "data_offsets": [0, 36]}}'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 8,
        (2**60).to_bytes(8, "little"),
        (4).to_bytes(8, "little") + b"nope",
        len(CUT_OFF).to_bytes(8, "little") + CUT_OFF,
    ],
)
def test_a_file_that_holds_no_weights_is_said_to_hold_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(Unsupported):
        read_safetensors(tmp_path / "model.safetensors")


def small_model(folder: Path, *, dtype: str = "F32", **config: Any) -> Path:
    """A BERT of one layer and four numbers a token, with random weights."""
    shapes: dict[str, list[int]] = {
        "embeddings.word_embeddings.weight": [9, 4], "embeddings.position_embeddings.weight": [8, 4],
        "embeddings.token_type_embeddings.weight": [2, 4], "encoder.layer.0.intermediate.dense.weight": [6, 4],
        "encoder.layer.0.intermediate.dense.bias": [6], "encoder.layer.0.output.dense.weight": [4, 6],
        "encoder.layer.0.output.dense.bias": [4],
    }  # fmt: skip
    for norm in ("embeddings", "encoder.layer.0.attention.output", "encoder.layer.0.output"):
        shapes |= {f"{norm}.LayerNorm.weight": [4], f"{norm}.LayerNorm.bias": [4]}
    for part in ("self.query", "self.key", "self.value", "output.dense"):
        shapes |= {f"encoder.layer.0.attention.{part}.weight": [4, 4], f"encoder.layer.0.attention.{part}.bias": [4]}
    random = np.random.default_rng(7)
    header: dict[str, Any] = {}
    data = b""
    for name, shape in shapes.items():
        numbers = random.normal(size=shape).astype("<f4")
        raw = numbers.tobytes() if dtype == "F32" else numbers.astype("<f2").tobytes()
        header[f"bert.{name}"] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    folder.mkdir(exist_ok=True)
    (folder / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + data)
    about = {
        "model_type": "bert", "hidden_size": 4, "num_attention_heads": 2, "num_hidden_layers": 1,
        "max_position_embeddings": 8, "pad_token_id": 0, **config,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(about))
    return folder


def test_half_precision_weights_give_nearly_the_same(tmp_path: Path) -> None:
    whole, half = (Bert(small_model(tmp_path / dtype, dtype=dtype)) for dtype in ("F32", "F16"))
    assert np.abs(whole.encode([[1, 2, 3]])[0] - half.encode([[1, 2, 3]])[0]).max() < 0.02


@pytest.mark.parametrize(
    ("config", "says"),
    [({"model_type": "t5"}, "t5"), ({"hidden_act": "swish"}, "swish"), ({"num_hidden_layers": 2}, "encoder.layer.1"),
     ({"position_embedding_type": "relative_key"}, "positions")],
)  # fmt: skip
def test_a_model_that_cannot_be_computed_is_refused_by_what_is_missing(
    tmp_path: Path, config: dict[str, Any], says: str
) -> None:
    with pytest.raises(NoEmbeddings, match=says):
        LocalEmbedder(small_model(tmp_path / "model", **config))


@pytest.mark.parametrize(
    ("name", "says"),
    [("off", "switched off"), ("no-such-model", "sentence-transformers"), ("ollama:nomic", "not reachable"),
     ("{folder}", "There is no model")],
)  # fmt: skip
def test_why_there_is_no_model_is_said_in_a_sentence(settings: Settings, tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(NoEmbeddings, match=says):
        load(with_model(settings, name.format(folder=tmp_path)))


def test_ollama_embeds_where_it_is_asked_to(settings: Settings) -> None:
    with OllamaServer(models=[Model("nomic-embed-text", family="nomic-bert", capabilities=("embedding",))]) as server:
        here = with_model(settings, "ollama:nomic-embed-text", ollama_host=server.host)
        model = load(here)
        asked, near, far = model.embed(["the renewal date", "the renewal price", "pallet cat"])
        assert model.name == "ollama:nomic-embed-text"
        assert asked @ near > asked @ far
        assert np.linalg.norm(asked) == pytest.approx(1.0, abs=1e-5)
        with pytest.raises(NoEmbeddings, match="ollama pull other"):
            load(with_model(here, "ollama:other"))


def test_a_service_answers_by_words_until_its_model_is_there() -> None:
    class Fails:
        name = "fails"

        def embed(self, texts: Any, kind: Any = "document") -> Any:
            if kind == "query" and "now" in texts[0]:
                raise NoEmbeddings("gone")
            return np.ones((len(texts), 2), dtype=np.float32)

    service = EmbeddingService(Fails)
    assert service.query("early") is None
    assert "being loaded" in service.reason
    service.start()
    assert service.wait(5)
    assert service.reason == ""
    assert service.query("later") is not None
    assert service.query("and now") is None
    assert service.query("  ") is None


def test_a_model_that_breaks_while_loading_leaves_a_service_that_says_so() -> None:
    def broken() -> Any:
        raise MemoryError

    service = EmbeddingService(broken)
    service.load()
    assert service.embedder is None
    assert "could not be loaded" in service.reason


def test_a_question_that_two_ask_for_at_the_same_time_is_embedded_once() -> None:
    asked: list[str] = []
    begun = threading.Event()

    class Slow:
        name = "slow"

        def embed(self, texts: Any, kind: Any = "document") -> Any:
            asked.extend(texts)
            if texts != ["warm"]:
                begun.set()
                time.sleep(0.1)
            return np.ones((len(texts), 2), dtype=np.float32)

    service = EmbeddingService(Slow)
    service.load()
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(service.query, "when?")
        assert begun.wait(5)
        second = threads.submit(service.query, "when?")
        assert first.result(5) is second.result(5) is not None
    assert asked == ["warm", "when?"]
