"""tools/run_doc_samples.py runs what it should and notices what is wrong."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(tmp_path, page):
    path = tmp_path / "page.md"
    path.write_text(page)
    command = [sys.executable, ROOT / "tools/run_doc_samples.py", "--build", ROOT / "build", path]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.returncode, result.stdout.splitlines()[-1]


def block(info, text):
    return f"```{info}\n{text}\n```\n\n"


@pytest.mark.parametrize(
    "page, expected",
    [
        (block("sh", "exit 1"), (0, "0 passed, 0 failed")),
        (block("sh run", "echo a >f") + block("py run", "print(open('f').read())") + block("output", "a"), (0, "2 passed, 0 failed")),
        (block("sh run", "seq 9") + block("output", "1\n...\n9"), (0, "1 passed, 0 failed")),
        (block("sh run", "echo 1.25 s") + block("output", "... s"), (0, "1 passed, 0 failed")),
        (block("sh run", "seq 3") + block("output", "1\n2"), (1, "0 passed, 1 failed")),
        (block("sh run", "exit 3"), (1, "0 passed, 1 failed")),
        (block("sh run exit=3", "exit 3"), (0, "1 passed, 0 failed")),
        (block("sh run", "false\ntrue"), (1, "0 passed, 1 failed")),
        (block("cpp run", '#include <cstdio>\nint main() { std::puts("x"); }') + block("output", "x"), (0, "1 passed, 0 failed")),
        (block("cpp run", "int main() { return x; }"), (1, "0 passed, 1 failed")),
    ],
)
def test_page(tmp_path, page, expected):
    assert run(tmp_path, page) == expected
