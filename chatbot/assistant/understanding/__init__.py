"""What a question asks for, by rules alone: two languages, typing errors, and the names of the workspace's records.

text ─ tokens ─ reading ─ parser ─┬─ planning (a record type is named) ─┬─ rules ─▶ Routed
                                  └─ subjects (a record is)  ───────────┘
"""

from chatbot.assistant.understanding.asking_back import UNSURE
from chatbot.assistant.understanding.rules import Understood, understand

__all__ = ["UNSURE", "Understood", "understand"]
