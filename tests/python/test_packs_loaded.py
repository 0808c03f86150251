"""Loads what the packs accept, with the genuine libraries, under an audit hook: nothing is opened, started or connected."""
import json
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent

# A hook stays for the life of its process, so this runs in one of its own. Each pickle is loaded once before, for what its
# libraries import and cache when they are first used.
UNDER_AUDIT = r'''
import json, pickle, sys, warnings, zoneinfo
warnings.simplefilter('ignore')
sys.path.insert(0, sys.argv[1])
import packs_samples

events, listening = [], False
# Naming classes is what is judged; compiling and running code objects belongs to what scipy and namedtuples do themselves.
HARMLESS = ('pickle.find_class', 'object.__getattr__', 'object.__setattr__', 'object.__delattr__', 'code.__new__', 'compile', 'exec',
            'sys._getframe', 'marshal.loads', 'builtins.id', 'array.__new__', 'function.__new__')


def is_time_zone(event, arguments):
    """A zone's file, whose name the model zone_key has checked."""
    return event == 'open' and str(arguments[0]).startswith(zoneinfo.TZPATH)


def hook(event, arguments):
    if listening and is_time_zone(event, arguments):
        return
    if listening and event not in HARMLESS and not event.startswith(('gc.', 'cpython.')):
        events.append((event, repr(arguments)[:200]))


samples = [(label, data() if callable(data) else data) for label, data in packs_samples.ACCEPTED]
for _, data in samples:
    pickle.loads(data)
sys.addaudithook(hook)
found = {}
for label, data in samples:
    events, listening = [], True
    pickle.loads(data)
    listening = False
    if events:
        found[label] = events[:5]
json.dump({'loaded': len(samples), 'found': found}, sys.stdout)
'''


def test_accepted_pickles_only_make_values():
    pytest.importorskip('pandas')
    done = subprocess.run([sys.executable, '-c', UNDER_AUDIT, HERE], stdout=subprocess.PIPE, check=True)
    told = json.loads(done.stdout)
    assert told['loaded'] >= 1000
    assert told['found'] == {}
