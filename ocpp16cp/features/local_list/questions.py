"""What the list says."""

from __future__ import annotations

from ocpp16cp.kernel.step import Step

from .keys import LOCAL_AUTH_LIST_ENABLED
from .state import LISTED, Listed


def listed(step: Step, id_tag: str) -> Listed | None:
    """The entry of a card, whether or not it has expired; `None`: there is none, or the list does not count."""
    if not step.key(LOCAL_AUTH_LIST_ENABLED):
        return None
    return step[LISTED].get(id_tag.lower())
