from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.cli import panel
from ocpp16cp.cli.panel import (
    Do,
    Help,
    Mend,
    PanelError,
    Pause,
    Quit,
    Report,
    WaitForAcceptance,
    WaitForStatus,
    help_text,
    parse,
)
from ocpp16cp.driver.simulated import (
    CITY,
    COMPACT,
    BlockReboot,
    CutNetwork,
    CutPower,
    FreeLock,
    FreeReboot,
    JamLock,
    LockFault,
    PlugIn,
    PlugInCable,
    PresentCard,
    PressStop,
    RaiseFault,
    RestoreNetwork,
    RestorePower,
    ResumeVehicle,
    SuspendVehicle,
    Unplug,
    UnplugAtStation,
    UnplugAtVehicle,
)
from ocpp16cp.events import FaultRaised
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus

GROUND = ChargePointErrorCode.GROUND_FAILURE


@pytest.mark.parametrize(
    ("line", "order"),
    [
        ("plug 1", Do(PlugIn(1, COMPACT))),
        ("PLUG  2\tcity", Do(PlugIn(2, CITY))),
        ("unplug 1", Do(Unplug(1))),
        ("unplug 1 vehicle", Do(UnplugAtVehicle(1))),
        ("unplug 1 Station", Do(UnplugAtStation(1))),
        ("cable 1", Do(PlugInCable(1))),
        ("card AbC", Do(PresentCard("AbC"))),
        ("card AbC 1", Do(PresentCard("AbC", 1))),
        ("stop 1", Do(PressStop(1))),
        ("suspend 1", Do(SuspendVehicle(1))),
        ("resume 1", Do(ResumeVehicle(1))),
        ("fault 1 groundfailure", Do(RaiseFault(FaultRaised(connector_id=1, error_code=GROUND)))),
        (
            "fault 0 GroundFailure warning",
            Do(RaiseFault(FaultRaised(connector_id=0, error_code=GROUND, is_blocking=False))),
        ),
        ("clear 1", Mend(1)),
        ("clear 1 GroundFailure", Mend(1, GROUND)),
        ("lock 1 stuck", Do(JamLock(1, LockFault.STUCK))),
        ("lock 1 missing", Do(JamLock(1, LockFault.MISSING))),
        ("lock 1 free", Do(FreeLock(1))),
        ("power off", Do(CutPower())),
        ("power on", Do(RestorePower())),
        ("reboot stuck", Do(BlockReboot())),
        ("reboot free", Do(FreeReboot())),
        ("network off", Do(CutNetwork())),
        ("network on", Do(RestoreNetwork())),
        ("wait 1.5", Pause(1.5)),
        ("wait online", WaitForAcceptance()),
        ("wait online 5", WaitForAcceptance(5)),
        ("wait 1 charging", WaitForStatus(1, ChargePointStatus.CHARGING)),
        ("wait 1 Charging 5", WaitForStatus(1, ChargePointStatus.CHARGING, 5)),
        ("status", Report()),
        ("help", Help()),
        ("quit", Quit()),
        ("", None),
        ("  # a comment", None),
    ],
)
def test_line_is_understood(line: str, order: panel.Order | None) -> None:
    assert parse(line) == order


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("plugg 1", "'plugg' is unknown, did you mean 'plug'?; `help` lists what there is"),
        ("plug", "something is missing; usage: plug N [compact|city|hybrid|sedan|miniature]"),
        ("plug one", "'one' is not the number of a connector; usage: "),
        ("plug 1.5", "'1.5' is not the number of a connector; usage: "),
        ("plug -1", "'-1' is not the number of a connector; usage: "),
        ("plug 1234567890", "'1234567890' is not the number of a connector; usage: "),
        ("plug 1 citty", "'citty' is not possible, did you mean 'city'?; usage: "),
        ("status now", "'now' is too much; usage: status"),
        ("fault 1 NoError", "NoError is no fault; usage: fault N CODE [warning]"),
        ("fault 1 GroundFailure severe", "'severe' is not possible: warning; usage: "),
        ("wait", "something is missing; usage: wait S | "),
        ("wait nan", "'nan' is not possible: online; usage: "),
        ("wait 1e9", "'1e9' is not possible: online; usage: "),
        ("wait .", "'.' is not a number of seconds; usage: "),
        ("wait 1 Chargin", "'Chargin' is not possible, did you mean 'Charging'?; usage: "),
        ("wait online x", "'x' is not a number of seconds; usage: "),
    ],
)
def test_line_that_is_no_order_is_refused_with_what_would_be_one(line: str, said: str) -> None:
    with pytest.raises(PanelError) as caught:
        parse(line)

    assert str(caught.value).startswith(said)


def test_help_lists_every_command_with_its_usage() -> None:
    lines = help_text().splitlines()

    assert [line.split()[0] for line in lines] == [
        *("plug", "unplug", "cable", "card", "stop", "suspend", "resume", "fault", "clear", "lock"),
        *("power", "reboot", "network", "wait", "status", "help", "quit"),
    ]


WORDS = st.sampled_from([line.split()[0] for line in help_text().splitlines()]) | st.text(max_size=5)


@given(st.lists(WORDS | st.sampled_from(["1", "Charging", "GroundFailure", "off", "online"]), max_size=4).map(" ".join))
def test_any_line_is_understood_or_refused(line: str) -> None:
    try:
        order = parse(line)
    except PanelError as error:
        assert "\n" not in str(error)  # noqa: PT017 - being understood is as good
    else:
        assert order is None or isinstance(order, panel.Order)
