#!/usr/bin/env python3
"""Records which names genuine pickles of a library use, in which roles, and what kind of class each name is.

    record.py OUT.json                         makes the samples of sklearn_samples.py here and reads them
    record.py OUT.json --read LABEL FOLDER...  reads the pickles and joblib files under the folders; loads nothing
    record.py OUT.json --facts NAMES           the kinds of the names that other environments saw, one a line in a file

Runs on CPython 3.6 to 3.13 with nothing but the library under test. A pickle is read by the small symbolic machine
below (over pickletools.genops), never loaded: what is evidence for the allow packs must be what the bytes say.
make_packs.py merges the JSON of several environments.
"""

import argparse
import collections
import hashlib
import importlib
import inspect
import io
import json
import os
import pickle
import pickletools
import platform
import re
import sys
import textwrap
import time
import types
import warnings
import zlib

try:
    from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
except ImportError:
    IMPORT_MAPPING, NAME_MAPPING = {}, {}

SHAPES_KEPT = 60  # for each name and role; more adds nothing for the person who writes the pattern
LITERALS = {
    'NONE': 'none', 'NEWTRUE': 'bool', 'NEWFALSE': 'bool', 'INT': 'int', 'BININT': 'int', 'BININT1': 'int',
    'BININT2': 'int', 'LONG': 'int', 'LONG1': 'int', 'LONG4': 'int', 'FLOAT': 'float', 'BINFLOAT': 'float',
    'STRING': 'str', 'BINSTRING': 'str', 'SHORT_BINSTRING': 'str', 'UNICODE': 'str', 'BINUNICODE': 'str',
    'SHORT_BINUNICODE': 'str', 'BINUNICODE8': 'str', 'BINBYTES': 'bytes', 'SHORT_BINBYTES': 'bytes',
    'BINBYTES8': 'bytes', 'BYTEARRAY8': 'bytearray',
}
IGNORED = ('PROTO', 'FRAME', 'READONLY_BUFFER')
MARK = object()


class Node(object):
    """One symbolic value. kind: literal, tuple, list, dict, set, frozenset, global, or made (by new or call).

    name: the literal's type, the global's name, or the class or function that made the value. parts: the literal's
    value, the items (pairs for a dict), or the arguments."""

    __slots__ = ('kind', 'name', 'parts', 'how', 'states', 'items', 'extra')

    def __init__(self, kind, name='', parts=(), how=''):
        self.kind = kind
        self.name = name
        self.parts = parts
        self.how = how
        self.states = []
        self.items = []
        self.extra = None


# ---- reading -------------------------------------------------------------------------------------------------------


class Machine(object):
    """Runs one pickle (or a joblib file without compression) over symbolic values.

    `made` lists all instances, `roots` the object arrays of a joblib file."""

    def __init__(self, data):
        self.file = io.BytesIO(data)
        self.stack = []
        self.memo = {}
        self.made = []
        self.roots = []
        self.protocol = 0

    def run(self):
        """The root; raises ValueError or IndexError where the bytes are not what a pickler writes."""
        for opcode, argument, _ in pickletools.genops(self.file):
            name = opcode.name
            self.protocol = max(self.protocol, opcode.proto)
            if name == 'STOP':
                return self.stack.pop()
            if name in LITERALS:
                value = argument if isinstance(argument, (str, int)) else None
                self.stack.append(Node('literal', LITERALS[name], value))
            elif name not in IGNORED:
                getattr(self, 'do_' + name)(argument)
        raise ValueError('no STOP')

    def since_mark(self):
        at = len(self.stack) - 1
        while self.stack[at] is not MARK:
            at -= 1
        items = self.stack[at + 1:]
        del self.stack[at:]
        return items

    def pop_many(self, count):
        items = self.stack[-count:]
        del self.stack[-count:]
        return items

    def push(self, kind, parts):
        self.stack.append(Node(kind, parts=parts))

    def do_MARK(self, _):
        self.stack.append(MARK)

    def do_POP(self, _):
        self.stack.pop()

    def do_POP_MARK(self, _):
        self.since_mark()

    def do_DUP(self, _):
        self.stack.append(self.stack[-1])

    # containers

    def do_EMPTY_TUPLE(self, _):
        self.push('tuple', [])

    def do_EMPTY_LIST(self, _):
        self.push('list', [])

    def do_EMPTY_DICT(self, _):
        self.push('dict', [])

    def do_EMPTY_SET(self, _):
        self.push('set', [])

    def do_TUPLE(self, _):
        self.push('tuple', self.since_mark())

    def do_TUPLE1(self, _):
        self.push('tuple', self.pop_many(1))

    def do_TUPLE2(self, _):
        self.push('tuple', self.pop_many(2))

    def do_TUPLE3(self, _):
        self.push('tuple', self.pop_many(3))

    def do_LIST(self, _):
        self.push('list', self.since_mark())

    def do_FROZENSET(self, _):
        self.push('frozenset', self.since_mark())

    def do_DICT(self, _):
        self.push('dict', pairs(self.since_mark()))

    def add(self, items):
        target = self.stack[-1]
        (target.items if target.kind == 'made' else target.parts).extend(items)

    def do_APPEND(self, _):
        self.add(self.pop_many(1))

    def do_APPENDS(self, _):
        self.add(self.since_mark())

    def do_ADDITEMS(self, _):
        self.add(self.since_mark())

    def do_SETITEM(self, _):
        self.add(pairs(self.pop_many(2)))

    def do_SETITEMS(self, _):
        self.add(pairs(self.since_mark()))

    # the memo

    def do_MEMOIZE(self, _):
        self.memo[len(self.memo)] = self.stack[-1]

    def do_PUT(self, index):
        self.memo[index] = self.stack[-1]

    do_BINPUT = do_LONG_BINPUT = do_PUT

    def do_GET(self, index):
        self.stack.append(self.memo[index])

    do_BINGET = do_LONG_BINGET = do_GET

    # names and instances

    def do_GLOBAL(self, argument):
        module, name = argument.split(' ')
        self.stack.append(Node('global', global_name(module, name, self.protocol)))

    def do_STACK_GLOBAL(self, _):
        module, name = self.pop_many(2)
        self.stack.append(Node('global', module.parts + ':' + name.parts))

    def make(self, callee, arguments, how):
        if callee.kind != 'global':
            raise ValueError('a call of what is no name')
        node = Node('made', callee.name, arguments, how)
        if callee.name == 'copyreg:_reconstructor' and how == 'call':
            node.extra = Node('made', arguments[0].name, [], 'new')
            node.name = arguments[0].name
        self.made.append(node)
        self.stack.append(node)

    def do_REDUCE(self, _):
        callee, arguments = self.pop_many(2)
        self.make(callee, arguments.parts, 'call')

    def do_NEWOBJ(self, _):
        callee, arguments = self.pop_many(2)
        self.make(callee, arguments.parts, 'new')

    def do_NEWOBJ_EX(self, _):
        callee, arguments, keywords = self.pop_many(3)
        self.make(callee, list(arguments.parts) + [keywords], 'new')

    def do_INST(self, argument):
        self.do_GLOBAL(argument)
        callee = self.stack.pop()
        self.make(callee, self.since_mark(), 'call')

    def do_OBJ(self, _):
        callee, *arguments = self.since_mark()
        self.make(callee, arguments, 'call')

    def do_BUILD(self, _):
        state = self.stack.pop()
        target = self.stack[-1]
        target.states.append(state)
        if target.name.endswith('.numpy_pickle:NumpyArrayWrapper'):
            self.skip_array(state)

    def skip_array(self, state):
        """joblib writes the array's bytes, or a pickle of an object array, right behind the wrapper's BUILD."""
        fields = dict((key.parts, value) for key, value in state.parts)
        size = itemsize(fields['dtype'])
        if size is None:
            inner = Machine(b'')
            inner.file = self.file
            self.roots += [inner.run()] + inner.roots
            self.made.extend(inner.made)
            return
        for length in fields['shape'].parts:
            size *= length.parts
        if 'numpy_array_alignment_bytes' in fields:
            padding = self.file.read(1)[0]
            self.file.seek(padding, 1)
        self.file.seek(size, 1)


def pairs(items):
    return list(zip(items[::2], items[1::2]))


def itemsize(dtype):
    """The bytes of one item of a pickled numpy dtype; None where it holds objects."""
    code = dtype.parts[0].parts
    if code.startswith('O'):
        return None
    size = int(re.search(r'[0-9]+', code).group())
    return 4 * size if code.startswith('U') else size


def global_name(module, name, protocol):
    """The name as packs have it: what Python 2 would write (protocols 0 to 2) under its Python 3 name."""
    if protocol < 3:
        module, name = NAME_MAPPING.get((module, name), (IMPORT_MAPPING.get(module, module), name))
    return module + ':' + name


# ---- roles ---------------------------------------------------------------------------------------------------------


def shape_of(node, depth=2):
    """A short description of a value, close to the packs' patterns."""
    if node.kind == 'literal':
        if node.name == 'str' and depth == 2 and node.parts is not None and len(node.parts) < 12:
            return repr(node.parts)
        return node.name
    if node.kind == 'global':
        return '=' + node.name
    if node.kind == 'made':
        return 'object(%s)' % node.name
    if depth == 0:
        return node.kind
    if node.kind == 'dict':
        return 'dict(%s: %s)' % (union(k for k, _ in node.parts), union(v for _, v in node.parts))
    if node.kind == 'tuple' and len(node.parts) < 12:
        return 'tuple(%s)' % ', '.join(shape_of(part, depth - 1) for part in node.parts)
    return '%s(%s)' % (node.kind, union(node.parts))


def union(nodes):
    """The shapes of many values, without depth."""
    return ' | '.join(sorted(set(shape_of(node, 0) for node in nodes))[:6])


class Evidence(object):
    """Names, their roles, and the shapes that were seen in each role."""

    def __init__(self):
        self.names = collections.defaultdict(lambda: collections.defaultdict(set))
        self.origins = {}

    def note(self, name, role, shape, origin):
        shapes = self.names[name][role]
        if len(shapes) < SHAPES_KEPT:
            shapes.add(shape[:300])
        self.origins.setdefault(name, origin)

    def read(self, data, origin):
        """Adds what one pickle uses."""
        machine = Machine(data)
        root = machine.run()
        walk = Walk(self, origin)
        for value in [root] + machine.roots:
            walk.value(value, 'root')
        for node in machine.made:
            walk.value(node, 'made')
        walk.run()

    def to_json(self):
        return dict((name, dict((role, sorted(shapes)) for role, shapes in roles.items()))
                    for name, roles in self.names.items())


class Walk(object):
    """Goes once over every value of a pickle, noting for each name what is done with it."""

    def __init__(self, evidence, origin):
        self.evidence = evidence
        self.origin = origin
        self.seen = {}
        self.waiting = []

    def note(self, name, role, shape=''):
        self.evidence.note(name, role, shape, self.origin)

    def value(self, node, where):
        """`where`: what holds the value: 'made', 'key', 'argument CALLEE#i', or else a plain value."""
        if node.kind == 'global':
            role = {'made': 'value', 'root': 'value', 'state': 'value', 'item': 'value'}.get(where, where)
            self.note(node.name, role)
            if role == 'key':
                self.note(node.name, 'value')
            return
        if where == 'key' and node.kind == 'made':
            self.note(node.name, 'key')
        if id(node) not in self.seen:
            self.seen[id(node)] = node
            self.waiting.append((node, where))

    def run(self):
        while self.waiting:
            node, where = self.waiting.pop()
            if node.kind == 'made':
                self.instance(node)
            elif node.kind == 'dict':
                for key, item in node.parts:
                    self.value(key, 'key')
                    self.value(item, where if where.startswith('arg-of') else 'item')
            elif node.kind in ('set', 'frozenset'):
                for item in node.parts:
                    self.value(item, 'key')
            elif node.kind != 'literal':
                for item in node.parts:
                    self.value(item, where if where.startswith(('arg-of', 'key')) else 'item')

    def instance(self, node):
        callee = node.name
        if node.extra is not None:  # copyreg._reconstructor(class, base, state)
            self.note(callee, 'new', '')
            self.note(callee, 'reconstructor-base', ', '.join(shape_of(part) for part in node.parts[1:]))
            callee = 'copyreg:_reconstructor'
            self.note(callee, 'call', 'class, ' + ', '.join(shape_of(part) for part in node.parts[1:]))
        else:
            self.note(callee, node.how, ', '.join(shape_of(part) for part in node.parts))
        if callee == 'builtins:getattr' and node.parts[0].kind == 'made':  # a bound method
            self.note(node.parts[0].name, 'methods', node.parts[1].parts)
        for index, part in enumerate(node.parts):
            self.value(part, 'arg-of:%s#%d' % (callee, index))
        for state in node.states:
            self.note(node.name, 'build', shape_of(state))
            self.value(state, 'state')
        for item in node.items:
            if isinstance(item, tuple):
                self.note(node.name, 'items', '%s: %s' % (shape_of(item[0], 1), shape_of(item[1], 1)))
                self.value(item[0], 'key')
                self.value(item[1], 'item')
            else:
                self.note(node.name, 'items', shape_of(item, 1))
                self.value(item, 'item')


# ---- structure -----------------------------------------------------------------------------------------------------

HOOKS = ('__setattr__', '__getattr__', '__getattribute__', '__delattr__', '__del__', '__dict__', '__class__')
CDEF_MARKS = ('__pyx_vtable__', '__reduce_cython__', '__setstate_cython__')
PLAIN_METACLASSES = ('builtins:type', 'abc:ABCMeta')
HEAP_TYPE = 1 << 9


def full_name(thing):
    return '%s:%s' % (getattr(thing, '__module__', '?'), getattr(thing, '__qualname__', '?'))


def resolve(name):
    """The object that a name stands for: this imports, so only names that this environment itself pickled."""
    module, _, path = name.partition(':')
    thing = importlib.import_module(module)
    for part in path.split('.'):
        thing = getattr(thing, part)
    return thing


def source_hash(function):
    """SHA-256 of the text of a function, moved to the left margin; None where there is none."""
    try:
        text = textwrap.dedent(inspect.getsource(function)).rstrip()
    except (TypeError, OSError, IOError):
        return None
    return hashlib.sha256(text.encode('utf-8')).hexdigest()


def is_python_class(cls):
    """Written in Python: allocated as such, without Cython's marks, in a module that is a .py file."""
    if not cls.__flags__ & HEAP_TYPE or any(mark in vars(cls) for mark in CDEF_MARKS):
        return False
    path = getattr(sys.modules.get(cls.__module__), '__file__', None) or ''
    return path.endswith('.py')


def is_hook(owner, attribute):
    """Whether a class intercepts attribute access or destruction; every class has a plain `__dict__` slot."""
    found = vars(owner).get(attribute)
    plain_slot = attribute == '__dict__' and isinstance(found, types.GetSetDescriptorType)
    return found is not None and not plain_slot


def class_facts(cls):
    """What decides whether construction and BUILD of a class can run code of the library."""
    above_object = [base for base in cls.__mro__ if base is not object]
    found = {
        'is_class': True,
        'own_name': full_name(cls),
        'new_is_object': cls.__new__ is object.__new__,
        'setstate': [[full_name(base), source_hash(vars(base)['__setstate__'])]
                     for base in above_object if '__setstate__' in vars(base)],
        'hooks': sorted(full_name(base) + '.' + hook for base in above_object for hook in HOOKS if is_hook(base, hook)),
        'metaclass': full_name(type(cls)),
        'eq_hash': sorted(full_name(base) + '.' + name for base in above_object for name in ('__eq__', '__hash__')
                          if name in vars(base)),
        'foreign_bases': [full_name(base) for base in above_object if not is_python_class(base)],
        'slots': sorted(full_name(base) for base in above_object if vars(base).get('__slots__')),
        'has_dict': cls.__dictoffset__ != 0,
    }
    found['bases'] = [full_name(base) for base in above_object[1:]]
    return found


def facts_of(name):
    try:
        thing = resolve(name)
    except Exception as error:  # a name that a pickle has and its own environment lacks is for a person to see
        return {'missing': '%s: %s' % (type(error).__name__, error)}
    if isinstance(thing, type):
        return class_facts(thing)
    return {'is_class': False, 'type': full_name(type(thing))}


def reasons_not_inert(facts, reviewed):
    """Why the structural rule refuses a class: empty when it holds. `reviewed`: hashes of `__setstate__`."""
    if not facts.get('is_class'):
        return ['not a class']
    reasons = []
    if not facts['new_is_object']:
        reasons.append('own __new__')
    reasons += ['__setstate__ of %s not reviewed (%s)' % (owner, digest) for owner, digest in facts['setstate']
                if digest not in reviewed]
    reasons += facts['hooks']
    if facts['metaclass'] not in PLAIN_METACLASSES:
        reasons.append('metaclass ' + facts['metaclass'])
    reasons += ['base ' + base for base in facts['foreign_bases']]
    if not facts['has_dict']:
        reasons.append('no __dict__')
    return reasons


# ---- the two ways to run -------------------------------------------------------------------------------------------


def environment():
    """Versions, for the provenance of the packs."""
    found = {'python': platform.python_version()}
    for library in ('numpy', 'scipy', 'sklearn', 'joblib', 'pandas'):
        try:
            found[library] = importlib.import_module(library).__version__
        except ImportError:
            pass
    return found


def joblib_bytes(value):
    try:
        from sklearn.externals import joblib
    except ImportError:
        import joblib
    file = io.BytesIO()
    joblib.dump(value, file)
    return file.getvalue()


def streams_of(value, thorough):
    """(what wrote it, bytes) for each way of writing that the value allows."""
    protocols = range(pickle.HIGHEST_PROTOCOL + 1) if thorough else (2, pickle.HIGHEST_PROTOCOL)
    writers = [('protocol %d' % p, lambda p=p: pickle.dumps(value, p)) for p in protocols]
    if thorough:
        writers.append(('joblib', lambda: joblib_bytes(value)))
    for label, write in writers:
        try:
            yield label, write()
        except Exception as error:
            yield '%s: %s: %s' % (label, type(error).__name__, error), None


def record_samples(evidence, only):
    """Makes every sample of this environment; returns the ones that could not be made, pickled or read."""
    import sklearn_samples

    failures = []
    count = 0
    for label, thorough, value in sklearn_samples.samples(failures, only):
        count += 1
        for writer, data in streams_of(value, thorough):
            if data is None:
                failures.append('%s, %s' % (label, writer))
                continue
            try:
                evidence.read(data, label)
            except Exception as error:
                failures.append('%s, %s: not read: %s: %s' % (label, writer, type(error).__name__, error))
    print('%d samples, %d failures' % (count, len(failures)))
    return failures


def record_files(evidence, folders):
    """Reads files without loading them; what is neither a pickle nor a joblib file is a failure that is listed."""
    failures = []
    for folder in folders:
        for parent, _, files in sorted(os.walk(folder)):
            for name in sorted(files):
                if not name.endswith(('.pkl', '.joblib')):
                    continue
                path = os.path.join(parent, name)
                try:
                    with open(path, 'rb') as file:
                        data = file.read()
                    if data.startswith(b'x'):  # joblib with zlib
                        data = zlib.decompress(data)
                    evidence.read(data, os.path.basename(parent) + '/' + name)
                except Exception as error:
                    failures.append('%s: %s: %s' % (path, type(error).__name__, error))
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('out')
    parser.add_argument('--read', nargs='+', metavar='LABEL FOLDER', help='a label, then folders whose files are read')
    parser.add_argument('--facts', metavar='NAMES', help='a file with names; made by make_packs.py --names')
    parser.add_argument('--only', default='', help='only the samples whose label contains this')
    options = parser.parse_args()
    warnings.simplefilter('ignore')
    sys.setrecursionlimit(5000)

    started = time.time()
    evidence = Evidence()
    result = {}
    if options.facts:
        with open(options.facts) as file:
            facts = dict((name, facts_of(name)) for name in file.read().split())
        result = {'failures': [], 'environment': environment(), 'facts': facts}
    elif options.read:
        result['environment'] = {'files': options.read[0]}
        result['failures'] = record_files(evidence, options.read[1:])
    else:
        result['failures'] = record_samples(evidence, options.only)
        result['environment'] = environment()
        result['facts'] = dict((name, facts_of(name)) for name in sorted(evidence.names))
    result['names'] = evidence.to_json()
    result['origins'] = evidence.origins
    with open(options.out, 'w') as file:
        json.dump(result, file, indent=1, sort_keys=True)
    print('%d names in %.0f s -> %s' % (len(evidence.names), time.time() - started, options.out))


if __name__ == '__main__':
    main()
