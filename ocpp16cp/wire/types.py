"""Limits, enumerations and records that several messages or events share.

The annotations are the source of truth for codec and schemas: a field's limit is written in its
type. Names are those of the specification (§7), members are its spellings in Python's case. Fields
stand in the order of the schemas; optional ones are `None` when absent.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from ocpp16cp.lean import frozen


@frozen
class MaxLength:
    """A text has at most this many characters."""

    characters: int


@frozen
class FractionDigits:
    """A decimal has at most this many digits after the point."""

    digits: int


@frozen
class MinItems:
    """A list, if present, has at least this many entries."""

    count: int


@frozen
class TextFormat:
    """What a text means, as a format of JSON Schema; checked where the value is used."""

    name: str


CiString20 = Annotated[str, MaxLength(20)]
CiString25 = Annotated[str, MaxLength(25)]
CiString40 = Annotated[str, MaxLength(40)]
CiString50 = Annotated[str, MaxLength(50)]
CiString128 = Annotated[str, MaxLength(128)]
CiString255 = Annotated[str, MaxLength(255)]
CiString500 = Annotated[str, MaxLength(500)]
IdToken = CiString20
"""Identifies a card or user; opaque, compared without regard to case (§7.28)."""
String50 = Annotated[str, MaxLength(50)]
String255 = Annotated[str, MaxLength(255)]
String512 = Annotated[str, MaxLength(512)]
String800 = Annotated[str, MaxLength(800)]
String5500 = Annotated[str, MaxLength(5500)]
String10000 = Annotated[str, MaxLength(10000)]
Uri = Annotated[str, TextFormat("uri")]
OneDecimal = Annotated[Decimal, FractionDigits(1)]
"""An amount with at most one digit after the point, in A or W."""


class RegistrationStatus(StrEnum):
    """What the central system says to a BootNotification (§7.38)."""

    ACCEPTED = "Accepted"
    PENDING = "Pending"
    REJECTED = "Rejected"


class AuthorizationStatus(StrEnum):
    """Whether an idTag may charge (§7.2)."""

    ACCEPTED = "Accepted"
    BLOCKED = "Blocked"
    EXPIRED = "Expired"
    INVALID = "Invalid"
    CONCURRENT_TX = "ConcurrentTx"


@frozen(kw_only=True)
class IdTagInfo:
    """What is known about an idTag (§7.27)."""

    expiry_date: datetime | None = None
    """When the tag leaves the authorization cache; never, if absent."""
    parent_id_tag: IdToken | None = None
    status: AuthorizationStatus


class ChargePointErrorCode(StrEnum):
    """What is wrong with a connector or the charge point (§7.6)."""

    CONNECTOR_LOCK_FAILURE = "ConnectorLockFailure"
    EV_COMMUNICATION_ERROR = "EVCommunicationError"
    GROUND_FAILURE = "GroundFailure"
    HIGH_TEMPERATURE = "HighTemperature"
    INTERNAL_ERROR = "InternalError"
    LOCAL_LIST_CONFLICT = "LocalListConflict"
    NO_ERROR = "NoError"
    OTHER_ERROR = "OtherError"
    OVER_CURRENT_FAILURE = "OverCurrentFailure"
    OVER_VOLTAGE = "OverVoltage"
    POWER_METER_FAILURE = "PowerMeterFailure"
    POWER_SWITCH_FAILURE = "PowerSwitchFailure"
    READER_FAILURE = "ReaderFailure"
    RESET_FAILURE = "ResetFailure"
    UNDER_VOLTAGE = "UnderVoltage"
    WEAK_SIGNAL = "WeakSignal"


class ChargePointStatus(StrEnum):
    """What a connector is doing (§7.7).

    Of the charge point itself (connector 0) only Available, Unavailable and Faulted.
    """

    AVAILABLE = "Available"
    PREPARING = "Preparing"
    CHARGING = "Charging"
    SUSPENDED_EVSE = "SuspendedEVSE"
    SUSPENDED_EV = "SuspendedEV"
    FINISHING = "Finishing"
    RESERVED = "Reserved"
    UNAVAILABLE = "Unavailable"
    FAULTED = "Faulted"


class Reason(StrEnum):
    """Why a transaction was stopped (§7.36)."""

    DE_AUTHORIZED = "DeAuthorized"
    EMERGENCY_STOP = "EmergencyStop"
    EV_DISCONNECTED = "EVDisconnected"
    HARD_RESET = "HardReset"
    LOCAL = "Local"
    OTHER = "Other"
    POWER_LOSS = "PowerLoss"
    REBOOT = "Reboot"
    REMOTE = "Remote"
    SOFT_RESET = "SoftReset"
    UNLOCK_COMMAND = "UnlockCommand"


class ReadingContext(StrEnum):
    """On what occasion a value was sampled (§7.35); Sample.Periodic if absent."""

    INTERRUPTION_BEGIN = "Interruption.Begin"
    INTERRUPTION_END = "Interruption.End"
    OTHER = "Other"
    SAMPLE_CLOCK = "Sample.Clock"
    SAMPLE_PERIODIC = "Sample.Periodic"
    TRANSACTION_BEGIN = "Transaction.Begin"
    TRANSACTION_END = "Transaction.End"
    TRIGGER = "Trigger"


class ValueFormat(StrEnum):
    """How a sampled value is written (§7.49); Raw if absent."""

    RAW = "Raw"
    SIGNED_DATA = "SignedData"


class DataTransferStatus(StrEnum):
    """Whether a vendor's message was understood (§7.23)."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    UNKNOWN_MESSAGE_ID = "UnknownMessageId"
    UNKNOWN_VENDOR_ID = "UnknownVendorId"


class Measurand(StrEnum):
    """What was measured (§7.31); Energy.Active.Import.Register if absent.

    Import flows from the grid to the vehicle.
    """

    CURRENT_EXPORT = "Current.Export"
    CURRENT_IMPORT = "Current.Import"
    CURRENT_OFFERED = "Current.Offered"
    ENERGY_ACTIVE_EXPORT_REGISTER = "Energy.Active.Export.Register"
    ENERGY_ACTIVE_IMPORT_REGISTER = "Energy.Active.Import.Register"
    ENERGY_REACTIVE_EXPORT_REGISTER = "Energy.Reactive.Export.Register"
    ENERGY_REACTIVE_IMPORT_REGISTER = "Energy.Reactive.Import.Register"
    ENERGY_ACTIVE_EXPORT_INTERVAL = "Energy.Active.Export.Interval"
    ENERGY_ACTIVE_IMPORT_INTERVAL = "Energy.Active.Import.Interval"
    ENERGY_REACTIVE_EXPORT_INTERVAL = "Energy.Reactive.Export.Interval"
    ENERGY_REACTIVE_IMPORT_INTERVAL = "Energy.Reactive.Import.Interval"
    FREQUENCY = "Frequency"
    POWER_ACTIVE_EXPORT = "Power.Active.Export"
    POWER_ACTIVE_IMPORT = "Power.Active.Import"
    POWER_FACTOR = "Power.Factor"
    POWER_OFFERED = "Power.Offered"
    POWER_REACTIVE_EXPORT = "Power.Reactive.Export"
    POWER_REACTIVE_IMPORT = "Power.Reactive.Import"
    RPM = "RPM"
    SOC = "SoC"
    TEMPERATURE = "Temperature"
    VOLTAGE = "Voltage"


class Phase(StrEnum):
    """Between which conductors was measured (§7.34); the overall value if absent."""

    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    N = "N"
    L1_N = "L1-N"
    L2_N = "L2-N"
    L3_N = "L3-N"
    L1_L2 = "L1-L2"
    L2_L3 = "L2-L3"
    L3_L1 = "L3-L1"


class Location(StrEnum):
    """Where was measured (§7.30); Outlet if absent."""

    BODY = "Body"
    CABLE = "Cable"
    EV = "EV"
    INLET = "Inlet"
    OUTLET = "Outlet"


class UnitOfMeasure(StrEnum):
    """The unit of a sampled value (§7.45); Wh if absent and the measurand is an energy.

    There is no unit for frequencies, power factors and revolutions: these go without.
    """

    WH = "Wh"
    KWH = "kWh"
    VARH = "varh"
    KVARH = "kvarh"
    W = "W"
    KW = "kW"
    VA = "VA"
    KVA = "kVA"
    VAR = "var"
    KVAR = "kvar"
    A = "A"
    V = "V"
    CELSIUS = "Celsius"
    CELCIUS = "Celcius"
    """The misspelling of the first schemas, still legal; very old central systems know no other."""
    FAHRENHEIT = "Fahrenheit"
    K = "K"
    PERCENT = "Percent"


@frozen(kw_only=True)
class SampledValue:
    """One measured value (§7.43)."""

    value: str
    """A number as decimal text without exponent, or signed data."""
    context: ReadingContext | None = None
    format: ValueFormat | None = None
    measurand: Measurand | None = None
    phase: Phase | None = None
    location: Location | None = None
    unit: UnitOfMeasure | None = None


@frozen(kw_only=True)
class MeterValue:
    """Values measured at the same instant (§7.33)."""

    timestamp: datetime
    sampled_value: tuple[SampledValue, ...]
    """One or more; the schemas let an empty list pass, the text does not."""


class ChargingProfilePurposeType(StrEnum):
    """What a charging profile is for (§7.10)."""

    CHARGE_POINT_MAX_PROFILE = "ChargePointMaxProfile"
    TX_DEFAULT_PROFILE = "TxDefaultProfile"
    TX_PROFILE = "TxProfile"


class ChargingProfileKindType(StrEnum):
    """From when the periods of a schedule count (§7.9)."""

    ABSOLUTE = "Absolute"
    RECURRING = "Recurring"
    RELATIVE = "Relative"


class RecurrencyKindType(StrEnum):
    """How often a recurring schedule begins again (§7.37)."""

    DAILY = "Daily"
    WEEKLY = "Weekly"


class ChargingRateUnitType(StrEnum):
    """In what a limit is given (§7.12): amperes per phase, or watts over all phases."""

    A = "A"
    W = "W"


@frozen(kw_only=True)
class ChargingSchedulePeriod:
    """A limit from one instant on until the next period or the end of the schedule (§7.14)."""

    start_period: int
    """Seconds from the start of the schedule; 0 in the first period."""
    limit: OneDecimal
    number_phases: int | None = None
    """3 if absent."""


@frozen(kw_only=True)
class ChargingSchedule:
    """Limits over time (§7.13)."""

    duration: int | None = None
    """Seconds; without end (or until the transaction ends), if absent."""
    start_schedule: datetime | None = None
    charging_rate_unit: ChargingRateUnitType
    charging_schedule_period: tuple[ChargingSchedulePeriod, ...]
    min_charging_rate: OneDecimal | None = None


@frozen(kw_only=True)
class ChargingProfile:
    """A charging schedule with its purpose, priority and validity (§7.8)."""

    charging_profile_id: int
    transaction_id: int | None = None
    stack_level: int
    """0 or more; higher levels take precedence."""
    charging_profile_purpose: ChargingProfilePurposeType
    charging_profile_kind: ChargingProfileKindType
    recurrency_kind: RecurrencyKindType | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    charging_schedule: ChargingSchedule


class CertificateUse(StrEnum):
    """What an installed root certificate vouches for (security whitepaper)."""

    CENTRAL_SYSTEM_ROOT_CERTIFICATE = "CentralSystemRootCertificate"
    MANUFACTURER_ROOT_CERTIFICATE = "ManufacturerRootCertificate"


class HashAlgorithm(StrEnum):
    """How the hashes that identify a certificate were made (security whitepaper)."""

    SHA256 = "SHA256"
    SHA384 = "SHA384"
    SHA512 = "SHA512"


@frozen(kw_only=True)
class CertificateHashData:
    """Identifies an installed certificate as OCSP does (security whitepaper); texts are hex."""

    hash_algorithm: HashAlgorithm
    issuer_name_hash: CiString128
    issuer_key_hash: CiString128
    serial_number: CiString40
    """Without leading zeros."""
