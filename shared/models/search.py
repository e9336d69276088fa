"""The searchable text of every record, one row each. The full-text index over it is made by a migration."""

from __future__ import annotations

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base
from shared.tenancy import Tenanted


class SearchDocument(Tenanted, Base):
    """`title` and `body` as shown. What is matched is made of them by `shared.search`, the same on both databases.

    `title_key` and `folded` are the words of title and body: no case, no accents, phones as digits; `grams` are the
    three-letter pieces of the title, which find it in spite of a typing error.
    """

    __tablename__ = "search_document"
    __table_args__ = (
        UniqueConstraint("record_type", "record_id"),
        # What SQLite's index of words found becomes records without a look at the texts.
        Index("ix_search_document_workspace", "workspace_id", "record_type", "id", "record_id"),
    )

    record_type: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]
    title: Mapped[str] = mapped_column(String(500))
    body: Mapped[str] = mapped_column(Text)
    title_key: Mapped[str] = mapped_column(Text)
    folded: Mapped[str] = mapped_column(Text)
    grams: Mapped[str] = mapped_column(Text)
