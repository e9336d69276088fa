"""Companies, contacts, and who worked where when.

No Lead table: a contact has a lifecycle stage. E-mail addresses and phones are rows with a normalised, indexed value.
Deleting a company never deletes people.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, column, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.models.base import Base, Choice, Record, record_args
from shared.tenancy import Tenanted


class Lifecycle(StrEnum):
    LEAD = "lead"
    QUALIFIED = "qualified"
    OPPORTUNITY = "opportunity"
    CUSTOMER = "customer"
    PARTNER = "partner"
    FORMER = "former"
    OTHER = "other"


class Company(Record, Base):
    """An organisation. `name_key` is the name folded for matching: no case, accents, legal form."""

    __tablename__ = "company"
    __table_args__ = record_args(
        "company",
        Index("ix_company_name", "workspace_id", "name_key"),
        Index("ix_company_live", "workspace_id", "deleted_at", "owner_id"),
        # Lists of contacts are put in order by them too.
        Index("ix_company_industry", "workspace_id", func.lower(column("industry"))),
        Index("ix_company_city", "workspace_id", func.lower(column("city"))),
        Index("ix_company_country", "workspace_id", func.lower(column("country"))),
    )

    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(200))
    domain: Mapped[str | None] = mapped_column(String(253), index=True)
    website: Mapped[str | None] = mapped_column(String(500))
    industry: Mapped[str | None] = mapped_column(String(200))
    employees: Mapped[int | None]
    phone: Mapped[str | None] = mapped_column(String(50))
    street: Mapped[str | None] = mapped_column(String(300))
    city: Mapped[str | None] = mapped_column(String(200))
    region: Mapped[str | None] = mapped_column(String(200))
    postcode: Mapped[str | None] = mapped_column(String(20))
    country: Mapped[str | None] = mapped_column(String(100))
    description: Mapped[str | None] = mapped_column(Text)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))

    __mapper_args__ = {"version_id_col": Record.version}  # noqa: RUF012


class Contact(Record, Base):
    """A person. `company_id` is the present employer, kept equal to the open primary employment."""

    __tablename__ = "contact"
    __table_args__ = record_args(
        "contact",
        Index("ix_contact_name", "workspace_id", "name_key"),
        Index("ix_contact_last_name", "workspace_id", "last_name", "id", "deleted_at"),
        Index("ix_contact_created", "workspace_id", "created_at", "id"),
        Index("ix_contact_first_name", "workspace_id", func.lower(column("first_name")), "id"),
        Index("ix_contact_title", "workspace_id", func.lower(column("title")), "id"),
        Index("ix_contact_owner", "workspace_id", "owner_id", "deleted_at"),
        Index("ix_contact_live", "workspace_id", "deleted_at", "lifecycle", "owner_id"),
        Index("ix_contact_company", "workspace_id", "company_id", "deleted_at"),
        # All that contacts of some companies are narrowed and ordered by most, so that no row is looked at in vain.
        # Beside the last, not instead: that has the contacts of a company by id, as a list by company has them.
        Index(
            "ix_contact_narrowed",
            "workspace_id",
            "company_id",
            "deleted_at",
            "lifecycle",
            "source",
            "owner_id",
            "updated_at",
        ),
        Index("ix_contact_source", "workspace_id", "deleted_at", "source", "lifecycle"),
    )

    first_name: Mapped[str] = mapped_column(String(100), default="")
    last_name: Mapped[str] = mapped_column(String(100), default="")
    name_key: Mapped[str] = mapped_column(String(200))
    title: Mapped[str | None] = mapped_column(String(200))
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id", ondelete="SET NULL"), index=True)
    lifecycle: Mapped[Lifecycle] = mapped_column(Choice(Lifecycle, 20), default=Lifecycle.LEAD)
    source: Mapped[str | None] = mapped_column(String(100))
    description: Mapped[str | None] = mapped_column(Text)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))

    emails: Mapped[list[ContactEmail]] = relationship(
        cascade="all, delete-orphan", order_by="ContactEmail.position", lazy="selectin"
    )
    phones: Mapped[list[ContactPhone]] = relationship(
        cascade="all, delete-orphan", order_by="ContactPhone.position", lazy="selectin"
    )
    employments: Mapped[list[Employment]] = relationship(
        cascade="all, delete-orphan", order_by="Employment.id", lazy="raise"
    )
    company: Mapped[Company | None] = relationship(lazy="raise", viewonly=True)

    __mapper_args__ = {"version_id_col": Record.version}  # noqa: RUF012

    @property
    def name(self) -> str:
        """First and last name, whichever are known."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def email(self) -> str | None:
        """The primary e-mail address."""
        return next((e.email for e in self.emails if e.is_primary), None)

    @property
    def phone(self) -> str | None:
        """The primary phone number as written."""
        return next((p.phone for p in self.phones if p.is_primary), None)


class ContactEmail(Tenanted, Base):
    __tablename__ = "contact_email"
    __table_args__ = (Index("ix_contact_email_key", "workspace_id", "email_key"),)

    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))  # casefolded
    label: Mapped[str | None] = mapped_column(String(50))
    is_primary: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)


class ContactPhone(Tenanted, Base):
    __tablename__ = "contact_phone"
    __table_args__ = (Index("ix_contact_phone_key", "workspace_id", "phone_key"),)

    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    phone: Mapped[str] = mapped_column(String(50))
    phone_key: Mapped[str] = mapped_column(String(50))  # E.164 where it can be parsed, else digits
    label: Mapped[str | None] = mapped_column(String(50))
    is_primary: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)


class Employment(Tenanted, Base):
    """Person works (or worked) at company. An open row has no `ended_on`."""

    __tablename__ = "employment"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id", ondelete="CASCADE"), index=True)
    title: Mapped[str | None] = mapped_column(String(200))
    started_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    is_primary: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
