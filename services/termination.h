// SIGTERM and SIGINT as something to wait for. Both are blocked in every thread, so that no handler runs anywhere:
// children of the process inherit that and unblock them for themselves.
#pragma once

namespace journeyfeed {

// Before any other thread exists. Also ignores SIGPIPE: a reader of the log or of a socket that went away must not end
// the process.
void BlockTerminationSignals();

// Waits for SIGTERM or SIGINT and returns its number.
int AwaitTermination();

// From here on the next of them ends the process at once, with status 128 + its number, for an operator who will not
// wait for the drain.
void EndAtNextSignal();

}  // namespace journeyfeed
