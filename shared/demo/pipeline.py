"""Sixty deals on their way through the pipeline, each move at its time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from shared import records
from shared.demo.customers import CUSTOMERS, FEATURED_CUSTOMERS, PARTNERS, Customer
from shared.demo.story import Story

STAGES = ("Qualification", "Discovery", "Proposal", "Negotiation")

#: How many deals stand where, beside those that belong to meetings.
_STANDING = {"Qualification": 9, "Discovery": 8, "Proposal": 8, "Negotiation": 5, "Won": 16, "Lost": 9}

#: Days a deal usually stays in each stage, from - to.
_STAY = {"Qualification": (4, 18), "Discovery": (8, 30), "Proposal": (9, 35), "Negotiation": (6, 24)}

#: (name, smallest amount, largest amount) in thousands.
_PRODUCTS = (
    ("Route planning", 18, 90),
    ("Dock and yard booking", 12, 60),
    ("Driver app rollout", 9, 45),
    ("Proof of delivery", 6, 30),
    ("Returns portal", 8, 35),
    ("Warehouse slotting study", 10, 28),
    ("ERP interface", 7, 32),
    ("Delivery promise for the web shop", 14, 55),
    ("Cold chain monitoring", 16, 75),
    ("Planner training", 3, 9),
    ("Annual support", 5, 24),
    ("Fleet renewal advice", 11, 40),
)

_LOST_REASONS = (
    "Budget moved to next year",
    "Chose Trackwise: cheaper licence",
    "No decision: the sponsor left the company",
    "Their ERP vendor includes planning from this year",
    "Wanted hosting with the group's own provider",
    "Too small for the effort; they stay with spreadsheets",
    "Chose Roadmate because of its Dutch support desk",
    "Merger: all projects frozen",
    "Lost on references in their industry",
)

_ROLES = ("Decision maker", "Champion", "Technical evaluator", "Procurement", "User")
_CURRENCIES = {"GB": "GBP", "US": "USD", "SE": "SEK"}


@dataclass(frozen=True, slots=True)
class Featured:
    """A deal that meetings are about. `moves` are (days ago, stage), the first is its creation."""

    key: str
    company: str
    name: str
    amount: int
    currency: str
    owner: str
    moves: tuple[tuple[int, str], ...]
    close_in: int
    #: Written down some days after a meeting told that it is lost: (days ago, why).
    lost: tuple[int, str] | None = None


FEATURED = (
    Featured("brackwater", "Brackwater Foods", "Brackwater: multi-drop planning", 64_000, "EUR", "priya",
             ((58, "Qualification"), (41, "Discovery")), 45),
    Featured("tidewater", "Tidewater Marine Stores", "Tidewater: berth-aware delivery planning", 86_500, "EUR",
             "marcus", ((171, "Qualification"), (150, "Discovery"), (118, "Proposal"), (88, "Negotiation")), -70),
    Featured("vantage", "Vantage Tooling", "Vantage: next-morning routes", 28_000, "EUR", "priya",
             ((160, "Qualification"), (141, "Discovery"), (112, "Proposal")), -84,
             lost=(81, "Chose Roadmate: one supplier with the counter software, paid by the month")),
    Featured("greyfield", "Greyfield Retail Group", "Greyfield: central warehouse slots", 145_000, "EUR", "dana",
             ((49, "Qualification"), (30, "Discovery"), (11, "Proposal")), 74),
    Featured("rheinbogen", "Rheinbogen Logistik AG", "Rheinbogen: yard booking, nine sites", 212_000, "EUR", "marcus",
             ((96, "Qualification"), (77, "Discovery"), (51, "Proposal"), (24, "Negotiation")), 12),
    Featured("solway", "Solway Pharma Supply", "Solway: two-round planning", 37_500, "EUR", "dana",
             ((33, "Qualification"), (16, "Discovery")), 38),
)  # fmt: skip


def plan(story: Story, since: dict[str, int]) -> None:
    """Plan the deals of the meetings and the many others."""
    for featured in FEATURED:
        _plan_featured(story, featured)
    # A company that meetings are about has that one deal, so that it is clear which one they mean.
    possible = [c for c in CUSTOMERS[FEATURED_CUSTOMERS:] if c.name not in PARTNERS]
    place = 0
    for stage, count in _STANDING.items():
        for _ in range(count):
            path = _path(story, stage)
            while since[(customer := possible[place % len(possible)]).name] < path[0][0] + 34:
                place += 1
            place += 1
            _plan_deal(story, customer, stage, path)


def _path(story: Story, stage: str) -> list[tuple[int, str]]:
    """When a deal came to each stage, in days ago, ending where it stands now."""
    dice = story.dice
    if stage in STAGES:
        passed = STAGES[: STAGES.index(stage) + 1]
        days_ago = dice.randint(1, _STAY[stage][1])
    else:
        passed = STAGES if stage == "Won" else STAGES[: dice.randint(1, 4)]
        days_ago = dice.randint(2, 130)
    path = [] if stage in STAGES else [(days_ago, stage)]
    if stage in STAGES:
        path, passed = [(days_ago, stage)], passed[:-1]
    for earlier in reversed(passed):
        days_ago += dice.randint(*_STAY[earlier])
        path.append((days_ago, earlier))
    return path[::-1]


def _plan_deal(story: Story, customer: Customer, stage: str, path: list[tuple[int, str]]) -> None:
    dice, n = story.dice, len(story.dealt)
    product, least, most = _PRODUCTS[(n * 5 + n // 29) % len(_PRODUCTS)]
    currency = _CURRENCIES.get(customer.country, "EUR") if dice.random() < 0.5 else "EUR"
    amount = dice.randint(least * 2, most * 2) * 500 * (11 if currency == "SEK" else 1)
    close_in = (
        -path[-1][0] if stage in ("Won", "Lost") else dice.randint(-18, -2) if n % 6 == 0 else dice.randint(2, 95)
    )
    data = {
        "name": f"{customer.name}: {product[0].lower() if product[1].islower() else product[0]}{product[1:]}",
        "amount": amount if dice.random() < 0.95 else None,
        "currency": currency,
        "expected_close": (story.today + timedelta(days=close_in)).isoformat() if dice.random() < 0.93 else None,
    }
    reason = dice.choice(_LOST_REASONS) if stage == "Lost" else None
    _plan_moves(story, customer.name, dice.choice((customer.owner, customer.owner, "marcus")), data, path, reason)


def _plan_featured(story: Story, deal: Featured) -> None:
    data = {
        "name": deal.name,
        "amount": deal.amount,
        "currency": deal.currency,
        "expected_close": (story.today + timedelta(days=deal.close_in)).isoformat(),
    }
    _plan_moves(story, deal.company, deal.owner, data, list(deal.moves), None, key=deal.key)
    if deal.lost:
        days_ago, reason = deal.lost
        story.plan(
            story.some_time(days_ago),
            lambda: story.change(story.deals[deal.key], {"lost_reason": reason}, by=deal.owner),
        )


def _plan_moves(
    story: Story,
    company: str,
    owner: str,
    data: dict[str, Any],
    path: list[tuple[int, str]],
    lost_reason: str | None,
    key: str | None = None,
) -> None:
    key = key or f"{company} {len(story.dealt)}"
    story.dealt[key] = company
    times = [story.some_time(days_ago) for days_ago, _ in path]
    shuffled = story.dice.sample(_ROLES, 3)

    def create() -> None:
        people = story.contacts.get(company, [])[:3]
        full = {
            **data,
            "stage": path[0][1],
            "company_id": story.companies[company].id,
            "owner_id": story.users[owner].id,
            "contact_id": people[0].id if people else None,
            "contacts": [{"contact_id": c.id, "role": r} for c, r in zip(people, shuffled, strict=False)],
        }
        story.deals[key] = records.create(story.session, "deal", full, by=story.by(owner))

    story.plan(times[0], create)
    for when, (_, stage) in zip(times[1:], path[1:], strict=True):
        reason = {"lost_reason": lost_reason} if stage == "Lost" else {}
        _plan_move(story, key, owner, when, {"stage": stage, **reason})


def _plan_move(story: Story, key: str, owner: str, when: Any, change: dict[str, Any]) -> None:
    def act() -> None:
        deal = story.deals[key]
        records.update(story.session, deal, change, by=story.by(owner))
        if change["stage"] == "Won":
            for row in deal.contacts[:2]:
                contact = records.get(story.session, "contact", row.contact_id)
                records.update(story.session, contact, {"lifecycle": "customer"}, by=story.by(owner))

    story.plan(when, act)
