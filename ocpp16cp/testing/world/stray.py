"""Frames that nobody waits for: what a confused or hostile central system sends of its own accord."""

from __future__ import annotations

from random import Random

_NAMELESS = (
    "",
    " ",
    "hello",
    "null",
    "{}",
    "[]",
    "[2]",
    "[2,]",
    '["CALL","x","Reset",{}]',
    "[true]",
    "[2.0]",
    '[2,null,"Reset",{}]',
    '[2,"","Reset",{}]',
    '[2,"\\ud800","GetConfiguration",{}]',
    "[" * 5_000,
    "[9" + "9" * 5_000 + "]",
    '[3,"","{}"]',
    '[3,"nothing",{}]',
    '[3,"nothing",{"currentTime":"2040-01-01T00:00:00Z","interval":1,"status":"Rejected"}]',
    '[3,"nothing"]',
    '[4,"nothing","GenericError","",{}]',
    '[4,"nothing","GenericError"]',
    '[4,"nothing",7,"",{}]',
    '[5,"nothing",{}]',
    '[-1,"nothing",{}]',
)
"""Frames under no id that the station could know; most are no frames."""

_CALLS = (
    ("Reset", "{}"),
    ("Heartbeat", "{}"),
    ("BootNotification", '{"chargePointModel":"M","chargePointVendor":"V"}'),
    ("StopTransaction", '{"transactionId":1,"meterStop":0,"timestamp":"2026-03-01T00:00:00Z"}'),
    ("FlyToTheMoon", "{}"),
    ("", "{}"),
    ("x" * 9_000, "{}"),
    ("GetConfiguration", "null"),
    ("GetConfiguration", "[]"),
    ("GetConfiguration", '{"key":["' + '","'.join(["Nonsense"] * 200) + '"]}'),
    ("GetConfiguration", '{"key":[7]}'),
    ("ChangeConfiguration", '{"key":"HeartbeatInterval","value":"99999999999999999999"}'),
    ("ChangeConfiguration", '{"key":"MeterValueSampleInterval","value":"-1"}'),
    ("ChangeConfiguration", '{"key":"ConnectionTimeOut","value":"\\u0000"}'),
    ("ChangeConfiguration", '{"key":"NumberOfConnectors","value":"0"}'),
    ("ChangeConfiguration", '{"key":"x","key":"y","value":"1"}'),
    ("RemoteStartTransaction", '{"idTag":""}'),
    ("RemoteStartTransaction", '{"idTag":"a tag of more than 20"}'),
    ("RemoteStartTransaction", '{"idTag":"ALICE","connectorId":0}'),
    ("RemoteStartTransaction", '{"idTag":"ALICE","connectorId":-1}'),
    ("RemoteStartTransaction", '{"idTag":"\\ud800","connectorId":1}'),
    ("RemoteStopTransaction", '{"transactionId":-1}'),
    ("RemoteStopTransaction", '{"transactionId":1e999999999}'),
    ("RemoteStopTransaction", '{"transactionId":NaN}'),
    ("UnlockConnector", '{"connectorId":0}'),
    ("UnlockConnector", '{"connectorId":99}'),
)
"""CALLs that no station can like, by action and payload."""


def draw_stray(random: Random, last_id: str) -> str:
    """A frame that nobody waits for; `last_id` is that of the station's last CALL, which some of them bear."""
    if random.random() < 0.5:
        return random.choice(_NAMELESS)
    action, payload = random.choice(_CALLS)
    message_id = random.choice((last_id, "stray", "i" * 36, "i" * 37))
    shape = random.choice(('[2,"{}","{}",{}]', '[2,"{}","{}",{}]', '[2,"{}","{}",{},{{}}]'))
    return shape.format(message_id, action, payload)
