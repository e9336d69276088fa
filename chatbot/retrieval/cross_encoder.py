"""The best candidates once more, each read together with the question: slower than anything else here, and optional.

CROSS_ENCODER_MODEL names the folder of a classifier of the BERT family with one output (as those trained on MS MARCO),
computed by `bert` like the embeddings. None is brought along: who wants better order at the price of time brings one.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chatbot.retrieval.bert import Bert, Floats, Unsupported
from chatbot.retrieval.embedding_service import NoEmbeddings, one_thread

#: Question and passage together; what is longer loses the end of the passage.
_MOST_TOKENS, _QUESTION_CHARS = 384, 300


class CrossEncoder:
    """Raises NoEmbeddings, with the reason, for a folder that holds no such model."""

    def __init__(self, folder: Path) -> None:
        try:
            self._bert = Bert(folder)
            self._head = _head(self._bert.weights)
            self._tokenizer = _tokenizer(folder, min(_MOST_TOKENS, self._bert.most_tokens))
        except Unsupported as error:
            raise NoEmbeddings(f"The cross-encoder in {folder} cannot be used: {error}.") from None
        except OSError as error:
            raise NoEmbeddings(f"There is no cross-encoder in {folder}: {error.strerror or error}.") from None

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers; comparable within one call."""
        if not texts:
            return []
        asked = _writable(question[:_QUESTION_CHARS])
        pairs = [self._tokenizer.encode(asked, _writable(text)) for text in texts]
        one_thread()
        hidden = self._bert.encode([pair.ids for pair in pairs], [self._kinds(pair.type_ids) for pair in pairs])
        return [float(self._head_of(each[0])) for each in hidden]

    def _kinds(self, type_ids: Sequence[int]) -> Sequence[int]:
        """RoBERTa knows one type of token."""
        return type_ids if self._bert.config["model_type"] == "bert" else [0] * len(type_ids)

    def _head_of(self, first: Floats) -> np.float32:
        dense, dense_bias, out, out_bias = self._head
        score: np.float32 = (out @ np.tanh(dense @ first + dense_bias) + out_bias)[0]
        return score


def _head(weights: dict[str, Floats]) -> tuple[Floats, Floats, Floats, Floats]:
    for dense, out in (("pooler.dense", "classifier"), ("classifier.dense", "classifier.out_proj")):
        names = [f"{dense}.weight", f"{dense}.bias", f"{out}.weight", f"{out}.bias"]
        if all(name in weights for name in names):
            head = (weights[names[0]], weights[names[1]], weights[names[2]], weights[names[3]])
            if len(head[2]) != 1:
                raise Unsupported(f"it has {len(head[2])} outputs instead of one")
            return head
    raise Unsupported("it has no classifier")


def _tokenizer(folder: Path, most_tokens: int) -> Any:
    from tokenizers import Tokenizer

    path = folder / "tokenizer.json"
    if not path.exists():
        raise Unsupported("it has no tokenizer.json")
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(most_tokens, strategy="only_second")
    return tokenizer


def _writable(text: str) -> str:
    return text[:4000].encode("utf-8", "replace").decode()
