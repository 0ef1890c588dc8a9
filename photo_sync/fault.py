"""What an answer of Microsoft Graph's means: a row of a table, of which the first one that fits decides."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import requests

from photo_sync.answer import read_answer, rest
from photo_sync.backoff import Backoff
from photo_sync.errors import Answer, Rejected, TryLater
from photo_sync.target import Kind


@dataclass(frozen=True, slots=True)
class Fault:
    """A row of an error table: which answers it means, and what the one who reads the receipt is told.

    Empty `error_codes` or `kinds` mean any. `reason` may name {status}, {error_code} and what else the table says. A
    fault that passes is tried again as `again` says; None means never.
    """

    code: str
    statuses: Collection[int]
    reason: str
    again: Backoff | None = None
    error_codes: Collection[str] = ()
    kinds: Collection[Kind] = ()

    def means(self, answer: Answer, kind: Kind) -> bool:
        """Say whether this row is about that answer."""
        return (
            answer.status in self.statuses
            and (not self.error_codes or answer.error_code in self.error_codes)
            and (not self.kinds or kind in self.kinds)
        )


def decide(response: requests.Response, faults: Iterable[Fault], kind: Kind, told: dict[str, str]) -> Answer:
    """Return what Graph answered, if that is a success; raises `Rejected` or `TryLater` as the table says.

    `told` holds what the table's sentences name.
    """
    rows = tuple(faults)
    answer = read_answer(response, {code for row in rows for code in row.error_codes})
    if 200 <= response.status_code < 300:
        return answer
    fault = next(row for row in rows if row.means(answer, kind))
    reason = fault.reason.format(**told, status=answer.status, error_code=answer.error_code)
    if fault.again is not None:
        raise TryLater(fault.code, reason, retry_after=rest(response), backoff=fault.again, answer=answer)
    raise Rejected(fault.code, reason, answer)
