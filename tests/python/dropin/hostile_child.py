"""Loads many streams in a process of its own and says what came of each.

    hostile_child.py compare < [[name, hex], ...]    with the module under test and _pickle; prints what differs, as JSON
    hostile_child.py memory HEX                      with the module; prints the growth of RSS in KB, and the outcome

Memory is capped, and nothing can be imported but a few harmless names.
"""
import _pickle
import io
import json
import os
import resource
import sys

import under_test

CAP = 1 << 30
HARMLESS = {('builtins', name) for name in
            ('list', 'dict', 'set', 'frozenset', 'complex', 'bytearray', 'object', 'range', 'int', 'str', 'slice')}
HARMLESS |= {('collections', 'OrderedDict'), ('collections', 'deque'), ('datetime', 'date'), ('datetime', 'timedelta'),
             ('decimal', 'Decimal'), ('_codecs', 'encode'), ('copyreg', '_reconstructor'), ('hostile_samples', 'Sample')}


class Forbidden(Exception):
    """A name that no test may import."""


def restricted(base):
    class Restricted(base):
        def find_class(self, where, name):
            if (where, name) not in HARMLESS:
                raise Forbidden(where, name)
            return super().find_class(where, name)

        def persistent_load(self, name):
            return ('persistent', name)
    return Restricted


def outcome(unpickler, data):
    """A text that is the same for equal outcomes. RecursionError and MemoryError are one: both say `too much`."""
    file = io.BytesIO(data)
    try:
        value = unpickler(file).load()
    except (RecursionError, MemoryError):
        return 'raises: too much'
    except Exception as error:
        return 'raises ' + type(error).__name__
    try:
        # Types, values and sharing in one.
        written = _pickle.dumps(value, 4).hex()
    except Exception as error:
        written = 'not dumped: %s of %s' % (type(error).__name__, type(value).__name__)
    return 'at %d: %s' % (file.tell(), written)


def compare(module):
    ours, theirs = restricted(module.Unpickler), restricted(_pickle.Unpickler)
    compared = 0
    for line in sys.stdin:
        name, text = json.loads(line)
        data = bytes.fromhex(text)
        # Flushed before the load, so that a crash is known by its stream.
        print(json.dumps({'running': name, 'data': text}), file=sys.stderr, flush=True)
        found, expected = outcome(ours, data), outcome(theirs, data)
        compared += 1
        # A memo index costs _pickle as much memory as it is large; ours it costs nothing, so it may load what _pickle can't.
        if found != expected and expected != 'raises: too much':
            print(json.dumps({'name': name, 'data': text, 'found': found[:300], 'expected': expected[:300]}))
    print(json.dumps({'compared': compared}))


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def memory(module, data):
    module.loads(_pickle.dumps([1], 4))
    before = peak()
    what = outcome(module.Unpickler, data)
    through_file = peak() - before
    try:
        module.loads(data)
    except Exception:
        pass
    print(json.dumps({'growth': max(through_file, peak() - before), 'outcome': what[:200]}))


def main():
    module = under_test.import_module()
    if 'libasan' not in os.environ.get('LD_PRELOAD', ''):  # which takes terabytes of addresses
        resource.setrlimit(resource.RLIMIT_AS, (CAP, CAP))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.argv[1] == 'compare':
        compare(module)
    else:
        memory(module, bytes.fromhex(sys.argv[2]))
    sys.stdout.flush()
    os._exit(0)  # what a hostile stream made need not be torn down


if __name__ == '__main__':
    main()
