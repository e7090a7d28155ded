from __future__ import annotations

import logging

import pytest

from ocpp16cp.io.notice_log import NoticeLogger
from ocpp16cp.outcome import (
    CallFailed,
    CardAccepted,
    HardwareMisreport,
    LinkLost,
    Notice,
    StatusChanged,
    TransactionStopped,
    TransferEnded,
)
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus, Reason

LOGGER = logging.getLogger("tests.station")


@pytest.mark.parametrize(
    ("notice", "level", "text"),
    [
        (
            StatusChanged(1, ChargePointStatus.CHARGING, ChargePointErrorCode.NO_ERROR),
            logging.INFO,
            "StatusChanged connector_id=1 status=Charging error_code=NoError",
        ),
        (
            TransactionStopped(1, "CARD-1", Reason.LOCAL, 17),
            logging.INFO,
            "TransactionStopped connector_id=1 id_tag=CARD-1 reason=Local energy_wh=17",
        ),
        (
            TransferEnded(1, None, "x" * 900, "no"),
            logging.INFO,
            f"TransferEnded reference=1 status=None data={'x' * 497}... failure=no",
        ),
        (LinkLost("cut", 3.5), logging.WARNING, "LinkLost reason=cut retry_in_s=3.5"),
        (CallFailed("Heartbeat", "no answer"), logging.WARNING, "CallFailed action=Heartbeat reason=no answer"),
        (HardwareMisreport("nonsense"), logging.ERROR, "HardwareMisreport reason=nonsense"),
    ],
)
def test_notice_becomes_a_record(caplog: pytest.LogCaptureFixture, notice: Notice, level: int, text: str) -> None:
    caplog.set_level(logging.DEBUG, LOGGER.name)

    NoticeLogger(LOGGER)(notice)

    (record,) = caplog.records
    assert (record.levelno, record.getMessage(), record.name) == (level, text, LOGGER.name)
    assert getattr(record, "notice") is notice  # noqa: B009 - logging.LogRecord has no such attribute


def test_percent_signs_in_a_notice_are_text(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, LOGGER.name)

    NoticeLogger(LOGGER)(CardAccepted("%s%n", 1))

    assert caplog.messages == ["CardAccepted id_tag=%s%n connector_id=1"]


def test_what_is_not_wanted_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, LOGGER.name)

    NoticeLogger(LOGGER)(CardAccepted("CARD-1", 1))

    assert caplog.records == []
