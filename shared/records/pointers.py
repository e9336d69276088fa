"""What points at a record: one table of every column that holds a record's id, foreign keys and (type, id) pairs alike.

Merging moves what is `MOVED` to the winner; deleting for good removes the rows of pairs, which no foreign key cleans
up. A test holds the table against the schema: a new column of the kind fails it until it stands here.

Ids inside JSON (what an accepted proposal did, an event's changes, a citation) stay as they are: they say what
happened then, and whoever opens one is led on by the tombstone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Table

from shared.models import Base

#: Records of these types can be merged.
MERGEABLE = ("company", "contact")


class How(StrEnum):
    MOVED = "moved"  # to the winner; what the winner has already is dropped
    DERIVED = "derived"  # made anew from the record by whoever owns the table
    KEPT = "kept"  # says what was done to that very record


@dataclass(frozen=True, slots=True)
class Pointer:
    """`table.column` holds an id of `type`, or of what the `kind` column names.

    `same`: rows that agree in these columns, beside the table's unique keys, are one; `fills`: columns in which the row
    that stays takes what only the dropped one had.
    """

    place: str
    type: str = ""
    kind: str = ""
    how: How = How.MOVED
    same: tuple[str, ...] = ()
    fills: tuple[str, ...] = ()

    @property
    def table(self) -> Table:
        return Base.metadata.tables[self.place.partition(".")[0]]

    @property
    def model(self) -> Any:
        return next(mapper.class_ for mapper in Base.registry.mappers if mapper.local_table is self.table)

    @property
    def column(self) -> str:
        return self.place.partition(".")[2]

    def about(self, type_name: str) -> bool:
        """Whether the column can hold ids of this type."""
        return bool(self.kind) or self.type == type_name

    def to(self, type_name: str, id: int) -> list[ColumnElement[bool]]:
        """The rows that point at this record."""
        here = [self.table.c[self.column] == id]
        return [*here, self.table.c[self.kind] == type_name] if self.kind else here


POINTERS = (
    # What a contact consists of.
    Pointer("contact_email.contact_id", "contact", same=("email_key",), fills=("label",)),
    Pointer("contact_phone.contact_id", "contact", same=("phone_key",), fills=("label",)),
    Pointer("employment.contact_id", "contact", same=("company_id", "title", "started_on", "ended_on")),
    Pointer("employment.company_id", "company", same=("contact_id", "title", "started_on", "ended_on")),
    # Records that belong to a company or a contact.
    Pointer("contact.company_id", "company"),
    Pointer("deal.company_id", "company"),
    Pointer("deal.contact_id", "contact"),
    Pointer("deal_contact.contact_id", "contact", fills=("role",)),
    Pointer("meeting.company_id", "company"),
    Pointer("attendee.contact_id", "contact", same=("meeting_id", "speaker"), fills=("user_id",)),
    Pointer("link.target_id", kind="target_type"),
    Pointer("tagging.target_id", kind="target_type"),
    Pointer("custom_value.record_id", how=How.DERIVED),  # written from the record's `custom`, by the field's type
    Pointer("attachment.record_id", kind="record_type", same=("name", "sha256")),
    Pointer("record_link.from_id", kind="from_type"),
    Pointer("record_link.to_id", kind="to_type"),
    Pointer("favourite.record_id", kind="record_type"),
    Pointer("recent_view.record_id", kind="record_type"),
    Pointer("link.owner_id", kind="owner_type", how=How.KEPT),  # tasks and notes own links; they are never merged
    # What meetings taught, and what would follow from it.
    Pointer("insight.company_id", "company"),
    Pointer("insight.contact_id", "contact"),
    Pointer("proposal.record_id", kind="record_type"),
    Pointer("chat_action.record_id", kind="record_type"),
    # History: the timeline goes along, the subject of a fact stays what it was.
    Pointer("event_target.target_id", kind="target_type", same=("event_id",)),
    Pointer("event.record_id", kind="record_type", how=How.KEPT),
    Pointer("import_row.record_id", how=How.KEPT),  # what a file made or changed, for its history and its revert
    Pointer("bulk_item.record_id", how=How.KEPT),  # what a change of many did to that very record, for its undo
    Pointer("activity_source.record_id", kind="record_type", how=How.KEPT),  # of notes and tasks; they are never merged
    # Search.
    Pointer("search_document.record_id", kind="record_type", how=How.DERIVED),
    Pointer("chunk.record_id", kind="record_type", how=How.DERIVED),
    Pointer("chunk_mark.record_id", kind="record_type", how=How.DERIVED),
    # Merges and duplicates themselves.
    Pointer("merge.winner_id", kind="record_type", how=How.KEPT),
    Pointer("merged_record.winner_id", kind="record_type"),
    Pointer("merged_record.record_id", kind="record_type", how=How.KEPT),
    Pointer("former_name.record_id", kind="record_type"),
    Pointer("duplicate_member.record_id", kind="record_type"),
    Pointer("distinct_pair.record_id", kind="record_type"),
    Pointer("distinct_pair.other_id", kind="record_type"),
)

#: Columns of whole numbers ending in `_id` that hold no record's id.
OTHERS = frozenset(
    {
        "chunk_removal.chunk_id",
        "insight.again_of_id",  # an insight; insights are not merged
    }
)
