"""What might be otherwise in the app, to be tried on a simulated clock before it is changed."""

from dataclasses import dataclass, field

from photo_sync.answer import PAUSE
from photo_sync.backoff import SLOWLY, Backoff
from photo_sync.errors import TryLater
from photo_sync.reconcile import Limits
from simulation.graph import Reply


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Some changes; the defaults are the app as it is."""

    patience: float = 0.0
    """For how many seconds a run waits where the gate is closed, before it is turned away."""
    limits: Limits = field(default_factory=Limits)
    """How much the hourly comparison queues."""
    slowly: Backoff = SLOWLY
    """How somebody who is not known is tried again."""
    rests: bool = False
    """Whether the gate closes after a fault of the service that says nothing of a rest, too."""

    def fault(self, fault: TryLater) -> TryLater:
        """Return the fault as it would be."""
        if fault.backoff is SLOWLY and self.slowly is not SLOWLY:
            return TryLater(fault.code, fault.reason, backoff=self.slowly, answer=fault.answer)
        return fault

    def pause(self, pause: float | None, reply: Reply) -> float | None:
        """Return for how long the gate would close after an answer."""
        return PAUSE if pause is None and self.rests and reply.status >= 500 else pause
