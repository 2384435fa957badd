"""Who may send: the same table over gRPC and HTTP."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable

import grpc
import pytest
from google.protobuf import json_format
from google.rpc.status_pb2 import Status

from collector.config import Key

from .conftest import KEY, SECRET, Receiver, request

Start = Callable[..., Receiver]

OTHER = Key(name="platform", secret_sha256=hashlib.sha256(b"sk-platform").hexdigest(), tags={"team": "platform", "environment": "prod"})


def basic(credentials: str) -> str:
    return "Basic " + base64.b64encode(credentials.encode()).decode()


KNOWN = {
    "bearer": ({"authorization": f"Bearer {SECRET}"}, KEY),
    "bearer, any case": ({"authorization": f"bearer  {SECRET}"}, KEY),
    "x-api-key": ({"x-api-key": SECRET}, KEY),
    "basic": ({"authorization": basic(f"sales-agents:{SECRET}")}, KEY),
    "the second key": ({"authorization": "Bearer sk-platform"}, OTHER),
}

UNKNOWN = {
    "nothing": ({}, "an ingest key is needed"),
    "empty bearer": ({"authorization": "Bearer"}, "an ingest key is needed"),
    "another scheme": ({"authorization": f"Digest {SECRET}"}, "an ingest key is needed"),
    "wrong bearer": ({"authorization": "Bearer sk-other"}, "the ingest key is not known"),
    "the hash is not the secret": ({"authorization": f"Bearer {KEY.secret_sha256}"}, "the ingest key is not known"),
    "wrong x-api-key": ({"x-api-key": SECRET + "x"}, "the ingest key is not known"),
    "a wrong name": ({"authorization": basic(f"stranger:{SECRET}")}, "the ingest key is not known"),
    "the name of another key": ({"authorization": basic(f"platform:{SECRET}")}, "the ingest key is not known"),
    "no name": ({"authorization": basic(f":{SECRET}")}, "the ingest key is not known"),
    "no colon": ({"authorization": basic(SECRET)}, "an ingest key is needed"),
    "not base64": ({"authorization": "Basic %%%"}, "needs base64"),
    "not UTF-8": ({"authorization": "Basic " + base64.b64encode(b"\xff:x").decode()}, "needs base64"),
}


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("transport", ["grpc", "http"])
def test_a_known_key_may_send_and_its_tags_are_stamped(start: Start, transport: str, name: str) -> None:
    headers, key = KNOWN[name]
    receiver = start(keys=(KEY, OTHER))
    if transport == "grpc":
        receiver.call(request().SerializeToString(), tuple(headers.items()))
    else:
        assert receiver.post(request().SerializeToString(), **headers).status_code == 200
    assert [(d.sender, dict(d.tags)) for d in receiver.deliveries()] == [(key.name, key.tags)]


@pytest.mark.parametrize("name", UNKNOWN)
def test_others_are_unauthenticated_before_anything_is_decoded(start: Start, name: str) -> None:
    headers, message = UNKNOWN[name]
    receiver = start(keys=(KEY, OTHER))
    with pytest.raises(grpc.RpcError) as refused:
        receiver.call(b"\xff not even protobuf", tuple(headers.items()))
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert message in refused.value.details()
    response = receiver.post(b"\xff not even protobuf", type_="application/json", **headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Basic")
    status = json_format.Parse(response.content, Status())
    assert status.code == 16
    assert message in status.message
    assert receiver.http.get("/api/public/projects", headers=headers).status_code == 401
    assert receiver.spool.depth.requests == 0


def test_without_keys_everyone_may_send_and_nothing_is_stamped(receiver: Receiver) -> None:
    receiver.call(request().SerializeToString(), (("authorization", "Bearer whatever"),))
    assert receiver.post(request().SerializeToString(), authorization=basic("pk:sk")).status_code == 200
    assert [dict(d.tags) for d in receiver.deliveries()] == [{}, {}]
