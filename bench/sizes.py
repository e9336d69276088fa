"""How much work a benchmark does: as much as the figures speak of, or just enough to see that it runs."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Size:
    """Words of the long transcript; repetitions; rows of the lists; insights of the review; segments really read;
    sockets open, how many of them stream, and how many words; how many times as many rows the assistant is asked about;
    chunks that are searched; records edited; rows imported.

    `warm_up` requests are not counted: both of gunicorn's processes have first times.
    """

    words: int
    minutes: int
    rounds: int
    uploads: int
    starts: int
    contacts: int
    companies: int
    deals: int
    tasks: int
    insights: int
    segments: int
    launches: int
    warm_up: int
    demo: bool
    sockets: int
    streams: int
    stream_words: int
    crowd: int
    chunks: tuple[int, int]
    edits: int
    imported: int

    @property
    def crowded(self) -> Size:
        """The lists, as long as the assistant must still be quick with."""
        return replace(
            self, contacts=self.contacts * self.crowd, companies=self.companies * self.crowd,
            deals=self.deals * self.crowd, tasks=self.tasks * self.crowd,
        )  # fmt: skip


FULL = Size(
    words=25_000, minutes=164, rounds=40, uploads=60, starts=20, contacts=10_000, companies=2_000, deals=1_000,
    tasks=5_000, insights=30, segments=4, launches=3, warm_up=6, demo=True,
    sockets=500, streams=50, stream_words=500, crowd=10, chunks=(10_000, 100_000), edits=42, imported=100_000,
)  # fmt: skip
TINY = Size(
    words=300, minutes=2, rounds=2, uploads=2, starts=2, contacts=120, companies=20, deals=60,
    tasks=180, insights=3, segments=1, launches=1, warm_up=1, demo=False,
    sockets=20, streams=3, stream_words=10, crowd=1, chunks=(200, 400), edits=6, imported=300,
)  # fmt: skip
