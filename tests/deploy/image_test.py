"""The image: what deploy/image/runtime-root collects serves alone, read-only and without rights; the recipe's settings."""

import os
import pathlib
import re
import socket
import subprocess
import unittest

from support import BINARIES, TOP, Directory, Postgres, await_true, main, needs, run

USER = 65532
SHELLS = ("sh", "bash", "dash", "busybox", "apt", "dpkg", "perl")


def last_stage():
    """Of the Containerfile, with the collected root as its context: the stage before it compiles for minutes."""
    text = (TOP / "deploy" / "image" / "Containerfile").read_text(encoding="utf-8")
    stage = text[text.rindex("\nFROM ") + 1:]
    replaced = stage.replace("COPY --from=root /root-of-image/ /", "COPY . /")
    assert replaced != stage, "the stage copies the collected root"
    return replaced


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def mounts_of_its_own():
    """Whether a process may have them: not without root, nor in a chroot, whose root directory is no mount."""
    return subprocess.run(["unshare", "-m", "true"], check=False, stderr=subprocess.DEVNULL).returncode == 0


class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = Directory()
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.root = cls.scratch.path / "root"
        run(TOP / "deploy" / "image" / "runtime-root", cls.root, BINARIES / "journeyfeed-server", BINARIES / "journeyctl")

    def test_holds_no_shell_and_no_package_manager(self):
        programs = {path.name for path in (self.root / "usr" / "bin").iterdir()}
        self.assertEqual(programs, {"journeyfeed-server", "journeyctl"})
        found = [path for path in self.root.rglob("*") if path.name in SHELLS]
        self.assertEqual([path for path in found if path.is_file()], [])

    def test_scanners_find_the_packages(self):
        records = {path.name: path.read_text(encoding="utf-8") for path in (self.root / "var/lib/dpkg/status.d").iterdir()}
        for package, record in records.items():
            self.assertRegex(record, rf"(?m)^Package: {re.escape(package)}$")
            self.assertRegex(record, r"(?m)^Version: ")
        for library in ("libc6", "libgrpc", "libpq5", "libssl3", "libprotobuf"):
            self.assertTrue([package for package in records if package.startswith(library)], library)

    def test_holds_every_library(self):
        loader = self.root / "lib64" / "ld-linux-x86-64.so.2"
        if not loader.exists():
            self.skipTest("another processor")
        for program in ("journeyfeed-server", "journeyctl"):
            listed = run(loader, "--library-path", self.root / "usr/lib/x86_64-linux-gnu", "--list", self.root / "usr/bin" / program)
            self.assertNotIn("not found", listed.stdout)
            found = re.findall(r"=> (\S+) ", listed.stdout)
            self.assertGreater(len(found), 20)
            self.assertEqual([path for path in found if not path.startswith(str(self.root))], [])

    @unittest.skipUnless(os.geteuid() == 0, "changing the root directory needs root")
    def test_serves_read_only_as_its_user(self):
        """As a container would run it: that root and nothing else, mounted read-only, no rights, TCP to its database."""
        port = free_port()
        into = f'exec chroot --userspec={USER}:{USER} --groups= {self.root} "$@"'
        command = ["sh", "-c", into, "sh", "/usr/bin/journeyfeed-server"]
        # Elsewhere that root is root's to write, and no one else's.
        if mounts_of_its_own():
            command[2] = f"mount --bind {self.root} {self.root} && mount -o remount,ro,bind {self.root} && {into}"
            command = ["unshare", "-m", *command]
        with Postgres(self.scratch.path, port) as postgres:
            grpc, metrics = free_port(), free_port()
            environment = {"JOURNEYFEED_DATABASE_URL": f"postgresql://postgres@127.0.0.1:{port}/postgres",
                           "JOURNEYFEED_ADDRESS": f"127.0.0.1:{grpc}", "JOURNEYFEED_METRICS_ADDRESS": f"127.0.0.1:{metrics}"}
            log = self.scratch.path / "log"
            with open(log, "w", encoding="utf-8") as out:
                server = subprocess.Popen(command, env={"PATH": os.environ["PATH"], **environment}, stdout=out,
                                          stderr=out)
            try:
                await_true(lambda: "listening" in log.read_text(encoding="utf-8") or server.poll() is not None, "the server")
                self.assertIsNone(server.poll(), log.read_text(encoding="utf-8"))
                status = pathlib.Path(f"/proc/{server.pid}/status").read_text(encoding="utf-8")
                self.assertRegex(status, rf"(?m)^Uid:\t{USER}\t{USER}\t")
                self.assertRegex(status, r"(?m)^CapEff:\t0+$")
                run(BINARIES / "journeyctl", "--address", f"127.0.0.1:{grpc}", "create", "session", "--set", "msdynmkt_name=n",
                    "--set", "msdynmkt_journeyrunid=1", "--set", "msdynmkt_session=s")
            finally:
                server.terminate()
                code = server.wait(timeout=60)
            self.assertEqual(code, 0, log.read_text(encoding="utf-8"))

    @needs("buildah", everywhere=False)
    @unittest.skipUnless(mounts_of_its_own(), "buildah needs root, and mounts of its own")
    def test_the_recipe_makes_an_image_of_it(self):
        storage = ["--root", self.scratch.path / "storage", "--runroot", self.scratch.path / "run", "--storage-driver", "vfs"]
        recipe = self.scratch.path / "Containerfile"
        recipe.write_text(last_stage(), encoding="utf-8")
        run("buildah", *storage, "bud", "--isolation", "chroot", "-t", "journeyfeed:test", "-f", recipe, self.root)
        shown = run("buildah", *storage, "inspect", "--type", "image", "--format",
                    "{{.OCIv1.Config.User}} {{.OCIv1.Config.Entrypoint}} {{.OCIv1.Config.Cmd}}", "journeyfeed:test").stdout
        self.assertEqual(shown.strip(), f"{USER}:{USER} [/usr/bin/journeyfeed-server] []")
        container = run("buildah", *storage, "from", "--pull-never", "journeyfeed:test").stdout.strip()
        version = run("buildah", *storage, "run", "--isolation", "chroot", container, "--", "/usr/bin/journeyfeed-server", "--version")
        self.assertTrue(version.stdout.startswith("journeyfeed-server "), version.stdout)


class Recipe(unittest.TestCase):
    def test_names_no_host_and_no_root(self):
        text = (TOP / "deploy" / "image" / "Containerfile").read_text(encoding="utf-8")
        self.assertEqual(re.findall(r"(?m)^ARG BASE=(.*)$", text), ["debian:bookworm-slim"])
        self.assertEqual(re.findall(r"(?m)^FROM (\S+)", text), ["${BASE}", "scratch"])
        self.assertEqual(re.findall(r"(?m)^USER (.*)$", text), [f"{USER}:{USER}"])
        self.assertTrue(re.search(r'(?m)^ENTRYPOINT \["', text), "as a list: no shell starts it")


if __name__ == "__main__":
    main()
