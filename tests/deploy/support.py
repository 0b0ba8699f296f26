"""What the tests of the deployment share: the built server as a process, tools, and how a skipped test ends."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

TOP = pathlib.Path(__file__).resolve().parents[2]
BINARIES = pathlib.Path(os.environ.get("JOURNEYFEED_BINARIES", TOP / "build" / "bin"))
TOOLS = pathlib.Path(os.environ.get("JOURNEYFEED_TOOLS", TOP / "build" / "tools"))
SERVER = BINARIES / "journeyfeed-server"
CTL = BINARIES / "journeyctl"
START_LIMIT = 60  # seconds


def tool(name):
    """The program's path: of the machine, or what deploy/debian/fetch-tools unpacked; None where neither is."""
    return shutil.which(name) or shutil.which(name, path=TOOLS)


def needs(name, everywhere=True):
    """For a test that cannot be without this program. In CI nothing is skipped, unless the program is not wanted everywhere."""
    missing = tool(name) is None
    if missing and everywhere and os.environ.get("CI") == "true":
        raise RuntimeError(f"{name} is missing, and in CI nothing is skipped")
    return unittest.skipIf(missing, f"{name} is not installed")


def environment(more=None):
    """Of the test, without what would be settings of the server."""
    return {**{name: value for name, value in os.environ.items() if not name.startswith("JOURNEYFEED_")}, **(more or {})}


def run(*command, check=True, timeout=60, variables=None, **options):
    """The finished command, with its output as text. Fails with what the command said."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=timeout, env=environment(variables), **options)
    if check and done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done


def settings(*arguments, variables=None):
    """What the server makes of these flags and JOURNEYFEED_ variables: {"drain-grace": "30s", ...}. Fails when it refuses."""
    done = run(SERVER, "--print-config", *arguments, variables=variables)
    lines = (line.split("  #")[0] for line in done.stdout.splitlines())
    return {name.strip(): value.strip() for name, _, value in (line.partition(" = ") for line in lines)}


def seconds(text):
    """Of a duration as settings print it."""
    for unit, length in (("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)):
        if text.endswith(unit):
            return float(text[: -len(unit)]) * length
    raise ValueError(text)


def await_true(condition, what, limit=START_LIMIT):
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {limit} s: {what}")
        time.sleep(0.02)  # between two looks at the condition; bounded above


class Directory(tempfile.TemporaryDirectory):
    """A scratch directory that PostgreSQL's own user can pass through."""

    def __init__(self):
        super().__init__(prefix="journeyfeed-deploy-")
        os.chmod(self.name, 0o711)
        self.path = pathlib.Path(self.name)


class Server:
    """journeyfeed-server with the given flags, on free ports. Ended in order by `stop` or the end of a `with`."""

    def __init__(self, *arguments):
        self._scratch = Directory()
        self._log = open(self._scratch.path / "log", "w+", encoding="utf-8")
        ports = self._scratch.path / "ports"
        self.process = subprocess.Popen(
            [SERVER, "--address", "127.0.0.1:0", "--metrics-address", "127.0.0.1:0", "--port-file", ports,
             *map(str, arguments)], stdout=self._log, stderr=subprocess.STDOUT, env=environment(), start_new_session=True)
        await_true(lambda: ports.exists() or self.process.poll() is not None, f"start of {arguments}")
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.log()}")
        bound = json.loads(ports.read_text(encoding="utf-8"))
        self.address, self.metrics_address = bound["address"], bound["metrics_address"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def log(self):
        return pathlib.Path(self._log.name).read_text(encoding="utf-8")

    def metrics(self):
        with urllib.request.urlopen(f"http://{self.metrics_address}/metrics", timeout=10) as answer:
            return answer.read().decode()

    def ctl(self, *arguments, check=True, timeout=60):
        return run(CTL, "--address", self.address, *arguments, check=check, timeout=timeout)

    def stop(self):
        """SIGTERM; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self._log.close()
        self._scratch.cleanup()
        return code


def postgres_program(name):
    """Of the newest PostgreSQL that is installed; Debian keeps most of them out of PATH."""
    versions = sorted(pathlib.Path("/usr/lib/postgresql").iterdir(), key=lambda path: int(path.name))
    return versions[-1] / "bin" / name


def sql(conninfo, text):
    """What psql prints for these statements, without decoration."""
    return run("psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-d", conninfo, "-c", text).stdout.strip()


class Postgres:
    """A PostgreSQL of the test's own, below `directory`: any role, no password; through its socket, and on a port if one is given."""

    def __init__(self, directory, port=None):
        self._listen = f"-c listen_addresses={'127.0.0.1' if port else ''} -p {port or 5432}"
        # PostgreSQL does not run as root.
        self._as = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        self._home = directory / "postgres"
        self._home.mkdir()
        if self._as:
            shutil.chown(self._home, "postgres", "postgres")
        self.data = self._home / "data"
        self._run("initdb", "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8", "-D", self.data)
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Like a crash: the next start recovers."""
        self._run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")

    def _run(self, program, *arguments):
        run(postgres_program(program), *arguments, cwd="/", **self._as)

    def start(self):
        options = f"-k {self._home} {self._listen} -c fsync=off"
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self._home / "log", "-o", options, "start")

    def conninfo(self, database="postgres", user="postgres"):
        return f"host={self._home} user={user} dbname={database}"


def main():
    """Runs the tests of the calling file. Ends with 77, which ctest shows as skipped, when there was nothing else."""
    result = unittest.main(module="__main__", exit=False, verbosity=2).result
    if result.wasSuccessful() and result.skipped and len(result.skipped) == result.testsRun:
        sys.exit(77)
    sys.exit(0 if result.wasSuccessful() else 1)
