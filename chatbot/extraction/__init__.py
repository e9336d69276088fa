"""Meetings in, evidenced finds out. `meeting_analyzer` is the way in; engines differ, grounding is the same for all."""
