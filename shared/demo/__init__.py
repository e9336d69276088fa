"""A believable small company to look at: first run, screenshots, trying things out.

Built only with the verbs everybody uses, so that every page has its truth behind it: events, evidence, history.
"""

from shared.demo.cast import EMAIL, PASSWORD
from shared.demo.seeding import DemoLogin, seed

__all__ = ["EMAIL", "PASSWORD", "DemoLogin", "seed"]
