"""A full and a bare example of every element of the contract, as plain values."""

from typing import Any

AT = 1_772_352_000_000
"""2026-03-01T08:00:00Z."""

PROMPT = {"kind": "TTS", "text": "School is closed <today> & tomorrow", "audioId": "A-1"}
CALL = {
    "ref": "k1-7",
    "phone": "+15125550100",
    "callerId": "+15125550000",
    "schoolCustomerId": "S-1",
    "messageId": "m-1",
    "ttsText": "Grüße, señora 你好 😀",
    "audioId": "A-1",
    "emergency": True,
    "windowEnd": AT,
}
MESSAGE = {
    "messageId": "m-1",
    "language": "en",
    "prompt": [PROMPT, {"kind": "AUDIO", "text": None, "audioId": "A-2"}],
    "machinePrompt": [PROMPT],
    "confirmKey": "0",
    "repeatKey": "*",
    "ringSeconds": 30,
}
ROW = {
    "ref": "k1-7",
    "providerId": "SP000000001",
    "phone": "+15125550100",
    "disposition": "ANSWERED",
    "dialedAt": AT + 123,
    "answeredAt": AT + 10_500,
    "durationMs": 31_000,
    "playedMs": 20_000,
    "messageLeft": False,
    "keys": "1*0",
    "sipCode": 200,
}
BARE_ROW = {
    **dict.fromkeys(ROW),
    "ref": "k1-8",
    "providerId": "SP2",
    "phone": "+15125550101",
    "disposition": "A_NEW_WORD",
    "dialedAt": AT,
    "durationMs": 0,
}
RESULT = {"ref": "k1-7", "status": "REJECTED", "providerId": "SP1", "reason": "EXPIRED"}
BARE_RESULT = {"ref": "k1-8", "status": "ACCEPTED", "providerId": None, "reason": None}
TEXT = {
    "ref": "x-1",
    "phone": "+15125550100",
    "senderId": "82290",
    "body": "Bus 7 is late",
    "emergency": False,
    "windowEnd": AT,
}

SAMPLES: list[tuple[str, dict[str, Any]]] = [
    ("VerifyCustomer", {"userName": "district", "password": "p<w>&"}),
    ("VerifyCustomerResponse", {"requestId": "r", "customerId": "D-1"}),
    (
        "RegisterSchool",
        {
            "districtCustomerId": "D-1",
            "schoolRef": "s1",
            "name": "Elm",
            "phone": "+15125550000",
            "timeZone": "America/Chicago",
        },
    ),
    ("RegisterSchoolResponse", {"requestId": "r", "customerId": "S-1"}),
    ("UploadAudio", {"customerId": None, "audioRef": "a", "mediaType": "audio/wav", "content": bytes(range(256))}),
    ("UploadAudioResponse", {"requestId": "r", "audioId": "A-1"}),
    ("SubmitCalls", {"customerId": "D-1", "batchRef": "b-1", "message": [MESSAGE], "call": [CALL, CALL]}),
    ("SubmitCalls", {"customerId": None, "batchRef": "b-1", "message": [], "call": [CALL]}),
    ("SubmitCallsResponse", {"requestId": "r", "accepted": 1, "rejected": 1, "result": [RESULT, BARE_RESULT]}),
    ("GetCallLog", {"customerId": "D-1", "cursor": "c-1", "maxRows": 1000}),
    ("GetCallLog", {"customerId": None, "cursor": None, "maxRows": 1}),
    ("GetCallLogResponse", {"requestId": "r", "nextCursor": "c-2", "more": True, "row": [ROW, BARE_ROW]}),
    ("GetCallLogResponse", {"requestId": "r", "nextCursor": "c-2", "more": False, "row": []}),
    ("LookupCalls", {"customerId": None, "ref": ["k1-7", "k1-8"]}),
    (
        "LookupCallsResponse",
        {
            "requestId": "r",
            "result": [
                {"ref": "k1-7", "state": "FINISHED", "row": ROW},
                {"ref": "k1-8", "state": "UNKNOWN", "row": None},
            ],
        },
    ),
    ("CancelCalls", {"customerId": None, "ref": ["k1-7"]}),
    ("CancelCallsResponse", {"requestId": "r", "result": [{"ref": "k1-7", "outcome": "CANCELED"}]}),
    ("GetLineStatus", {"customerId": "D-1"}),
    (
        "GetLineStatusResponse",
        {
            "requestId": "r",
            "linesTotal": 24,
            "linesInUse": 3,
            "emergencyLinesTotal": 8,
            "emergencyLinesInUse": 0,
            "queued": 5,
            "queuedEmergency": 0,
            "serverTime": AT,
            "center": [{"name": "CA", "state": "UP", "linesTotal": 16, "linesInUse": 2}],
        },
    ),
    ("SubmitTexts", {"customerId": None, "batchRef": "b-2", "text": [TEXT]}),
    ("SubmitTextsResponse", {"requestId": "r", "accepted": 1, "rejected": 0, "result": [BARE_RESULT]}),
    ("GetInboundTexts", {"customerId": None, "cursor": None, "maxRows": 10}),
    (
        "GetInboundTextsResponse",
        {
            "requestId": "r",
            "nextCursor": "t1",
            "more": False,
            "row": [
                {
                    "providerId": "i1",
                    "fromPhone": "+15125550100",
                    "toPhone": "82290",
                    "body": "STOP",
                    "receivedAt": AT,
                }
            ],
        },
    ),
    ("GetRemoteDialIns", {"customerId": None, "cursor": "d0", "maxRows": 10}),
    (
        "GetRemoteDialInsResponse",
        {
            "requestId": "r",
            "nextCursor": "d1",
            "more": False,
            "row": [
                {
                    "dialInId": "d",
                    "fromPhone": "+15125550100",
                    "digits": "4711#",
                    "recordingId": None,
                    "receivedAt": AT,
                    "durationMs": 5,
                }
            ],
        },
    ),
    ("FetchRecording", {"customerId": None, "recordingId": "rec-1"}),
    ("FetchRecordingResponse", {"requestId": "r", "mediaType": "audio/wav", "content": b"RIFF"}),
]
