"""Loads pairs of generated pickles in the Python that wrote them. Nothing else may ever be loaded."""
import json
import subprocess

import generate_corpus

LOADER = generate_corpus.HERE + '/compare_loads.py'


def compare_in(python, pairs):
    """What that Python finds different: {name: words}."""
    done = subprocess.run([python, LOADER], input='\n'.join(map(json.dumps, pairs)), capture_output=True, text=True,
                          env=generate_corpus.environment())
    if done.returncode != 0:
        raise AssertionError('%s %s: exit %d\n%s' % (python, LOADER, done.returncode, done.stderr[-2000:]))
    return dict(map(json.loads, done.stdout.splitlines()))
