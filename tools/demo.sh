#!/usr/bin/env bash
# The main jobs on real files: objects that the installed Python pickles now, and a file that Python 2.7 wrote.
# `./dev demo` builds first and then runs this.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
python=$root/.venv/bin/python
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PATH=$root/build/bin:$PATH

title() { printf '\n\033[1m# %s\033[0m\n' "$*"; }
# run COMMAND...: show it as one would type it, then run it.
run() { printf '\033[2m$ %s\033[0m\n' "${*/#$python/python3}"; "$@"; }
# head_of N COMMAND...: the same, of which only the first N lines matter here.
head_of() {
  local lines=$1; shift
  printf '\033[2m$ %s | head -%s\033[0m\n' "$*" "$lines"
  "$@" >"$work/out"
  head -n "$lines" "$work/out"
}

cd "$work"
cp "$root/examples/objects.py" "$root/examples/python2.pkl" .
title "Python pickles a list of 100 dataclass instances, and a nested dict"
run "$python" objects.py make .

title "What is in them? Nothing is imported and nothing is run"
run cppickle show settings.pkl
head_of 15 cppickle show --path '[1]' records.pkl
run cppickle stat records.pkl

title "A file from Python 2.7: an old-style instance, byte strings, a cycle"
run cppickle show python2.pkl
head_of 12 cppickle dis python2.pkl

title "To JSON and back: the same bytes"
run cppickle convert --to json settings.pkl -o settings.json
run cppickle convert --to pickle settings.json -o back.pkl
run cmp settings.pkl back.pkl && echo "identical"

title "Written again for an old protocol: Python loads an equal object"
run cppickle convert --to pickle --protocol 2 records.pkl -o records2.pkl
run "$python" objects.py same records.pkl records2.pkl

title "Without the memo entries that nothing fetches: smaller, and equal"
run cppickle optimize records.pkl -o small.pkl
run "$python" objects.py same records.pkl small.pkl
wc -c records.pkl small.pkl | head -2
