"""Builds the native core with the compiler that pyproject.toml requires for it; everything else about the package is said there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import CompileError


class BuildZig(build_ext):
    """Runs Zig in its safe mode: every index and every sum is checked, for the bytes come from strangers."""

    def build_extension(self, ext: Extension) -> None:
        """Build a library, unless it is there and newer than its source. Where that fails, the package is installed without it."""
        (source,) = (Path(name) for name in ext.sources)
        target = Path(self.get_ext_fullpath(ext.name)).absolute()
        changed = max(path.stat().st_mtime for path in source.parent.glob("*.zig"))
        if target.exists() and target.stat().st_mtime > changed:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory() as cache:
            command = [
                *(sys.executable, "-m", "ziglang", "build-lib", str(source), "--name", "spans", f"-femit-bin={target}"),
                *("-dynamic", "-O", "ReleaseSafe", "-fstrip", "-mcpu", "baseline", "--cache-dir", cache, "--global-cache-dir", cache),
            ]
            try:
                subprocess.run(command, check=True)  # noqa: S603  (all of it stands above)
            except (OSError, subprocess.CalledProcessError) as problem:
                raise CompileError(f"the native core cannot be built, Python does its work: {problem}") from problem


ZIG = Path("collector/core/zig")
core = Extension("collector.core._spans", [f"{ZIG}/spans.zig"], depends=sorted(map(str, ZIG.glob("*.zig"))), optional=True)
setup(ext_modules=[core], cmdclass={"build_ext": BuildZig})
