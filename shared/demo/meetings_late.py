"""Meetings of the last days, in every state a meeting can be in."""

from __future__ import annotations

from shared.demo.scripts import Script

LATE: tuple[Script, ...] = ()
