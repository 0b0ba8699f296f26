"""A client in another language, made from the protos alone: every method of every service, the feed, errors in full.

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
from journeyfeed.customerjourney.v1 import customer_journey_validation_pb2 as validation
from journeyfeed.entity.v1 import entity_reference_pb2, message_name_pb2
from journeyfeed.journeyrunsession.v1 import journey_run_session_pb2 as session_pb2
from journeyfeed.journeyrunsession.v1 import journey_run_session_service_pb2 as sessions
from journeyfeed.journeyrunsession.v1 import journey_run_session_service_pb2_grpc as sessions_grpc
from journeyfeed.metadata.v1 import metadata_service_pb2 as metadata
from journeyfeed.metadata.v1 import metadata_service_pb2_grpc as metadata_grpc

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
    window = stub.RetrieveChangeWindow(api.RetrieveChangeWindowRequest(data_version=token), timeout=LIMIT)
    assert window.pending_changes == 4 and not window.pending_changes_limit_exceeded, window


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


def ok(response, count):
    """The ids of a bulk response of which every row was executed, in input order."""
    assert [result.request_index for result in response.results] == list(range(count)), response
    assert not any(result.HasField("error") for result in response.results), response
    return [result.id for result in response.results]


def bulk(stub, api, record, elastic):
    """The bulk messages, a query over what they did, and BulkDelete; returns nothing to tidy up."""
    run = f"bulk {uuid.uuid4()}"
    create = api.CreateMultipleRequest(targets=[record(name=f"{run} {i:02}") for i in range(25)], request_id=str(uuid.uuid4()))
    created = stub.CreateMultiple(create, timeout=LIMIT)
    ids = ok(created, 25)
    assert stub.CreateMultiple(create, timeout=LIMIT) == created

    target = api.UpdateMultipleRequest.Target
    updated = stub.UpdateMultiple(api.UpdateMultipleRequest(targets=[
        target(target=record(id=ids[i], name=f"{run} {i:02}+"), if_match=str(created.results[i].version_number))
        for i in range(5)]), timeout=LIMIT)
    assert ok(updated, 5) == ids[:5]
    fresh = str(uuid.uuid4())
    upserted = stub.UpsertMultiple(api.UpsertMultipleRequest(targets=[
        api.UpsertMultipleRequest.Target(target=record(id=record_id, name=f"{run} 99")) for record_id in (ids[24], fresh)]), timeout=LIMIT)
    assert ok(upserted, 2) == [ids[24], fresh]
    assert [result.record_created for result in upserted.results] == [False, True]

    # One bad row: it fails alone where rows are independent, else with all.
    bad = api.CreateMultipleRequest(targets=[record(), type(record())(), record()])
    if elastic:
        answer = stub.CreateMultiple(bad, timeout=LIMIT)
        assert answer.failed_count == 1 and answer.results[1].error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0], answer
    else:
        code, info, fields = failure(stub.CreateMultiple, bad)
        assert (code, fields) == (grpc.StatusCode.INVALID_ARGUMENT, ["targets[1].name"]), (info, fields)
    code, _, fields = failure(stub.UpdateMultiple, api.UpdateMultipleRequest())
    assert (code, fields) == (grpc.StatusCode.INVALID_ARGUMENT, ["targets"])

    query(stub, api, run, upserted.session_token)
    if elastic:
        erased = stub.DeleteMultiple(api.DeleteMultipleRequest(targets=[
            api.DeleteMultipleRequest.Target(target=reference(record_id)) for record_id in (ids[0], str(uuid.uuid4()))]), timeout=LIMIT)
        assert erased.failed_count == 1 and not erased.results[0].HasField("error"), erased
        assert erased.results[1].error.code == grpc.StatusCode.NOT_FOUND.value[0], erased
    left = 25 if elastic else 26
    filter_ = f"startswith(name,'{run}')"
    for dry_run in (True, False):
        messages = list(stub.BulkDelete(api.BulkDeleteRequest(filter=filter_, dry_run=dry_run), timeout=LIMIT))
        assert messages[-1].done and messages[-1].progress.deleted_count == left, messages
    answer = stub.RetrieveMultiple(api.RetrieveMultipleRequest(filter=filter_, session_token=messages[-1].session_token), timeout=LIMIT)
    assert not answer.entities, answer
    code, info, fields = failure(lambda request, timeout: list(stub.BulkDelete(request, timeout=timeout)), api.BulkDeleteRequest())
    assert (code, fields) == (grpc.StatusCode.INVALID_ARGUMENT, ["filter"]), info


def query(stub, api, run, session_token):
    """Pages, order, columns, count and aggregates over the 26 records of a run."""
    request = api.RetrieveMultipleRequest(filter=f"$filter=startswith(name,'{run}')", order_by="name desc", page_size=7, count=True,
                                          columns=field_mask_pb2.FieldMask(paths=["name"]), session_token=session_token)
    names = []
    while True:
        page = stub.RetrieveMultiple(request, timeout=LIMIT)
        assert page.total_record_count == 26 and page.more_records == bool(page.next_page_token), page
        assert all(entity.id and not entity.HasField("created_on") for entity in page.entities), page
        names += [entity.name[len(run) + 1:] for entity in page.entities]
        if not page.more_records:
            break
        request.page_token = page.next_page_token
    expected = ["99", "99"] + [f"{i:02}" for i in range(23, 4, -1)] + [f"{i:02}+" for i in range(4, -1, -1)]
    assert names == expected, names
    aggregated = stub.RetrieveMultiple(api.RetrieveMultipleRequest(
        apply=f"filter(startswith(name,'{run}'))/groupby((name),aggregate($count as n))"), timeout=LIMIT)
    counts = {group["name"]: group["n"] for group in aggregated.aggregates}
    assert len(counts) == 25 and counts[f"{run} 99"] == 2, counts
    code, info, fields = failure(stub.RetrieveMultiple, api.RetrieveMultipleRequest(filter="nothing eq 1"))
    assert (code, info.reason, fields) == (grpc.StatusCode.INVALID_ARGUMENT, "QUERY_BUILDER_NO_ATTRIBUTE", ["filter"]), info


def status_filter(stub):
    """The list that the journeys' document shows: as it is written there, and as the query option."""
    draft = stub.Create(journeys.CreateRequest(target=journey(name="a draft")), timeout=LIMIT)
    for text in ("statuscode eq 192350001", "$filter=statuscode eq 192350001"):
        page = stub.RetrieveMultiple(journeys.RetrieveMultipleRequest(filter=text, session_token=draft.session_token), timeout=LIMIT)
        assert all(entity.status_code == 192350001 for entity in page.entities), page
        others = stub.RetrieveMultiple(journeys.RetrieveMultipleRequest(filter=text.replace("eq", "ne"), count=True,
                                                                        session_token=draft.session_token), timeout=LIMIT)
        assert draft.id in [entity.id for entity in others.entities], others
        every = stub.RetrieveMultiple(journeys.RetrieveMultipleRequest(count=True), timeout=LIMIT)
        assert len(page.entities) + others.total_record_count == every.total_record_count, (page, others, every)


def definitions(stub):
    every = stub.RetrieveAllEntities(metadata.RetrieveAllEntitiesRequest(), timeout=LIMIT).entity_metadata
    assert len(every) >= 2, every
    for entity in every:
        one = stub.RetrieveEntity(metadata.RetrieveEntityRequest(logical_name=entity.message_type), timeout=LIMIT)
        assert one.entity_metadata == entity and len(entity.attributes) > 10, entity
    code, info, _ = failure(stub.RetrieveEntity, metadata.RetrieveEntityRequest(logical_name="account"))
    assert (code, info.reason) == (grpc.StatusCode.NOT_FOUND, "OBJECT_DOES_NOT_EXIST"), info


def checks(stub):
    """What is asked of a journey beside its record."""
    target = journey(name="to be checked", is_recurring=True, recurrence_count=2, recurrence_interval_days=7, customer_journey_time_zone=92)
    target.start_date_time.FromJsonString("2030-01-01T00:00:00Z")
    target.end_date_time.FromJsonString("2030-02-01T00:00:00Z")
    created = stub.Create(journeys.CreateRequest(target=target), timeout=LIMIT)
    going_live = journeys.IsValidStateTransitionRequest(entity=reference(created.id), new_state="Active",
                                                        new_status=journey_pb2.CUSTOMER_JOURNEY_STATUS_CODE_GOING_LIVE)
    answer = stub.IsValidStateTransition(going_live, timeout=LIMIT)
    assert answer.is_valid and answer.open_to_callers, answer
    going_live.new_status = journey_pb2.CUSTOMER_JOURNEY_STATUS_CODE_STOPPING
    assert not stub.IsValidStateTransition(going_live, timeout=LIMIT).is_valid
    found = stub.Validate(validation.ValidateRequest(field_value_name="n", field_value_workflow_definition="[]"), timeout=LIMIT)
    assert found.result == validation.VALIDATION_LEVEL_ERROR and found.activity_validation_results, found
    used = stub.RetrieveJourneyReferences(validation.RetrieveJourneyReferencesRequest(target=reference(created.id)), timeout=LIMIT)
    assert not used.references, used
    runs = stub.RetrieveJourneyIterations(validation.RetrieveJourneyIterationsRequest(target=reference(created.id)), timeout=LIMIT)
    assert [run.iteration_number for run in runs.iterations] == [1, 2], runs
    zones = stub.GetAllTimeZonesWithDisplayName(validation.GetAllTimeZonesWithDisplayNameRequest(), timeout=LIMIT)
    assert 92 in [zone.time_zone_code for zone in zones.time_zones], zones
    code, info, _ = failure(stub.Update, journeys.UpdateRequest(
        target=journey_pb2.CustomerJourney(id=created.id, status_code=journey_pb2.CUSTOMER_JOURNEY_STATUS_CODE_LIVE)))
    assert (code, info.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "INVALID_STATE_TRANSITION"), info


class Noting:
    """A stub that notes which of its methods are called."""

    def __init__(self, stub, service):
        self.stub, self.missing = stub, {method.name for method in service.methods}

    def __getattr__(self, name):
        self.missing.discard(name)
        return getattr(self.stub, name)


def session(name="from python", **columns):
    return session_pb2.JourneyRunSession(name=name, journey_run_id="run", session="{}", **columns)


def journey(name="from python", **columns):
    return journey_pb2.CustomerJourney(name=name, **columns)


with grpc.insecure_channel(sys.argv[1]) as channel:
    session_stub = Noting(sessions_grpc.JourneyRunSessionServiceStub(channel), sessions.DESCRIPTOR.services_by_name["JourneyRunSessionService"])
    journey_stub = Noting(journeys_grpc.CustomerJourneyServiceStub(channel), journeys.DESCRIPTOR.services_by_name["CustomerJourneyService"])
    metadata_stub = Noting(metadata_grpc.MetadataServiceStub(channel), metadata.DESCRIPTOR.services_by_name["MetadataService"])
    play(session_stub, sessions, session, "ttl_in_seconds")
    play(journey_stub, journeys, journey, "recurrence_count")
    bulk(session_stub, sessions, session, elastic=True)
    bulk(journey_stub, journeys, journey, elastic=False)
    status_filter(journey_stub)
    checks(journey_stub)
    definitions(metadata_stub)
    resume(session_stub)
    load(session_stub)
    for noting in (session_stub, journey_stub, metadata_stub):
        assert not noting.missing, f"never called: {noting.missing}"
print("python client: ok")
