// Makes the signals of the process something to wait for: SIGTERM and SIGINT end it, SIGUSR1 makes its log more verbose
// and SIGUSR2 less. All are blocked in every thread, so that no handler runs anywhere. Child processes inherit the
// blocking and unblock the signals themselves.
#pragma once

namespace journeyfeed {

// Call it before any other thread exists. Also ignores SIGPIPE: a reader of the log or of a socket that went away must
// not end the process.
void BlockTerminationSignals();

// Waits for SIGTERM or SIGINT and returns its number. Each SIGUSR1, before or during the wait, moves the log one level
// towards debug, each SIGUSR2 one level towards error; a log line names the new level. (The system merges signals that
// arrive at the same moment.)
int AwaitTermination();

// From now on SIGTERM or SIGINT ends the process at once, with status 128 + its number, for an operator who will not
// wait for the drain.
void EndAtNextSignal();

}  // namespace journeyfeed
