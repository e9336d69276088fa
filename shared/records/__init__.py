"""The CRM's verbs over its record types.

`create`, `update`, `upsert`, `delete`, `restore`, `get` serve every type; `show` is a record as REST gives it, and
`show_all` many of one type. What is special to a type lives in its module (`meetings.receive`, `analysis.queue`,
`pipelines.default_pipeline`).
"""

from shared.records.types import TYPES, RecordType, show, show_all, type_of
from shared.records.verbs import create, delete, get, restore, update, upsert

__all__ = [
    "TYPES", "RecordType", "create", "delete", "get", "restore", "show", "show_all", "type_of", "update", "upsert",
]  # fmt: skip
