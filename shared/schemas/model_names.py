"""Names of language models as Ollama has them, and which of them may be used here."""

from __future__ import annotations

import re

from shared.errors import Invalid

#: From Ollama's own library or Hugging Face. No other host: Ollama would go to whatever address a name begins with,
#: also to one inside the house.
_NAME = re.compile(
    r"(?:(?:registry\.ollama\.ai|hf\.co|huggingface\.co)/)?"
    r"(?:[a-z0-9_][a-z0-9_-]{0,79}/)?"
    r"[a-z0-9_][a-z0-9_.-]{0,79}"
    r"(?::[a-z0-9_][a-z0-9_.-]{0,79})?",
    re.ASCII | re.IGNORECASE,
)
#: Tags of models that Ollama does not run but sends away, with everything that is asked.
_ELSEWHERE = re.compile(r":(?:.*-)?cloud$", re.IGNORECASE)


def check_model_name(name: str) -> str:
    """The name without blanks around it. Raises Invalid for what is no name, or names a model that runs elsewhere."""
    name = name.strip()
    if not _NAME.fullmatch(name):
        raise Invalid.field("name", "That is not the name of a model. Names look like llama3.1:8b.")
    if runs_elsewhere(name):
        raise Invalid.field(
            "name", f"{name} runs on somebody else's computers: what is asked would leave this machine."
        )
    return name


def runs_elsewhere(name: str) -> bool:
    """Whether Ollama would send what this model is asked to a service on the internet."""
    return _ELSEWHERE.search(name) is not None
