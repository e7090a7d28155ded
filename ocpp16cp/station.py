"""What this charger is: its identity, connectors, electrical limits and readers. Fixed for a run."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Final

from attrs import evolve, field

from ocpp16cp.endpoints import Endpoint, check_endpoints
from ocpp16cp.errors import UsageError
from ocpp16cp.lean import frozen
from ocpp16cp.sharing import Sharing, share_equally
from ocpp16cp.vendor_keys import VendorKey
from ocpp16cp.vendor_messages import VendorMessage
from ocpp16cp.wire.phases import FURTHER_PHASES, lines_of
from ocpp16cp.wire.strict_json import is_encodable
from ocpp16cp.wire.types import Measurand, Phase

CHARGE_POINT = 0
"""The connector id that means the charge point as a whole (§2.2)."""

MAX_CONNECTORS = 64
"""Bound of connectors in one station: above any cabinet on the market, and every table of connectors stays small."""


MIN_PILOT_A = Decimal(6)
"""The least current that a control pilot can offer a vehicle (IEC 61851-1)."""

MAX_VENDOR_MESSAGES = 200
"""DataTransfers that a station understands: more than any vendor has invented."""


class FeatureProfile(StrEnum):
    """A part of the protocol that a station offers or does not (§3.3)."""

    CORE = "Core"
    FIRMWARE_MANAGEMENT = "FirmwareManagement"
    LOCAL_AUTH_LIST_MANAGEMENT = "LocalAuthListManagement"
    RESERVATION = "Reservation"
    SMART_CHARGING = "SmartCharging"
    REMOTE_TRIGGER = "RemoteTrigger"


class CurrentType(StrEnum):
    """What comes out of the station's connectors."""

    AC = "AC"
    DC = "DC"


@frozen(kw_only=True)
class Connector:
    """One outlet of the station; connectors are numbered from 1 in the order of `Station.connectors`."""

    fixed_cable: bool = True
    """The cable belongs to the station: there is no lock on it, and unplugging happens at the vehicle."""
    phases: int = 3
    """Phases wired to the outlet, 1 to 3; 1 on DC."""
    max_current_a: Decimal = Decimal(32)
    """What the outlet can carry per phase, in amperes; on DC in total."""


@frozen(kw_only=True)
class Settings:
    """Choices of the operator that OCPP has no configuration key for; the defaults suit most stations.

    Raises:
        UsageError: a number is out of its range; the message names the field.
    """

    call_retry_wait_s: int = 30
    """Wait before the next BootNotification when the central system gave none: no answer, an error, interval 0."""
    preferred_endpoint_wait_s: int = 900
    """How long another endpoint than the first is used before the first is tried again. Each time in a row that this
    comes to nothing the wait is twice as long, up to 32 times. 0: only when no endpoint can be connected to."""
    pong_timeout_s: int = 20
    """Longest wait for a pong; a shorter WebSocketPingInterval shortens it."""
    cache_limit: int = 1_000
    """Cards that the authorization cache holds."""
    queue_limit: int = 10_000
    """Transaction messages kept while offline. Beyond it meter values in between are thinned out, never a
    StartTransaction or StopTransaction."""
    output_off_timeout_s: float = 3.0
    """How long the end of a transaction waits for the driver to report its output off and the last meter reading."""
    lock_timeout_s: float = 4.0
    """How long an answer of the cable lock may take: UnlockConnector has to be answered within 5 seconds."""
    reboot_timeout_s: float = 30.0
    """How long the driver may take to restart the station; then it has failed."""
    transfer_timeout_s: float = 7200.0
    """How long one try to fetch or bring a file may take."""
    install_timeout_s: float = 1800.0
    """How long the driver may take to install firmware."""
    collect_timeout_s: float = 300.0
    """How long the driver may take to collect diagnostics."""
    installs_after_transactions: bool = True
    """Whether firmware that was fetched waits for all transactions to end; otherwise its reboot ends them."""
    resumes_transactions: bool = False
    """Whether a transaction that a power cut interrupted goes on after it, if the vehicle is still there, instead of
    being ended with reason PowerLoss."""
    stops_on_fault: bool = False
    """Whether a fault that keeps a connector from delivering energy ends its transaction, with reason Other, instead of
    suspending it until the fault is mended. An emergency stop always ends it."""
    hex_authorization_key_only: bool = False
    """Whether AuthorizationKey takes hexadecimal digits only, and not also 16 to 20 characters as they are."""
    accepts_boot_trigger: bool = True
    """Whether an accepted station sends another BootNotification when a trigger message asks for it. Errata 3.35
    recommend to reject that, but many central systems and older certification cases rely on it."""
    samples_main_meter: bool = False
    """Whether the main meter is sampled too while a transaction runs, together with the lowest of its connectors."""
    misspells_celsius: bool = False
    """Whether the unit of temperatures is sent as Celcius, as the first schemas spelled it: very old central systems
    know no other."""
    accept_before_first_boot: bool = False
    """Whether transactions may begin before a central system has ever accepted this station."""
    sharing: Sharing = share_equally
    """How connectors share a ChargePointMaxProfile, or the grid connection, that is not enough for all of them."""
    offline_limit_a: Decimal | None = None
    """What each connector offers at most, per phase, while the central system cannot be reached; 0: nothing. `None`:
    the charging profiles alone count, as §3.13.6 has it."""
    offline_limit_after_s: int = 300
    """How long the central system was not heard before `offline_limit_a` counts."""
    requires_start_schedule: bool = False
    """Whether an Absolute charging profile without startSchedule is rejected, instead of counting from the start of the
    transaction, or in a ChargePointMaxProfile from its receipt."""

    def __attrs_post_init__(self) -> None:
        for name, (least, most) in _SETTING_BOUNDS.items():
            value = getattr(self, name)
            if not least <= value <= most:
                raise UsageError(f"settings.{name}: {value!r} is not {least} to {most}")
        if self.offline_limit_a is not None and not _is_current(self.offline_limit_a, 0, 1000):
            raise UsageError(f"settings.offline_limit_a: {self.offline_limit_a} A is not 0 to 1000 with one decimal")


_SETTING_BOUNDS: Final = {
    "call_retry_wait_s": (1, 86_400),
    "preferred_endpoint_wait_s": (0, 604_800),
    "pong_timeout_s": (1, 3_600),
    "cache_limit": (0, 1_000_000),
    "queue_limit": (1, 1_000_000),
    "output_off_timeout_s": (0.01, 60.0),
    "lock_timeout_s": (0.01, 60.0),
    "offline_limit_after_s": (0, 604_800),
    "reboot_timeout_s": (0.01, 3_600.0),
    "transfer_timeout_s": (1.0, 86_400.0),
    "install_timeout_s": (1.0, 86_400.0),
    "collect_timeout_s": (1.0, 86_400.0),
}


def _is_current(current_a: Decimal, least: int, most: int) -> bool:
    """Whether a current lies within bounds and has no more than the one decimal that limits have (§7.14)."""
    return current_a.is_finite() and least <= current_a <= most and current_a * 10 % 1 == 0


def _to_profiles(names: Iterable[str]) -> tuple[FeatureProfile, ...]:
    """The feature profiles of these names."""
    try:
        return tuple(FeatureProfile(name) for name in names)
    except ValueError as error:
        raise UsageError(f"feature_profiles: {error}") from error


@frozen(kw_only=True)
class Station:
    """Everything about a charger that does not change while it runs.

    Raises:
        UsageError: a value is out of its range; the message names the field.
    """

    identity: str
    """The charge point identity: last segment of the connection URL, user name of HTTP Basic."""
    vendor: str
    model: str
    serial_number: str | None = None
    charge_box_serial_number: str | None = None
    firmware_version: str | None = None
    iccid: str | None = None
    imsi: str | None = None
    meter_type: str | None = None
    meter_serial_number: str | None = None
    connectors: tuple[Connector, ...] = (Connector(), Connector())
    readers: tuple[tuple[int, ...], ...] = ()
    """Card readers, each as the connectors it serves. Empty: one reader for all connectors."""
    current_type: CurrentType = CurrentType.AC
    nominal_voltage_v: int = 230
    """Phase to neutral on AC, output voltage on DC: the factor between amperes and watts."""
    max_current_a: Decimal | None = None
    """What the grid connection carries per phase, all connectors together. `None`: the sum of the connectors."""
    measurands: tuple[Measurand, ...] = (
        Measurand.CURRENT_IMPORT,
        Measurand.CURRENT_OFFERED,
        Measurand.ENERGY_ACTIVE_IMPORT_REGISTER,
        Measurand.POWER_ACTIVE_IMPORT,
        Measurand.POWER_OFFERED,
        Measurand.VOLTAGE,
    )
    """What the meters can tell; only these may stand in the configuration keys for meter values. What is offered, and
    what flowed in an interval, is known wherever the limit is, and the register."""
    measured_phases: tuple[tuple[Measurand, Phase], ...] = ()
    """Which of `FURTHER_PHASES` the meters tell, of measurands that they can tell."""
    feature_profiles: tuple[FeatureProfile, ...] = field(default=tuple(FeatureProfile), converter=_to_profiles)
    """The feature profiles that are switched on (§3.3), Core always; text is converted. Of the others neither CALLs nor
    configuration keys exist."""
    central_system_url: str = ""
    """The central system, `ws://` or `wss://`, without the identity. Empty: the station stays offline.

    With the identity it is what a registration belongs to: another URL is another central system, which has to accept
    the station before it is in service. `endpoints` are ways to this one."""
    endpoints: tuple[Endpoint, ...] = ()
    """Ways to the central system, the preferred one first, where there is more to it than the URL. Whichever is used,
    it is the same central system: neither registration nor transactions begin anew because of the way."""
    configuration: tuple[tuple[str, str], ...] = ()
    """Configuration keys that differ from the default when the station leaves the factory, as (key, value); read-only
    ones too."""
    vendor_keys: tuple[VendorKey, ...] = ()
    """Configuration keys besides the standard ones."""
    vendor_messages: tuple[VendorMessage, ...] = ()
    """DataTransfers that the application understands; all others are refused."""
    settings: Settings = Settings()

    def __attrs_post_init__(self) -> None:
        _check(self)

    @property
    def ways(self) -> tuple[Endpoint, ...]:
        """The endpoints, each with its URL; where none are given, the URL of the central system alone."""
        url = self.central_system_url
        return tuple(evolve(each, url=each.url or url) for each in self.endpoints or (Endpoint(),) if url)

    @property
    def connector_ids(self) -> range:
        """The connectors' numbers, 1 to N."""
        return range(1, len(self.connectors) + 1)

    def connector(self, connector_id: int) -> Connector:
        """The description of one connector; `connector_id` is 1 to N."""
        return self.connectors[connector_id - 1]

    def phases(self, connector_id: int) -> int:
        """How many times the nominal voltage a connector's current counts: its phases on AC, once on DC."""
        return 1 if self.current_type is CurrentType.DC else self.connector(connector_id).phases

    @property
    def least_current_a(self) -> Decimal:
        """What a vehicle can be offered at least; less is nothing."""
        return Decimal("0.1") if self.current_type is CurrentType.DC else MIN_PILOT_A

    def has_connector(self, connector_id: int) -> bool:
        """Whether there is a connector of that number, the charge point itself (0) not counted."""
        return connector_id in self.connector_ids

    def offers(self, profile: FeatureProfile) -> bool:
        """Whether a feature profile is switched on."""
        return profile in self.feature_profiles

    def served_by(self, reader: int) -> tuple[int, ...]:
        """The connectors a card reader stands for; readers are numbered from 0."""
        return self.readers[reader] if self.readers else tuple(self.connector_ids)


def _check(station: Station) -> None:
    """Refuse a description that no station can have."""
    _check_text("identity", station.identity, 48)
    _check_text("vendor", station.vendor, 20)
    _check_text("model", station.model, 20)
    _check_optional_texts(station)
    _check_connectors(station)
    check_endpoints(station.endpoints, station.central_system_url)
    _check_vendor_messages(station)
    supply_a = station.max_current_a
    if supply_a is not None and (not supply_a or not _is_current(supply_a, 0, 100_000)):
        raise UsageError(f"max_current_a: {supply_a} A is not above 0 and at most 100000, with one decimal")
    if not 50 <= station.nominal_voltage_v <= 1500:
        raise UsageError(f"nominal_voltage_v: {station.nominal_voltage_v!r} is not 50 to 1500")
    if FeatureProfile.CORE not in station.feature_profiles:
        raise UsageError("feature_profiles: 'Core' is required of every station")
    if len(set(station.feature_profiles)) < len(station.feature_profiles):
        raise UsageError("feature_profiles: one is named twice")
    _check_measurands(station)


def _check_vendor_messages(station: Station) -> None:
    """Make sure that each message has one declaration."""
    if len(station.vendor_messages) > MAX_VENDOR_MESSAGES:
        raise UsageError(f"vendor_messages: {len(station.vendor_messages)} of them, at most {MAX_VENDOR_MESSAGES}")
    places = [message.place for message in station.vendor_messages]
    for number, message in enumerate(station.vendor_messages, start=1):
        if places.index(message.place) + 1 < number:
            raise UsageError(f"vendor_messages[{number}]: {message.vendor_id} {message.message_id} is declared twice")


def _check_connectors(station: Station) -> None:
    """Hold connectors and readers to what there can be."""
    if not 1 <= len(station.connectors) <= MAX_CONNECTORS:
        raise UsageError(f"connectors: {len(station.connectors)} of them, not 1 to {MAX_CONNECTORS}")
    for number, connector in enumerate(station.connectors, start=1):
        if not 1 <= connector.phases <= 3:
            raise UsageError(f"connectors[{number}].phases: {connector.phases!r} is not 1 to 3")
        if not connector.max_current_a or not _is_current(connector.max_current_a, 0, 1000):
            raise UsageError(
                f"connectors[{number}].max_current_a: {connector.max_current_a} A is not above 0 and at most 1000,"
                " with one decimal"
            )
    for index, reader in enumerate(station.readers):
        for connector_id in reader:
            if not station.has_connector(connector_id):
                raise UsageError(f"readers[{index}]: there is no connector {connector_id!r}")


def _check_measurands(station: Station) -> None:
    """Hold the meters to what there is to be measured."""
    if Measurand.ENERGY_ACTIVE_IMPORT_REGISTER not in station.measurands:
        raise UsageError(f"measurands: {Measurand.ENERGY_ACTIVE_IMPORT_REGISTER.value!r} is required of every station")
    is_dc = station.current_type is CurrentType.DC
    wired = 0 if is_dc else max(connector.phases for connector in station.connectors)
    for measurand, phase in station.measured_phases:
        place = f"measured_phases: {measurand.value}.{phase.value}"
        if measurand not in station.measurands:
            raise UsageError(f"{place}: {measurand.value!r} is not among the measurands")
        if phase not in FURTHER_PHASES.get(measurand, ()):
            raise UsageError(f"{place}: cannot be told apart, or need not be named")
        if lines_of(phase) > wired:
            raise UsageError(f"{place}: {wired} phases are wired")


def _check_optional_texts(station: Station) -> None:
    """Hold the fields of BootNotification to the lengths of §6.3."""
    for name, limit in (
        ("serial_number", 25),
        ("charge_box_serial_number", 25),
        ("firmware_version", 50),
        ("iccid", 20),
        ("imsi", 20),
        ("meter_type", 25),
        ("meter_serial_number", 25),
    ):
        text = getattr(station, name)
        if text is not None:
            _check_text(name, text, limit)


def _check_text(name: str, text: str, limit: int) -> None:
    """Refuse an empty or over-long text, naming the field."""
    if not text:
        raise UsageError(f"{name}: must not be empty")
    if not is_encodable(text):
        raise UsageError(f"{name}: {text!r} holds a lone surrogate, which cannot be sent")
    if len(text) > limit:
        raise UsageError(f"{name}: {text!r} has {len(text)} characters, at most {limit} are allowed")
