"""A client in another language, made from the protos alone: every method of both services, the feed, errors in full.

python_client.py ADDRESS STUBS   (STUBS: directory of the generated modules)
"""

import sys
import uuid

sys.path.insert(0, sys.argv[2])

import grpc
from google.protobuf import field_mask_pb2
from google.rpc import error_details_pb2, status_pb2
from journeyfeed.customerjourney.v1 import customer_journey_pb2 as journey_pb2
from journeyfeed.customerjourney.v1 import customer_journey_service_pb2 as journeys
from journeyfeed.customerjourney.v1 import customer_journey_service_pb2_grpc as journeys_grpc
from journeyfeed.entity.v1 import entity_reference_pb2, message_name_pb2
from journeyfeed.journeyrunsession.v1 import journey_run_session_pb2 as session_pb2
from journeyfeed.journeyrunsession.v1 import journey_run_session_service_pb2 as sessions
from journeyfeed.journeyrunsession.v1 import journey_run_session_service_pb2_grpc as sessions_grpc

LIMIT = 20  # seconds


def reference(record_id):
    return entity_reference_pb2.EntityReference(id=record_id)


def failure(call, request):
    """The code, the ErrorInfo and the fields of the violations of a call that must fail."""
    try:
        call(request, timeout=LIMIT)
    except grpc.RpcError as error:
        details = dict(error.trailing_metadata())["grpc-status-details-bin"]
        info, fields = error_details_pb2.ErrorInfo(), []
        for detail in status_pb2.Status.FromString(details).details:
            bad_request = error_details_pb2.BadRequest()
            if detail.Unpack(bad_request):
                fields = [violation.field for violation in bad_request.field_violations]
            detail.Unpack(info)
        return error.code(), info, fields
    raise AssertionError("the call did not fail")


def play(stub, api, record, extra):
    """Create, Retrieve, Update, Upsert, Delete and the feed of one entity; `record` makes one, `extra` is a column to set."""
    followed = stub.RetrieveEntityChanges(api.RetrieveEntityChangesRequest(follow=True, skip_initial_load=True), timeout=LIMIT)
    token = next(followed).data_token

    created = stub.Create(api.CreateRequest(target=record(), request_id=str(uuid.uuid4()), return_representation=True), timeout=LIMIT)
    assert uuid.UUID(created.id).version == 7
    assert created.representation.name == "from python" and not created.representation.HasField(extra)

    read = stub.Retrieve(api.RetrieveRequest(target=reference(created.id), session_token=created.session_token), timeout=LIMIT)
    assert read.entity == created.representation
    tag = str(created.version_number)
    assert stub.Retrieve(api.RetrieveRequest(target=reference(created.id), if_none_match=tag), timeout=LIMIT).not_modified

    change = record(id=created.id, name="changed", **{extra: 7})
    mask = field_mask_pb2.FieldMask(paths=["name", extra])
    updated = stub.Update(api.UpdateRequest(target=change, update_mask=mask, if_match=tag), timeout=LIMIT)
    assert updated.version_number > created.version_number
    code, info, _ = failure(stub.Update, api.UpdateRequest(target=change, update_mask=mask, if_match=tag))
    assert code == grpc.StatusCode.ABORTED and info.reason == "CONCURRENCY_VERSION_MISMATCH", info

    upserted = stub.Upsert(api.UpsertRequest(target=record(id=created.id), return_representation=True), timeout=LIMIT)
    assert not upserted.record_created and upserted.representation.name == "from python"
    deleted = stub.Delete(api.DeleteRequest(target=reference(created.id)), timeout=LIMIT)
    assert deleted.version_number > upserted.version_number

    code, info, _ = failure(stub.Retrieve, api.RetrieveRequest(target=reference(created.id)))
    assert code == grpc.StatusCode.NOT_FOUND and info.reason == "OBJECT_DOES_NOT_EXIST", info
    assert info.domain == "journeyfeed" and info.metadata["code"] == "0x80040217", info
    code, info, fields = failure(stub.Create, api.CreateRequest(target=type(record())(id="x"), request_id="y"))
    assert code == grpc.StatusCode.INVALID_ARGUMENT, code
    assert {"target.id", "target.name", "request_id"} <= set(fields), fields

    # The follower sees it all, in order, up to the deletion; versions rise.
    versions, last = [], None
    while not (last and last.HasField("removed_item")):
        response = next(followed)
        for last in response.changes:
            versions.append(last.version_number)
    followed.cancel()
    assert last.removed_item.id == created.id and last.message == message_name_pb2.MESSAGE_NAME_DELETE, last
    assert versions == sorted(set(versions)) and versions[-1] == deleted.version_number, versions

    # From the token of the beginning everything comes again, once: what there was to see in the end is a deletion.
    again = [change for response in stub.RetrieveEntityChanges(api.RetrieveEntityChangesRequest(data_version=token), timeout=LIMIT)
             for change in response.changes]
    assert [change.removed_item.id for change in again] == [created.id], again


def resume(stub):
    """A follower that stores its token after each message and comes back: nothing twice, nothing missing."""
    names, seen = [f"row {i}" for i in range(30)], []
    stream = stub.RetrieveEntityChanges(sessions.RetrieveEntityChangesRequest(follow=True, skip_initial_load=True), timeout=LIMIT)
    token = next(stream).data_token
    for name in names:
        stub.Create(sessions.CreateRequest(target=session(name=name)), timeout=LIMIT)
    while len(seen) < len(names):
        stream.cancel()
        stream = stub.RetrieveEntityChanges(
            sessions.RetrieveEntityChangesRequest(data_version=token, follow=True, max_changes_per_message=7), timeout=LIMIT)
        response = next(message for message in stream if message.changes)
        seen += [change.new_or_updated_entity.name for change in response.changes]
        token = response.data_token
    stream.cancel()
    assert seen == names, seen


def load(stub):
    loaded = {change.new_or_updated_entity.name
              for response in stub.RetrieveEntityChanges(sessions.RetrieveEntityChangesRequest(), timeout=LIMIT)
              for change in response.changes}
    assert {f"row {i}" for i in range(30)} <= loaded, loaded
    code, info, fields = failure(lambda request, timeout: list(stub.RetrieveEntityChanges(request, timeout=timeout)),
                                 sessions.RetrieveEntityChangesRequest(data_version="damaged"))
    assert (code, info.reason, fields) == (grpc.StatusCode.INVALID_ARGUMENT, "FEED_TOKEN_INVALID", ["data_version"])


def session(name="from python", **columns):
    return session_pb2.JourneyRunSession(name=name, journey_run_id="run", session="{}", **columns)


def journey(name="from python", **columns):
    return journey_pb2.CustomerJourney(name=name, **columns)


with grpc.insecure_channel(sys.argv[1]) as channel:
    play(sessions_grpc.JourneyRunSessionServiceStub(channel), sessions, session, "ttl_in_seconds")
    play(journeys_grpc.CustomerJourneyServiceStub(channel), journeys, journey, "recurrence_count")
    resume(sessions_grpc.JourneyRunSessionServiceStub(channel))
    load(sessions_grpc.JourneyRunSessionServiceStub(channel))
print("python client: ok")
