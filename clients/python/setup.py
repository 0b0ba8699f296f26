"""Makes the stubs from the service's protos while the package is built. pyproject.toml has everything else.

Needs protoc with grpc_python_plugin (Debian: protobuf-compiler-grpc), or the Python package grpcio-tools.
"""

import importlib.util
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

HERE = pathlib.Path(__file__).resolve().parent
# In a source distribution the protos are beside this file, in the repository at its top.
PROTOS = HERE / "proto" if (HERE / "proto").is_dir() else HERE.parents[1] / "proto"

# A process can hold one version only of a proto, by its name. Other packages bring google/rpc too (googleapis-common-protos,
# grpcio-status) in versions of their own, so this one has it under a name that nobody else uses. The wire is the same.
RENAMED = (
    (re.compile(r'^import "google/rpc/', re.M), 'import "journeyfeed/rpc/'),
    (re.compile(r"^(\s*(?:package |repeated |optional )?)google\.rpc\b", re.M), r"\1journeyfeed.rpc"),
)


def compiler():
    plugin = shutil.which("grpc_python_plugin")
    if plugin and shutil.which("protoc"):
        return ["protoc", f"--plugin=protoc-gen-grpc_python={plugin}"]
    if importlib.util.find_spec("grpc_tools"):
        return [sys.executable, "-m", "grpc_tools.protoc"]
    raise SystemExit("no protoc: install protobuf-compiler and protobuf-compiler-grpc (Debian), or grpcio-tools (pip)")


def generate(out):
    """Makes the modules of all protos below `out`/journeyfeed."""
    with tempfile.TemporaryDirectory() as directory:
        renamed = pathlib.Path(directory)
        for source in PROTOS.rglob("*.proto"):
            path = source.relative_to(PROTOS).as_posix().replace("google/rpc/", "journeyfeed/rpc/")
            if not path.startswith("journeyfeed/"):  # grpc/health: no part of the contract of the entities
                continue
            text = source.read_text(encoding="utf-8")
            for name, ours in RENAMED:
                text = name.sub(ours, text)
            (renamed / path).parent.mkdir(parents=True, exist_ok=True)
            (renamed / path).write_text(text, encoding="utf-8")
        every = sorted(path.relative_to(renamed).as_posix() for path in renamed.rglob("*.proto"))
        services = [path for path in every if path.endswith("_service.proto")]
        command = [*compiler(), f"-I{renamed}"]
        subprocess.run([*command, f"--python_out={out}", f"--pyi_out={out}", *every], check=True)
        subprocess.run([*command, f"--grpc_python_out={out}", *services], check=True)
    for path in every:
        for folder in pathlib.PurePath(path).parents[:-2]:  # below journeyfeed, which has one
            (out / folder / "__init__.py").touch()


class BuildWithStubs(build_py):
    def run(self):
        super().run()
        generate(HERE / "src" if self.editable_mode else pathlib.Path(self.build_lib))


class SdistWithProtos(sdist):
    def make_release_tree(self, base_dir, files):
        super().make_release_tree(base_dir, files)
        shutil.copytree(PROTOS, pathlib.Path(base_dir) / "proto", ignore=shutil.ignore_patterns("CMakeLists.txt"))


setup(cmdclass={"build_py": BuildWithStubs, "sdist": SdistWithProtos})
