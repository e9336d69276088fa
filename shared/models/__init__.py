"""The schema, a file per aggregate: typed models, relations `lazy="raise"` unless they are part of the aggregate."""

from shared.models.accounts import (
    ApiToken,
    CalendarFeed,
    IdempotencyKey,
    Login,
    LoginAttempt,
    PasswordLink,
    RecoveryCode,
    Role,
    SecondFactor,
    User,
    Workspace,
    workspace_of,
)
from shared.models.activities import ActivitySource
from shared.models.attached import Attachment, Favourite, RecentView, RecordLink
from shared.models.backups import Backup, BackupState
from shared.models.base import Base, Record
from shared.models.chat import ActionState, ChatAction, ChatConversation, ChatMessage, ChatTicket, TurnState
from shared.models.custom import CustomType, CustomValue, FieldDefinition, Tag, Tagging
from shared.models.deals import Deal, DealContact, Pipeline, Stage, StageChange, StageType
from shared.models.history import ActorKind, Event, EventTarget
from shared.models.imports import ImportJob, ImportRow, ImportStatus
from shared.models.installation import InstallationSetting
from shared.models.meetings import AnalysisSegment, Attendee, LlmCall, Meeting, MeetingStatus, Utterance
from shared.models.merging import (
    DistinctPair,
    DuplicateGroup,
    DuplicateMember,
    DuplicateScan,
    FormerName,
    Merge,
    MergedRecord,
    ScanStatus,
)
from shared.models.people import Company, Contact, ContactEmail, ContactPhone, Employment, Lifecycle
from shared.models.reports import Chart, Report
from shared.models.retrieval import Chunk, ChunkMark, ChunkRemoval, ChunkState
from shared.models.review import Insight, InsightStatus, Proposal, ReviewBatch
from shared.models.search import SearchDocument
from shared.models.views import BulkChange, BulkItem, BulkStatus, SavedView, ViewChoice
from shared.models.webhooks import DeliveryState, Webhook, WebhookAttempt, WebhookDelivery
from shared.models.work import Direction, Link, Note, NoteKind, Priority, Task, TaskStatus

__all__ = [
    "ActionState",
    "ActivitySource",
    "ActorKind",
    "AnalysisSegment",
    "ApiToken",
    "Attachment",
    "Attendee",
    "Backup",
    "BackupState",
    "Base",
    "BulkChange",
    "BulkItem",
    "BulkStatus",
    "CalendarFeed",
    "Chart",
    "ChatAction",
    "ChatConversation",
    "ChatMessage",
    "ChatTicket",
    "Chunk",
    "ChunkMark",
    "ChunkRemoval",
    "ChunkState",
    "Company",
    "Contact",
    "ContactEmail",
    "ContactPhone",
    "CustomType",
    "CustomValue",
    "Deal",
    "DealContact",
    "DeliveryState",
    "Direction",
    "DistinctPair",
    "DuplicateGroup",
    "DuplicateMember",
    "DuplicateScan",
    "Employment",
    "Event",
    "EventTarget",
    "Favourite",
    "FieldDefinition",
    "FormerName",
    "IdempotencyKey",
    "ImportJob",
    "ImportRow",
    "ImportStatus",
    "Insight",
    "InsightStatus",
    "InstallationSetting",
    "Lifecycle",
    "Link",
    "LlmCall",
    "Login",
    "LoginAttempt",
    "Meeting",
    "MeetingStatus",
    "Merge",
    "MergedRecord",
    "Note",
    "NoteKind",
    "PasswordLink",
    "Pipeline",
    "Priority",
    "Proposal",
    "RecentView",
    "Record",
    "RecordLink",
    "RecoveryCode",
    "Report",
    "ReviewBatch",
    "Role",
    "SavedView",
    "ScanStatus",
    "SearchDocument",
    "SecondFactor",
    "Stage",
    "StageChange",
    "StageType",
    "Tag",
    "Tagging",
    "Task",
    "TaskStatus",
    "TurnState",
    "User",
    "Utterance",
    "ViewChoice",
    "Webhook",
    "WebhookAttempt",
    "WebhookDelivery",
    "Workspace",
    "workspace_of",
]
