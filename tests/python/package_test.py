"""The package as it is installed: complete, typed, and beside packages that bring google.rpc too."""

import importlib.metadata
import pathlib
import re
import sys
import unittest

import journeyfeed
from support import TOP, Directory, main, needs, run, tool

PACKAGE = TOP / "clients" / "python"
INSTALLED = pathlib.Path(journeyfeed.__file__).parent

# Another version of google/rpc/status.proto, as googleapis-common-protos may bring one: a process holds one file of a name.
FOREIGN = """
from google.protobuf import descriptor_pb2, descriptor_pool
file = descriptor_pb2.FileDescriptorProto(name="google/rpc/status.proto", package="google.rpc")
file.message_type.add(name="Status").field.add(name="other", number=9, type=9, label=1)
descriptor_pool.Default().Add(file)
from journeyfeed import errors
from journeyfeed.rpc import status_pb2
print(errors.ServiceError(status_pb2.Status(code=5)).code.name)
"""


class Package(unittest.TestCase):
    def test_stubs_and_their_types_are_in_it(self):
        for proto in (TOP / "proto" / "journeyfeed").rglob("*.proto"):
            stem = INSTALLED / proto.relative_to(TOP / "proto" / "journeyfeed").with_suffix("")
            for suffix in ("_pb2.py", "_pb2.pyi", *["_pb2_grpc.py"] * stem.name.endswith("_service")):
                self.assertTrue(stem.with_name(stem.name + suffix).is_file(), f"{stem}{suffix}")
        self.assertTrue((INSTALLED / "py.typed").is_file())
        self.assertFalse((INSTALLED.parent / "google" / "rpc").exists())
        self.assertTrue([one for one in importlib.metadata.files("journeyfeed") if one.name == "LICENSE"])

    def test_another_google_rpc_does_not_collide(self):
        self.assertEqual(run(sys.executable, "-c", FOREIGN).stdout.strip(), "NOT_FOUND")

    def test_version_is_that_of_the_project(self):
        version = re.search(r"project\(journeyfeed VERSION (\S+)", (TOP / "CMakeLists.txt").read_text(encoding="utf-8"))[1]
        self.assertEqual(importlib.metadata.version("journeyfeed"), version)

    def test_source_distribution_has_the_protos(self):
        """A wheel is built from it, far from the repository."""
        with Directory() as scratch:
            sources = pathlib.Path(scratch) / "clients" / "python"
            sources.parent.mkdir()
            run("cp", "-RL", PACKAGE, sources)
            run("cp", "-R", TOP / "proto", scratch)
            run("/usr/bin/python3", "-c", f"from setuptools import build_meta; build_meta.build_sdist({scratch!r})", cwd=sources)
            [archive] = pathlib.Path(scratch).glob("*.tar.gz")
            run("/usr/bin/python3", "-m", "pip", "wheel", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", scratch,
                archive, variables={"PIP_DISABLE_PIP_VERSION_CHECK": "1"})
            names = run("/usr/bin/python3", "-m", "zipfile", "-l", *pathlib.Path(scratch).glob("*.whl")).stdout
        self.assertIn("journeyfeed/entity/v1/feed_pb2.py", names)

    @needs("mypy", everywhere=False)
    def test_types(self):
        """Of the package and of the example."""
        for what in (("-p", "journeyfeed"), (PACKAGE / "examples" / "mirror_to_sqlite.py",)):
            with Directory() as cache:
                done = run(tool("mypy"), "--config-file", PACKAGE / "pyproject.toml", "--python-executable", sys.executable,
                           "--cache-dir", cache, *what, check=False, cwd=cache)
            self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    main()
