"""The few errors that mean something to a person.

Each service has one handler that turns an `AppError` into a page or a problem document. Anything else that escapes is
a bug: logged with its trace, shown with a reference id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

#: Turns an English sentence into the reader's language. The CRM puts its own here; everywhere else it stays English.
in_words: Callable[[str], str] = str


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with the input. `path` is dotted (`emails.0.email`); empty means the whole input."""

    path: str
    message: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", in_words(self.message))


class AppError(Exception):
    """A failure the caller can understand. `detail` is one sentence: what is wrong and what to do about it."""

    status = 500
    title = "Something went wrong"

    def __init__(self, detail: str, *, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = in_words(detail)
        self.errors = tuple(errors)


class Unauthorized(AppError):
    status = 401
    title = "Not signed in"


class Forbidden(AppError):
    status = 403
    title = "Not allowed"


class NotFound(AppError):
    status = 404
    title = "Not found"


class Conflict(AppError):
    """The record changed, or the thing was done before. `current` is the record as it is now, ready for JSON."""

    status = 409
    title = "Conflict"

    def __init__(self, detail: str, *, current: dict[str, object] | None = None) -> None:
        super().__init__(detail)
        self.current = current


class TooLarge(AppError):
    status = 413
    title = "Too large"


class Invalid(AppError):
    status = 422
    title = "Invalid input"

    @classmethod
    def field(cls, path: str, message: str) -> Invalid:
        """The common case: one field is wrong."""
        return cls(message, errors=[FieldError(path, message)])


class TooManyRequests(AppError):
    status = 429
    title = "Too many attempts"

    def __init__(self, detail: str, *, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class Unavailable(AppError):
    status = 503
    title = "Not available right now"

    def __init__(self, detail: str, *, retry_after_s: int = 5) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s
