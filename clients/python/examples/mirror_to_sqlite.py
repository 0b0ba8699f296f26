"""Keeps a copy of an entity in a file of SQLite, exactly once in effect: kill it at any moment and start it again.

mirror_to_sqlite.py ADDRESS FILE [session|journey] [--once]     --once: end at the newest change
"""

import logging
import signal
import sqlite3
import sys
from typing import Any

from google.protobuf.json_format import MessageToJson
from journeyfeed import Batch, FeedConsumer
from journeyfeed.customerjourney.v1.customer_journey_pb2 import CustomerJourney
from journeyfeed.journeyrunsession.v1.journey_run_session_pb2 import JourneyRunSession

RECORDS = {"session": JourneyRunSession, "journey": CustomerJourney}

TABLES = """
create table if not exists record (
  id text, partition text, version integer not null, generation integer not null, content text not null,
  primary key (id, partition)) without rowid;
create table if not exists checkpoint (only integer primary key check (only = 1), text text not null);
"""


def apply(database: sqlite3.Connection, batch: Batch[Any]) -> None:
    with database:  # one transaction; rolled back when something raises
        for change in batch.changes:
            if change.record is None:
                database.execute("delete from record where (id, partition) = (?, ?)", change.key)
            else:
                content = MessageToJson(change.record, preserving_proto_field_name=True, indent=None)
                database.execute("insert or replace into record values (?, ?, ?, ?, ?)",
                                 (*change.key, change.version, batch.generation, content))
        if batch.load_finished:
            database.execute("delete from record where generation < ?", (batch.generation,))
        database.execute("insert or replace into checkpoint values (1, ?)", (str(batch.checkpoint),))


def mirror(address: str, database: sqlite3.Connection, record: type[Any], **options: Any) -> None:
    """Until SIGTERM or Ctrl-C."""
    database.executescript(TABLES)
    stored = database.execute("select text from checkpoint").fetchone()
    with FeedConsumer[Any](address, record, checkpoint=stored and stored[0], **options) as consumer:
        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sign, lambda *_: consumer.stop())
        consumer.run(lambda batch: apply(database, batch))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    arguments = [one for one in sys.argv[1:] if one != "--once"]
    if len(arguments) not in (2, 3):
        sys.exit(__doc__)
    entity = arguments[2] if len(arguments) > 2 else "session"
    mirror(arguments[0], sqlite3.connect(arguments[1]), RECORDS[entity], follow="--once" not in sys.argv)
