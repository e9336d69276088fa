"""The analyzer that needs no language model: cue words, patterns and the structure of talk, English and German."""

from chatbot.extraction.builtin.engine import BuiltinEngine

__all__ = ["BuiltinEngine"]
