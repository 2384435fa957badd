"""How a request can end, and what each transport says then: one table.

Sources: OTLP specification (failures, throttling), google.rpc.Code. What a sender must try again is UNAVAILABLE and 503:
real exporters drop a batch on 429, and on RESOURCE_EXHAUSTED without RetryInfo.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from google.rpc import code_pb2, status_pb2
from google.rpc.error_details_pb2 import BadRequest

from attribution.errors import SpanledgerError

RETRY_SECONDS = 5
"""What a sender is asked to wait: inside the ten seconds that SDK exporters give a batch, and rare enough that a full spool
is not kept busy with refusing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`label`: as the request metric says it. `code`: google.rpc.Code. `retry`: the sender is asked to send the same again."""

    label: str
    code: int
    http_status: int
    retry: bool = False


class Outcome(Enum):
    """How a request ended."""

    ACCEPTED = Answer("accepted", code_pb2.OK, 200)
    PARTIAL = Answer("partial", code_pb2.OK, 200)
    MALFORMED = Answer("malformed", code_pb2.INVALID_ARGUMENT, 400)
    UNAUTHENTICATED = Answer("unauthenticated", code_pb2.UNAUTHENTICATED, 401)
    DISCONNECTED = Answer("disconnected", code_pb2.CANCELLED, 499)  # nobody reads it
    NOT_SERVED = Answer("not_served", code_pb2.UNIMPLEMENTED, 404)
    METHOD = Answer("method", code_pb2.UNIMPLEMENTED, 405)
    SLOW = Answer("slow", code_pb2.DEADLINE_EXCEEDED, 408)
    TOO_LARGE = Answer("too_large", code_pb2.RESOURCE_EXHAUSTED, 413)
    UNSUPPORTED = Answer("unsupported", code_pb2.UNIMPLEMENTED, 415)
    BUSY = Answer("busy", code_pb2.UNAVAILABLE, 503, retry=True)
    FULL = Answer("full", code_pb2.UNAVAILABLE, 503, retry=True)
    FAILED = Answer("failed", code_pb2.UNAVAILABLE, 503, retry=True)


class RefusalError(SpanledgerError):
    """A request is refused; the text is meant for the sender. `sender`: who that is, as far as it is known; for the log."""

    def __init__(self, outcome: Outcome, message: str, sender: str = "") -> None:
        self.outcome, self.message, self.sender = outcome, message, sender
        super().__init__(message)

    @property
    def status(self) -> status_pb2.Status:
        """The body of an HTTP answer, or the details of a gRPC one. What is wrong with bad data stands in it as a BadRequest too."""
        status = status_pb2.Status(code=self.outcome.value.code, message=self.message)
        if self.outcome is Outcome.MALFORMED:
            status.details.add().Pack(BadRequest(field_violations=[BadRequest.FieldViolation(description=self.message)]))
        return status
