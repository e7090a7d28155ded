"""DataTransfers that an application understands: `Station.vendor_messages`.

    def set_limit(request: DataRequest) -> DataAnswer:
        ...

    LIMIT = VendorMessage(vendor_id="com.example", message_id="SetLimit", answer=set_limit, schema={"type": "object"})
    PHOTO = VendorMessage(vendor_id="com.example", message_id="Photo")

A message with `answer` is answered at once, by a function of the request alone. One without is told to the application
by the notice `DataReceived`, and answered by the event `DataAnswered` whenever the application knows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from attrs import field

from ocpp16cp.errors import UsageError
from ocpp16cp.lean import frozen
from ocpp16cp.wire.strict_json import Harmful, Json, NotJson, is_encodable, load
from ocpp16cp.wire.types import DataTransferStatus

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

LONGEST_VENDOR_ID = 255
"""Characters, the limit of CiString255 (§6.15)."""
LONGEST_MESSAGE_ID = 50
"""Characters, the limit of CiString50 (§6.15)."""
LONGEST_DATA = 131_072
"""Characters of data that this station sends: in a frame it fits even if JSON has to escape every one of them."""
LONGEST_EXPLANATION = 200
"""Characters of what is said about data that break their schema."""
_DECIMAL = re.compile(r"Decimal\('([^']*)'\)")
"""How a number with a point looks in what the validator says."""

LONGEST_WAIT_S = 60.0
"""For an answer of the application: no central system waits longer."""


@frozen(kw_only=True)
class DataRequest:
    """A DataTransfer of the central system that is declared, and fits its schema."""

    vendor_id: str
    """As it was received: compared without regard to letter case."""
    message_id: str | None = None
    data: str | None = None
    value: Json = None
    """What `data` holds, where the declaration has a schema: numbers with a point are `Decimal`."""


@frozen
class DataAnswer:
    """What a DataTransfer is answered with, by whichever side."""

    status: DataTransferStatus = DataTransferStatus.ACCEPTED
    data: str | None = None
    """At most 131072 characters where this station answers; none for an unknown vendor."""


def _to_schema(schema: Mapping[str, object] | str | None) -> str | None:
    """A schema as text, which can be compared and hashed."""
    if schema is None or isinstance(schema, str):
        return schema
    try:
        return json.dumps(schema, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise UsageError(f"vendor_messages: schema: cannot be written as JSON: {error}") from error


@frozen(kw_only=True)
class VendorMessage:
    """A DataTransfer that this station understands; both ids compare without regard to letter case.

    Raises:
        UsageError: an id has no possible length, or the schema is none. The message names the field.
    """

    vendor_id: str
    message_id: str | None = None
    """`None`: every message of this vendor that no other declaration names, also one without an id."""
    answer: Callable[[DataRequest], DataAnswer] | None = None
    """Answers at once: a function of the request alone, quick, without side effects. It must not raise: the central
    system would be told of an InternalError. `None`: the application answers the notice `DataReceived`."""
    schema: str | None = field(default=None, converter=_to_schema)
    """JSON Schema of `data`, which then has to be JSON text: draft 2020-12, unless `$schema` says otherwise. A mapping
    is written as text. What does not fit is Rejected, and the rule it breaks told in the answer's data."""
    answer_within_s: float = 4.0
    """How long the application has for its answer: after that it is Rejected. Many central systems wait 5 seconds."""

    def __attrs_post_init__(self) -> None:
        check_ids(self.vendor_id, self.message_id)
        if not 0 < self.answer_within_s <= LONGEST_WAIT_S:
            raise UsageError(
                f"vendor_messages: answer_within_s: {self.answer_within_s!r} is not above 0 and at most 60"
            )
        if self.schema is not None:
            _validator_of(self.schema)

    @property
    def place(self) -> tuple[str, str | None]:
        """What no other declaration may have."""
        return self.vendor_id.lower(), None if self.message_id is None else self.message_id.lower()


def check_ids(vendor_id: str, message_id: str | None) -> None:
    """Refuse ids that no DataTransfer can have.

    Raises:
        UsageError: one is empty, too long, or cannot be sent.
    """
    for name, text, limit in (
        ("vendor_id", vendor_id, LONGEST_VENDOR_ID),
        ("message_id", message_id, LONGEST_MESSAGE_ID),
    ):
        if text is not None and not (0 < len(text) <= limit and is_encodable(text)):
            raise UsageError(f"{name}: {text[:80]!r} is not 1 to {limit} characters that can be sent")


def check_data(data: str | None) -> None:
    """Refuse data that cannot be sent.

    Raises:
        UsageError: they are too long, or hold a lone surrogate.
    """
    if data is None:
        return
    if len(data) > LONGEST_DATA:
        raise UsageError(f"data: {len(data)} characters, at most {LONGEST_DATA} are sent")
    if not is_encodable(data):
        raise UsageError("data: a lone surrogate, which cannot be sent")


def check_answer(answer: DataAnswer) -> None:
    """Refuse an answer that cannot be sent.

    Raises:
        UsageError: its data cannot, or may not.
    """
    check_data(answer.data)
    if answer.status is DataTransferStatus.UNKNOWN_VENDOR_ID and answer.data is not None:
        raise UsageError("data: there are none for an unknown vendor (§6.16)")


def read_data(schema: str, data: str | None) -> tuple[Json, str | None]:
    """What received data hold, and the rule of their schema that they break, if they do."""
    if data is None:
        return None, "data: required, and missing"
    try:
        value = load(data)
    except (NotJson, Harmful) as error:
        return None, f"data: {error}"
    broken = next(_validator_of(schema).iter_errors(cast(Any, value)), None)
    if broken is None:
        return value, None
    said = _DECIMAL.sub(r"\1", broken.message)
    return None, f"{broken.json_path}: {said}"[:LONGEST_EXPLANATION]


@lru_cache(maxsize=64)
def _validator_of(schema: str) -> Validator:
    """What tries data; made once for each schema, of which a station has a few.

    Raises:
        UsageError: this is no JSON Schema.
    """
    # Imported here: it takes longer to load than all the rest, and few stations have schemas.
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import validator_for
    from referencing import Registry

    try:
        # Numbers as in the data: a binary float is no multiple of 0.1.
        loaded: Any = load(schema)
        _refuse_foreign_references(loaded)
        kind = validator_for(loaded)
        kind.check_schema(loaded)
    except (NotJson, Harmful) as error:
        raise UsageError(f"vendor_messages: schema: {error}") from error
    except SchemaError as error:
        raise UsageError(
            f"vendor_messages: schema: {error.json_path}: {error.message}"[:LONGEST_EXPLANATION]
        ) from error
    # With a registry of nothing no reference is ever followed to somewhere else.
    return kind(loaded, registry=Registry())


def _refuse_foreign_references(schema: Json) -> None:
    """A schema stands alone: nothing is fetched for it."""
    match schema:
        case {"$ref": str() as reference} if not reference.startswith("#"):
            raise UsageError(f"vendor_messages: schema: {reference!r} is in another document")
        case dict():
            for member in schema.values():
                _refuse_foreign_references(member)
        case list():
            for member in schema:
                _refuse_foreign_references(member)
        case _:
            pass
