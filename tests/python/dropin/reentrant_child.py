"""Uses one pickler or unpickler inside a hook that it calls itself, in a process of its own: reentrant_child.py CASE."""
import _pickle
import collections
import io
import sys

import under_test


def attempt(function, *arguments):
    try:
        function(*arguments)
    except Exception:
        pass


def pickle_with(module, action):
    for protocol in range(6):
        class Pickler(module.Pickler):
            calls = 0

            def persistent_id(self, obj):
                if obj == 'again' and self.calls < 5:
                    self.calls += 1
                    attempt(action, self, protocol)
                return None
        pickler = Pickler(io.BytesIO(), protocol)
        value = [['x' * 50, 'again', ['y' * 50]] * 3, {'again': 'z' * 50}, list(range(2000)), 'again', b'w' * 100_000]
        for _ in range(3):
            attempt(pickler.dump, value)


def load_with(module, action):
    for protocol in range(6):
        class Unpickler(module.Unpickler):
            calls = 0

            def find_class(self, where, name):
                if self.calls < 5:
                    self.calls += 1
                    attempt(action, self)
                return super().find_class(where, name)
        value = ['x' * 50, collections.OrderedDict, ['y' * 50], {'k': collections.deque([1, 'z'])}, 'x' * 50] * 3
        unpickler = Unpickler(io.BytesIO(_pickle.dumps(value, protocol) * 3))
        for _ in range(4):
            attempt(unpickler.load)


def set_memo(unpickler):
    unpickler.memo = {}


CASES = {
    'dump_in_persistent_id': (pickle_with, lambda pickler, protocol: pickler.dump(['inner', 'v' * 90_000])),
    'init_in_persistent_id': (pickle_with, lambda pickler, protocol: pickler.__init__(io.BytesIO(), protocol)),
    'clear_in_persistent_id': (pickle_with, lambda pickler, protocol: pickler.clear_memo()),
    'load_in_find_class': (load_with, lambda unpickler: unpickler.load()),
    'init_in_find_class': (load_with, lambda unpickler: unpickler.__init__(io.BytesIO(_pickle.dumps([1] * 50, 4)))),
    'memo_in_find_class': (load_with, set_memo),
}

run, act = CASES[sys.argv[1]]
run(under_test.import_module(), act)
