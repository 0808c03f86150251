#!/usr/bin/env python3
"""run_doc_samples.py --build DIR PAGE.md...: runs the samples of the docs.

A fenced block marked `sh run`, `py run` or `cpp run` is run; the blocks of one page share a temporary folder, in order,
with the command and the example programs on PATH and the tree's examples/ at hand. `exit=N` after `run` is the exit status to expect. A block
marked `output` that comes next holds what must be printed: a line `...` stands for any lines, and `...` within a line
for any text. A C++ sample is a whole program, built as README says a user builds one: with pkg-config."""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
FENCE = re.compile(r"^```([^\n`]*)\n(.*?)^```[ ]*$", re.MULTILINE | re.DOTALL)


class Sample(NamedTuple):
    line: int
    language: str
    status: int
    code: str
    output: str | None


def samples_of(text: str) -> list[Sample]:
    samples: list[Sample] = []
    ran = False  # whether the block before this one was run
    for match in FENCE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        words = match[1].split()
        if words[:1] == ["output"]:
            if not ran:
                raise SystemExit(f"line {line}: an output block must follow a block that is run")
            samples[-1] = samples[-1]._replace(output=match[2])
            ran = False
            continue
        ran = "run" in words
        if ran:
            status = next((int(w.removeprefix("exit=")) for w in words if w.startswith("exit=")), 0)
            samples.append(Sample(line, words[0], status, match[2], None))
    return samples


def pattern_of(expected: str) -> re.Pattern[str]:
    parts = []
    for line in expected.rstrip("\n").split("\n"):
        if line.strip() == "...":
            parts.append(r"(?:.*\n)*")
        else:
            parts.append(".*".join(re.escape(part) for part in line.rstrip().split("...")) + "[ ]*\n")
    return re.compile("".join(parts))


def cpp_command(build: Path, compiler: str, source: Path, program: Path) -> list[str]:
    libraries = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "--define-variable=libdir=" + str(build),
         "--define-variable=includedir=" + str(ROOT / "include"), "cppickle"],
        env={**os.environ, "PKG_CONFIG_PATH": str(build)}, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    warnings = ["-Wall", "-Wextra", "-Werror"]
    return [compiler, "-std=c++23", *warnings, str(source), "-o", str(program), *libraries]


def run(sample: Sample, folder: Path, build: Path, compiler: str) -> str | None:
    """What is wrong, None if nothing is."""
    if sample.language == "cpp":
        source = folder / "sample.cc"
        source.write_text(sample.code, encoding="utf-8")
        command = cpp_command(build, compiler, source, folder / "sample")
        compiled = subprocess.run(command, capture_output=True, text=True, check=False)
        if compiled.returncode != 0:
            return f"does not compile:\n{compiled.stderr}"
        command = ["./sample"]
    elif sample.language in ("sh", "bash"):
        command = ["bash", "-euo", "pipefail", "-c", sample.code]
    elif sample.language in ("py", "python"):
        command = [sys.executable, "-c", sample.code]
    else:
        return f"no way to run '{sample.language}'"

    path = os.pathsep.join([str(build / "bin"), str(build / "examples"), str(Path(sys.executable).parent), os.environ["PATH"]])
    result = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path, "NO_COLOR": "1"}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
    )  # fmt: skip
    if result.returncode != sample.status:
        return f"exit status {result.returncode}, expected {sample.status}; it printed:\n{result.stdout}"
    if sample.output is not None:
        printed = "".join(line.rstrip() + "\n" for line in result.stdout.rstrip().splitlines())
        if not pattern_of(sample.output).fullmatch(printed):
            return f"printed:\n{result.stdout}instead of:\n{sample.output}"
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--compiler", default="g++")
    parser.add_argument("pages", nargs="+", type=Path)
    arguments = parser.parse_args()
    build = arguments.build.resolve()

    passed = failed = 0
    for page in arguments.pages:
        if not page.exists():
            continue
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "examples").symlink_to(ROOT / "examples")
            for sample in samples_of(page.read_text(encoding="utf-8")):
                problem = run(sample, folder, build, arguments.compiler)
                failed += problem is not None
                passed += problem is None
                if problem:
                    print(f"{page}:{sample.line}: {problem}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
