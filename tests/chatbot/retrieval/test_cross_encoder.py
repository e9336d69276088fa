"""An optional model reads the best candidates with the question; without it nothing changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from chatbot.retrieval import rag_engine
from chatbot.retrieval.bert import read_safetensors
from chatbot.retrieval.cross_encoder import CrossEncoder
from chatbot.retrieval.embedding_service import EmbeddingService, NoEmbeddings
from chatbot.retrieval.rag_engine import Retriever
from shared.tenancy import TenantSession
from tests.chatbot.retrieval.conftest import WordsEmbedder
from tests.chatbot.retrieval.test_embedding import small_model

WORDS = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "price", "high", "low", "bus", "tree"]


def classifier(folder: Path, *, outputs: int = 1) -> Path:
    """A small model with a head, and a tokenizer that knows nine words."""
    small_model(folder)
    weights = {f"bert.{name}": tensor for name, tensor in read_safetensors(folder / "model.safetensors").items()}
    weights = {name.replace("bert.bert.", "bert."): tensor for name, tensor in weights.items()}
    random = np.random.default_rng(3)
    shapes = {"bert.pooler.dense.weight": (4, 4), "bert.pooler.dense.bias": (4,), "classifier.weight": (outputs, 4)}
    for name, shape in {**shapes, "classifier.bias": (outputs,)}.items():
        weights[name] = random.normal(size=shape).astype("<f4")
    header: dict[str, Any] = {}
    data = b""
    for name, tensor in weights.items():
        raw = np.ascontiguousarray(tensor, dtype="<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + data)
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def test_each_text_has_a_score_that_does_not_depend_on_the_others(tmp_path: Path) -> None:
    model = CrossEncoder(classifier(tmp_path / "model"))
    texts = ["price high", "bus", "tree tree price low high bus", ""]
    together = model.scores("price", texts)
    alone = [model.scores("price", [text])[0] for text in texts]
    assert together == pytest.approx(alone, abs=1e-5)
    assert len({round(score, 4) for score in together}) == 4
    assert model.scores("price", []) == []


def test_what_is_no_cross_encoder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoEmbeddings, match="2 outputs"):
        CrossEncoder(classifier(tmp_path / "two", outputs=2))
    with pytest.raises(NoEmbeddings, match="no classifier"):
        CrossEncoder(small_model(tmp_path / "headless"))
    with pytest.raises(NoEmbeddings, match="There is no cross-encoder"):
        CrossEncoder(tmp_path / "nowhere")


def test_it_has_the_last_word_on_the_order_and_none_where_it_is_broken(
    session: TenantSession,
    write: Callable[..., Any],
    indexed: Callable[[TenantSession], int],
    embedder: WordsEmbedder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    notes = [write("note", body=f"The price is {word}.") for word in ("high", "low", "fair")]
    indexed(session)

    class Backwards:
        def __init__(self, folder: Path) -> None:
            if "broken" in folder.name:
                raise NoEmbeddings("It is broken.")

        def scores(self, question: str, texts: list[str]) -> list[float]:
            return [float("fair" in text) + 2.0 * ("low" in text) for text in texts]

    monkeypatch.setattr(rag_engine, "CrossEncoder", Backwards)
    service = EmbeddingService(lambda: embedder)
    service.load()
    found = Retriever(service, cross_encoder=tmp_path / "model").search(session, "price high")
    assert [p.id for p in found.passages] == [notes[1].id, notes[2].id, notes[0].id]
    found = Retriever(service, cross_encoder=tmp_path / "broken").search(session, "price high")
    assert found.passages[0].id == notes[0].id
