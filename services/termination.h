// The signals of the process as something to wait for: SIGTERM and SIGINT end it, SIGUSR1 and SIGUSR2 make its log more
// and less talkative. All are blocked in every thread, so that no handler runs anywhere: children of the process
// inherit that and unblock them for themselves.
#pragma once

namespace journeyfeed {

// Before any other thread exists. Also ignores SIGPIPE: a reader of the log or of a socket that went away must not end
// the process.
void BlockTerminationSignals();

// Waits for SIGTERM or SIGINT and returns its number. Each SIGUSR1 that came before or comes meanwhile moves the log
// one level towards debug, each SIGUSR2 one towards error, and a log line says where it stands. (Several that come at
// the same moment are one, as the system has it.)
int AwaitTermination();

// From here on the next SIGTERM or SIGINT ends the process at once, with status 128 + its number, for an operator who
// will not wait for the drain.
void EndAtNextSignal();

}  // namespace journeyfeed
