"""Know a phone number that begins with 00 by the same key as one that begins with +."""

import re

import phonenumbers
import sqlalchemy as sa
from alembic import op

revision = "20261127_1205"
down_revision = "20261127_1145"
branch_labels = None
depends_on = None

_phones = sa.table(
    "contact_phone", sa.column("id", sa.Integer), sa.column("phone", sa.String), sa.column("phone_key", sa.String)
)


def upgrade() -> None:
    found = sa.select(_phones.c.id, _phones.c.phone).where(_phones.c.phone_key.like("00%"))
    for id, phone in op.get_bind().execute(found).all():
        try:
            parsed = phonenumbers.parse(re.sub(r"^[\s(]*00", "+", phone), None)
        except phonenumbers.NumberParseException:
            continue
        key = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        op.execute(_phones.update().where(_phones.c.id == id).values(phone_key=key))


def downgrade() -> None:
    """Nothing: the key of the code before differs only for numbers typed with 00, and holds them apart at worst."""
