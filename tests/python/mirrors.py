"""What the tests against the real server share: a writer of sessions, copies made by the example, and their comparison."""

import pathlib
import sqlite3
import sys
import threading

import grpc
from journeyfeed import FeedConsumer, connect
from journeyfeed.journeyrunsession.v1 import journey_run_session_service_pb2 as m
from journeyfeed.journeyrunsession.v1 import journey_run_session_service_pb2_grpc as g
from journeyfeed.journeyrunsession.v1.journey_run_session_pb2 import JourneyRunSession
from support import TOP, await_true

EXAMPLES = TOP / "clients" / "python" / "examples"
sys.path.insert(0, str(EXAMPLES))
import mirror_to_sqlite  # noqa: E402

LIMIT = 30  # seconds
HERE = pathlib.Path(__file__).parent


class Sessions:
    """Writes sessions and knows what there is."""

    def __init__(self, address):
        self._stub = g.JourneyRunSessionServiceStub(connect(address))
        self._token = ""
        await_true(self._ready, "the server answers", LIMIT)

    def _ready(self):
        try:
            self.all()
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNAVAILABLE:
                raise
            return False
        return True

    def create(self, *names, **columns):
        targets = [JourneyRunSession(name=name, journey_run_id="1", session="{}", **columns) for name in names]
        answer = self._stub.CreateMultiple(m.CreateMultipleRequest(targets=targets), timeout=LIMIT)
        self._token = answer.session_token
        return [(row.id, row.partition_id) for row in answer.results]

    def rename(self, key, name):
        target = JourneyRunSession(id=key[0], partition_id=key[1], name=name)
        self._token = self._stub.Update(m.UpdateRequest(target=target), timeout=LIMIT).session_token

    def delete(self, key):
        target = {"id": key[0], "partition_id": key[1]}
        self._token = self._stub.Delete(m.DeleteRequest(target=target), timeout=LIMIT).session_token

    def all(self):
        """{key: version} of every session."""
        request, found = m.RetrieveMultipleRequest(session_token=self._token), {}
        while True:
            page = self._stub.RetrieveMultiple(request, timeout=LIMIT)
            found.update({(one.id, one.partition_id): one.version_number for one in page.entities})
            if not page.more_records:
                return found
            request.page_token = page.next_page_token


def all_of(path):
    """{key: version} of every record of a copy; None while it has no tables."""
    try:
        found = sqlite3.connect(path, timeout=LIMIT).execute("select id, partition, version from record")
    except sqlite3.OperationalError:
        return None
    return {(one, partition): version for one, partition, version in found}


class Copy:
    """A file that the example mirrors into, with a ledger of what it applied that is written by the same transactions."""

    LEDGER = """
        create table if not exists ledger (id text, partition text, version integer, loading integer);
        create table if not exists removed (id text, partition text);
        create trigger if not exists note after insert on record begin
          insert into ledger select new.id, new.partition, new.version, coalesce((select text like '%:load:%' from checkpoint), 1);
        end;
        create trigger if not exists remove after delete on record begin
          insert into removed values (old.id, old.partition);
        end;"""

    def __init__(self, path):
        self.path = path
        self.open().executescript(mirror_to_sqlite.TABLES + self.LEDGER)

    def open(self):
        return sqlite3.connect(self.path, timeout=LIMIT)

    def query(self, text):
        return self.open().execute(text).fetchall()

    def all(self):
        return all_of(self.path)

    def checkpoint(self):
        found = self.query("select text from checkpoint")
        return found[0][0] if found else None

    def generations(self):
        return {generation for generation, in self.query("select distinct generation from record")}

    def applied_twice(self):
        """Changes after the load that were applied more than once."""
        return self.query("select id, version from ledger where not loading group by id, partition, version having count(*) > 1")

    def removed(self):
        """Keys of the records that were removed, not those of the ones that were replaced."""
        return set(self.query("select id, partition from removed"))

    def consumer(self, source, **options):
        return FeedConsumer(source, JourneyRunSession, checkpoint=self.checkpoint(), **options)

    def update(self, source, **options):
        """To the newest change. Returns the consumer, which has ended."""
        database = self.open()
        with self.consumer(source, follow=False, **options) as consumer:
            consumer.run(lambda batch: mirror_to_sqlite.apply(database, batch))
        return consumer


class Follower:
    """Mirrors into a copy until the end of the `with`, in a thread."""

    def __init__(self, copy, source, **options):
        self.consumer = copy.consumer(source, **options)
        self._copy, self._failure = copy, None
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        database = self._copy.open()
        try:
            self.consumer.run(lambda batch: mirror_to_sqlite.apply(database, batch))
        except Exception as error:  # raised where the test waits
            self._failure = error

    def await_all(self, sessions):
        wanted = sessions.all()

        def there():
            if self._failure:
                raise self._failure
            return self._copy.all() == wanted

        await_true(there, "the copy has everything", LIMIT)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.consumer.stop()
        self._thread.join(LIMIT)
        assert not self._thread.is_alive()
