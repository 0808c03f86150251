#!/usr/bin/env python3
"""check_compile_fail.py FILE -- COMPILER FLAGS...: passes if FILE does not compile, for the reason it expects.

The file says the reason as a regular expression on a line `// expect: REGEX`; each of several must be found. With
-DFIXED the same file must compile, if it mentions FIXED: then nothing else can be the reason."""

import re
import subprocess
import sys
from pathlib import Path


def main() -> int:
    file, dashes, *compile_command = sys.argv[1:]
    assert dashes == "--"
    text = Path(file).read_text(encoding="utf-8")
    expected = re.findall(r"^// expect: (.+)$", text, re.MULTILINE)
    if not expected:
        print(f"{file}: no '// expect: REGEX' line")
        return 1

    def compile_it(*more: str) -> subprocess.CompletedProcess[str]:
        command = [*compile_command, "-fsyntax-only", *more, file]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    result = compile_it()
    if result.returncode == 0:
        print(f"{file}: compiles, and must not")
        return 1
    missing = [regex for regex in expected if not re.search(regex, result.stderr)]
    if missing:
        print(f"{file}: fails to compile, but not with: {missing}\n{result.stderr}")
        return 1
    if "FIXED" in text:
        result = compile_it("-DFIXED")
        if result.returncode != 0:
            print(f"{file}: with -DFIXED it must compile\n{result.stderr}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
