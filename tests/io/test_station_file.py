from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve, fields
from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.charge_point import FEATURES
from ocpp16cp.endpoints import Endpoint
from ocpp16cp.errors import UsageError
from ocpp16cp.io.station_file import (
    StationFileError,
    check_url,
    default_station,
    load_station,
)
from ocpp16cp.io.toml_entries import MAX_BYTES
from ocpp16cp.sharing import first_come
from ocpp16cp.station import Connector, CurrentType, Settings, Station
from ocpp16cp.wire.types import Measurand, Phase

EXAMPLE = Path(__file__).parents[2] / "examples" / "station.toml"

MINIMAL = 'identity = "CP1"\nvendor = "Example"\nmodel = "Twin"\n'


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "station.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal_of(folder: Path, text: str | bytes) -> str:
    """What is said about a file, without its name."""
    path = write(folder, text)
    with pytest.raises(StationFileError) as caught:
        load_station(path)
    said = str(caught.value)
    assert "\n" not in said
    assert said.startswith(f"{path}: ")
    return said.removeprefix(f"{path}: ")


def test_example_describes_the_default_station() -> None:
    example = load_station(EXAMPLE)

    assert example.readers == ((1, 2),)
    assert example.central_system_url == "ws://localhost:9000/ocpp"
    plain = evolve(example, readers=(), central_system_url="", configuration=())
    assert plain == default_station()


def test_example_shows_every_entry_there_is() -> None:
    """What is commented out counts too, as some entries have no value that would be right without them."""
    text = EXAMPLE.read_text(encoding="utf-8")
    shown = set(re.findall(r"^(?:# )?(\w+) = ", text, re.MULTILINE)) | set(
        re.findall(r"^(?:# )?\[+(?:link\.)?(\w+)\]", text, re.MULTILINE)
    )

    there_are = {each.name for cls in (Station, Connector, Settings, Endpoint) for each in fields(cls)}
    # The URL stands under [link]; vendor keys and messages are made by the application, as they may hold functions.
    assert there_are - {"central_system_url", "vendor_keys", "vendor_messages"} <= shown


def test_entries_that_are_commented_out_can_be_used(tmp_path: Path) -> None:
    text = re.sub(r"^# (\w+ = |\[\[)", r"\1", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)

    station = load_station(write(tmp_path, text))

    assert station.iccid == "8931000000000000001"
    assert station.endpoints == (
        Endpoint(interface="eth0"),
        Endpoint(url="wss://localhost:9443/ocpp", local_address="127.0.0.1", interface="wwan0"),
    )


def test_minimal_file_leaves_the_rest_at_its_defaults(tmp_path: Path) -> None:
    station = load_station(write(tmp_path, MINIMAL))

    assert station == Station(identity="CP1", vendor="Example", model="Twin")


def test_every_kind_of_entry_arrives(tmp_path: Path) -> None:
    text = f"""{MINIMAL}
    current_type = "DC"
    nominal_voltage_v = 400
    max_current_a = 250.5
    measurands = ["Energy.Active.Import.Register", "SoC"]
    readers = [{{ connectors = [1] }}, {{ connectors = [1, 2] }}]
    [[connectors]]
    phases = 1
    max_current_a = 125
    [[connectors]]
    fixed_cable = false
    [link]
    url = "wss://csms.example/ocpp"
    [configuration]
    heartbeatinterval = 60
    MeterValuesSampledData = ["SoC", "Energy.Active.Import.Register"]
    StopTransactionOnInvalidId = false
    ConnectionTimeOut = "30"
    [settings]
    lock_timeout_s = 2.5
    output_off_timeout_s = 2
    accept_before_first_boot = true
    sharing = "first come"
    offline_limit_a = 6.5
    """

    station = load_station(write(tmp_path, text))

    assert station.current_type is CurrentType.DC
    assert station.nominal_voltage_v == 400
    assert station.max_current_a == Decimal("250.5")
    assert station.measurands == (Measurand.ENERGY_ACTIVE_IMPORT_REGISTER, Measurand.SOC)
    assert station.readers == ((1,), (1, 2))
    assert station.connectors == (Connector(phases=1, max_current_a=Decimal(125)), Connector(fixed_cable=False))
    assert station.central_system_url == "wss://csms.example/ocpp"
    assert station.configuration == (
        ("HeartbeatInterval", "60"),
        ("MeterValuesSampledData", "SoC,Energy.Active.Import.Register"),
        ("StopTransactionOnInvalidId", "false"),
        ("ConnectionTimeOut", "30"),
    )
    assert station.settings == Settings(
        lock_timeout_s=2.5,
        output_off_timeout_s=2.0,
        accept_before_first_boot=True,
        sharing=first_come,
        offline_limit_a=Decimal("6.5"),
    )


def test_measured_phases_are_spelled_as_in_configuration_keys(tmp_path: Path) -> None:
    text = f'{MINIMAL}\nmeasured_phases = ["Current.Import.N", "Voltage.L1-L2"]'

    station = load_station(write(tmp_path, text))

    assert station.measured_phases == ((Measurand.CURRENT_IMPORT, Phase.N), (Measurand.VOLTAGE, Phase.L1_L2))


def test_arguments_count_instead_of_the_file(tmp_path: Path) -> None:
    """A URL counts instead of all ways that the file knows."""
    link = 'link.url = "ws://a"\n[[link.endpoints]]\nurl = "ws://c"\n'
    path = write(tmp_path, f'vendor = "V"\nmodel = "M"\n{link}')
    assert load_station(path, identity="CP9").endpoints == (Endpoint(url="ws://c"),)

    station = load_station(path, identity="CP9", central_system_url="ws://b")

    assert (station.identity, station.central_system_url) == ("CP9", "ws://b")
    assert station.endpoints == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "link.url = 'ws://a'\n[[link.endpoints]]\nvia = 'x'",
            "link.endpoints[1].via: is unknown; known here: url, local_address, interface",
        ),
        ("vendr = 'x'", "vendr: is unknown; did you mean 'vendor'?"),
        ("[[connectors]]\nphase = 1", "connectors[1].phase: is unknown; did you mean 'phases'?"),
        ("[link]\nurl = 'ws://a'\nhost = 'a'", "link.host: is unknown; known here: endpoints, url"),
        ("[settings]\nsharing = 'equal'", "settings.sharing: 'equal' is not possible; did you mean 'equally'?"),
        ("[settings]\nsharing = 1", "settings.sharing: 1 is not a text in quotes"),
        ("[settings]\npong_timeout = 1", "settings.pong_timeout: is unknown; did you mean 'pong_timeout_s'?"),
        ("[[readers]]\nconnector = 1", "readers[0].connector: is unknown; did you mean 'connectors'?"),
        (
            "[configuration]\nHeartBeatIntervall = 1",
            "configuration.HeartBeatIntervall: is unknown; did you mean 'HeartbeatInterval'?",
        ),
    ],
)
def test_unknown_entry_is_refused_with_the_nearest_known_one(tmp_path: Path, text: str, said: str) -> None:
    assert refusal_of(tmp_path, f"{MINIMAL}{text}") == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[link.endpoints]]", "link.endpoints: link.url has to say which central system they lead to"),
        (
            "link.url = 'ws://a'\n[[link.endpoints]]\nurl = 'a'",
            "link.endpoints[1].url: 'a' does not begin with ws:// or wss://",
        ),
        (
            "link.url = 'ws://a'\n[[link.endpoints]]\n[[link.endpoints]]",
            "link.endpoints[2]: is the same as link.endpoints[1]",
        ),
        ("serial_number = 7", "serial_number: 7 is not a text in quotes"),
        ("nominal_voltage_v = 230.0", "nominal_voltage_v: 230.0 is not a whole number"),
        ("nominal_voltage_v = true", "nominal_voltage_v: true is not a whole number"),
        ("max_current_a = 'much'", "max_current_a: 'much' is not a number"),
        ("max_current_a = nan", "max_current_a: NaN is not a number"),
        ("current_type = 'ac'", "current_type: 'ac' is not possible; did you mean 'AC'?"),
        ("measurands = 'SoC'", "measurands: 'SoC' is not a list in brackets"),
        (
            "measured_phases = ['Voltage.L1-L3']",
            "measured_phases: 'Voltage.L1-L3' is not possible; did you mean 'Voltage.L2-L3'?",
        ),
        (
            "measured_phases = ['Power.Factor.L1']",
            "measured_phases: Power.Factor.L1: 'Power.Factor' is not among the measurands",
        ),
        ("link = 'ws://a'", "link: 'ws://a' is not a table"),
        ("connectors = [7]", "connectors: 7 is not a table"),
        ("[[connectors]]\nfixed_cable = 1", "connectors[1].fixed_cable: 1 is neither true nor false"),
        ("[settings]\nlock_timeout_s = inf", "settings.lock_timeout_s: Infinity is not a number"),
        ("settings.lock_timeout_s = 1e400", "settings.lock_timeout_s: 1E+400 is not a number of seconds"),
        ("[[readers]]", "readers[0].connectors: is missing or empty; a reader serves at least one connector"),
        (
            "configuration.MessageTimeout = 1.5",
            "configuration.MessageTimeout: 1.5 is neither a text, a whole number, true or false, nor a list of texts",
        ),
        (f"serial_number = ['{'x' * 99}']", f"serial_number: ['{'x' * 55}... is not a text in quotes"),
    ],
)
def test_value_of_the_wrong_kind_is_refused(tmp_path: Path, text: str, said: str) -> None:
    assert refusal_of(tmp_path, f"{MINIMAL}{text}") == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"serial_number = '{'x' * 26}'", f"serial_number: {'x' * 26!r} has 26 characters, at most 25 are allowed"),
        ("connectors = []", "connectors: 0 of them, not 1 to 64"),
        ("[[connectors]]\n[[connectors]]\nphases = 4", "connectors[2].phases: 4 is not 1 to 3"),
        (
            "[[readers]]\nconnectors = [1]\n[[readers]]\nconnectors = [3]",
            "readers[1].connectors: there is no connector 3",
        ),
        ("link.url = 'http://a'", "link.url: 'http://a' does not begin with ws:// or wss://"),
        ("measurands = ['SoC']", "measurands: 'Energy.Active.Import.Register' is required of every station"),
        ("configuration.HeartbeatInterval = -1", "configuration.HeartbeatInterval: -1 is not 0 to 2147483647"),
        (
            "configuration.MeterValuesSampledData = 'RPM'",
            "configuration.MeterValuesSampledData: RPM is not measured by this charge point",
        ),
        (
            "configuration.HeartbeatInterval = 1\nconfiguration.heartbeatinterval = 2",
            "configuration.heartbeatinterval: stands there twice; names are the same in any letter case",
        ),
    ],
)
def test_description_of_no_station_is_refused_in_terms_of_the_file(tmp_path: Path, text: str, said: str) -> None:
    assert refusal_of(tmp_path, f"{MINIMAL}{text}") == said


@pytest.mark.parametrize("name", ["identity", "vendor", "model"])
def test_entry_that_every_station_needs_is_missed(tmp_path: Path, name: str) -> None:
    text = "".join(line for line in MINIMAL.splitlines(keepends=True) if not line.startswith(name))

    assert refusal_of(tmp_path, text).startswith(f"{name}: is missing; it is ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = 1\nb = ?", "line 2, column 5: invalid value"),
        ('a = 1\nb = "', "last line: unterminated string"),
        (b"a = 1\nb = '\xff'", "line 2: is not UTF-8"),
        ("a = " + "[" * 50_000, "is nested too deeply, which no such file is"),
        (f"a = {'1' * 5000}", "holds a number of too many digits; none here needs more than 64 bits"),
        (f"a = [{{b = 0x{'f' * 5000}}}]", "holds a number of too many digits; none here needs more than 64 bits"),
        ("a = 1e99999999999999999999", "holds a number of too many digits; none here needs more than 64 bits"),
        ("#" * (MAX_BYTES + 1), f"is larger than {MAX_BYTES} bytes, which no such file is"),
    ],
    ids=["syntax", "unfinished", "encoding", "nesting", "decimal", "hexadecimal", "exponent", "size"],
)
def test_file_that_is_not_toml_is_refused_with_the_place(tmp_path: Path, text: str | bytes, said: str) -> None:
    assert refusal_of(tmp_path, text) == said


def test_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    missing = tmp_path / "missing.toml"

    with pytest.raises(StationFileError) as caught:
        load_station(missing)

    assert str(caught.value) == f"{missing}: cannot be read: no such file or directory"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["url", "phases", "connectors"]), inner)
    ),
    max_leaves=5,
)


def toml(value: object) -> str:
    """A value as TOML, as well as it can be said."""
    match value:
        case dict():
            return "{" + ", ".join(f"{name} = {toml(member)}" for name, member in value.items()) + "}"
        case list():
            return f"[{', '.join(map(toml, value))}]"
        case str():
            return '"' + "".join(f"\\U{ord(each):08x}" for each in value) + '"'
        case bool():
            return str(value).lower()
        case None:
            return "1979-05-27"
        case _:
            return str(value)


NAMES = sorted({each.name for cls in (Station, Connector, Settings) for each in fields(cls)} | {"link", "readers"})
KEYS = sorted(key.name for feature in FEATURES for key in feature.keys)


@given(name=st.sampled_from(NAMES), key=st.sampled_from(KEYS), values=st.tuples(VALUES, VALUES))
def test_any_file_is_understood_or_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str, key: str, values: tuple[object, object]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    base = {line.partition(" ")[0]: line for line in MINIMAL.splitlines()}
    base[name] = f"{name} = {toml(values[0])}"
    if name != "configuration":
        base["configuration"] = f"configuration.{key} = {toml(values[1])}"
    path = write(folder, "\n".join(base.values()))

    try:
        station = load_station(path)
    except StationFileError as error:
        assert str(error).startswith(f"{path}: ")  # noqa: PT017 - being understood is as good
    else:
        assert isinstance(station, Station)


@pytest.mark.parametrize(
    "url", ["", "http://a", "ws://", "ws://a:0", "ws://a:99999", "ws://user@a", "ws://a#b", "ws://[a"]
)
def test_url_that_can_never_work_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(UsageError, match=r"; a URL looks like ws://host:port/path or wss://host/path$") as caught:
        check_url(url, "CP1")

    assert "central_system_url" not in str(caught.value)


def test_url_that_can_work_passes() -> None:
    check_url("wss://csms.example:8080/ocpp?tenant=1", "CP 1")
