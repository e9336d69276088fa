"""Companies: how their fields are written and shown."""

from __future__ import annotations

from typing import Any

from shared.events import Actor, Target
from shared.models import Company
from shared.records.keys import company_key
from shared.tenancy import TenantSession

FIELDS = (
    "name", "domain", "website", "industry", "employees", "phone", "street", "city", "region", "postcode", "country",
    "description", "owner_id",
)  # fmt: skip


def write(session: TenantSession, company: Company, values: dict[str, Any], by: Actor) -> None:
    """Set validated values."""
    fill(company, values)


def fill(company: Any, values: dict[str, Any]) -> None:
    """The same, without a database."""
    for field in FIELDS:
        if field in values:
            setattr(company, field, values[field])
    if "name" in values:
        company.name_key = company_key(values["name"])


def show(session: TenantSession, company: Company) -> dict[str, Any]:
    return {field: getattr(company, field) for field in FIELDS}


def text(session: TenantSession, company: Company) -> str:
    return words(company)


def words(company: Any) -> str:
    """What is searched beside the name."""
    parts = (company.domain, company.industry, company.city, company.country, company.phone, company.description)
    return "\n".join(part for part in parts if part)


def related(session: TenantSession, company: Company) -> list[Target]:
    return []
