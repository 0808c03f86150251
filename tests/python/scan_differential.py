"""Compares what the scanner sees in a pickle with what CPython does: `python scan_differential.py TOOL --count N`.

CPython's own Unpickler runs with a find_class that returns recorders: classes whose metaclass notes every call, state,
item and hash. Nothing is imported and nothing else is run. What it notes must equal the scanner's events where the
pickle loads, and otherwise be the beginning of them. Runs under any Python from 3.6 on, with the standard library only.
"""
import argparse
import collections
import copyreg
import io
import json
import pathlib
import pickle
import random
import resource
import struct
import subprocess
import sys

EXTENSIONS = range(1, 64)
BATCH = 2000


# --- What CPython does ---------------------------------------------------------------------------------------------------

class Recorder(type):
    """The type of every class that find_class returns. Whatever is done with one is noted."""

    events = []

    def note(cls, what):
        Recorder.events.append((what, cls.subject))
        return RESULT

    def __call__(cls, *args, **keywords):
        return cls.note('call')

    def __setstate__(cls, state):
        cls.note('build')

    def append(cls, item):
        cls.note('items')

    def extend(cls, items):
        cls.note('items')

    def add(cls, item):
        cls.note('items')

    def __setitem__(cls, key, value):
        cls.note('items')

    def __hash__(cls):
        cls.note('key')
        return id(cls)


def make_new(cls, *args, **keywords):
    return cls.note('call')


def make_recorder(subject):
    return type.__new__(Recorder, 'recorder', (), {'subject': subject, '__new__': make_new})


RESULT = make_recorder('?')  # of every call


class StubUnpickler(pickle.Unpickler):
    recorders = {}

    def find_class(self, module, name):
        if module == 'scan_extension':
            Recorder.events.append(('extension', name[len('name'):]))
            return RESULT
        subject = '%s %s' % (module, name)
        Recorder.events.append(('import', subject))
        if subject not in self.recorders:
            self.recorders[subject] = make_recorder(subject)
        return self.recorders[subject]

    def persistent_load(self, identity):
        Recorder.events.append(('persistent-id', '?'))
        return RESULT


def what_python_does(data):
    """The events, and the error's type or None."""
    Recorder.events = []
    copyreg._extension_cache.clear()
    getattr(copyreg, 'clear_extension_cache', lambda: None)()
    try:
        StubUnpickler(io.BytesIO(data)).load()
        error = None
    except BaseException as caught:  # any at all: MemoryError, RecursionError
        error = type(caught).__name__
    return Recorder.events, error


# --- What the scanner sees -----------------------------------------------------------------------------------------------

def escaped(text):
    data = text.encode('utf-8', 'surrogatepass')
    return ''.join(chr(b) if 32 <= b <= 126 and b != 92 else '\\x%02x' % b for b in data)


def what_the_scanner_sees(tool, pickles):
    data = b''.join(struct.pack('<I', len(one)) + one for one in pickles)
    lines = subprocess.run([tool], input=data, stdout=subprocess.PIPE, check=True).stdout.decode('ascii').splitlines()
    events, answers = [], []
    for line in lines:
        what, subject = line.split(' ', 1)
        if what == 'end':
            answers.append((events, subject))
            events = []
        else:
            events.append(('call' if what == 'new' else what, subject))
    assert len(answers) == len(pickles)
    return answers


def merged(events):
    """Without repetitions: many items of an operation are one event to the scanner, and copyreg remembers extensions."""
    found, extensions = [], set()
    for event in events:
        if event[0] == 'extension':
            if event in extensions:
                continue
            extensions.add(event)
        if not found or event != found[-1]:
            found.append(event)
    return found


# --- Pickles -------------------------------------------------------------------------------------------------------------

NAMES = [('os', 'system'), ('builtins', 'eval'), ('a.b', 'C'), ('__builtin__', 'set'), ('copy_reg', '_reconstructor'),
         ('m', 'x.y'), ('collections', 'OrderedDict')]
ATOMS = [b'N', b'\x88', b'\x89', b'K\x01', b'J\xff\xff\xff\xff', b'I5\n', b'I01\n', b'L7L\n', b'F1.5\n',
         b'G?\xf8\x00\x00\x00\x00\x00\x00', b'\x8c\x01a', b'X\x01\x00\x00\x00b', b"S'c'\n", b'Vd\n', b'U\x01e', b'C\x01f',
         b'B\x01\x00\x00\x00g', b')', b']', b'}', b'\x8f', b'\x8a\x01\x05', b'\x96\x01\x00\x00\x00\x00\x00\x00\x00h']


class Writer:
    """Makes up streams that are mostly right: it knows how high the stack is."""

    def __init__(self, dice):
        self.dice = dice
        self.out = bytearray()
        self.depths = [0]
        self.memo = 0

    def push(self, code):
        self.out += code
        self.depths[-1] += 1

    def atom(self):
        self.push(self.dice.choice(ATOMS))

    def name(self):
        module, name = self.dice.choice(NAMES)
        if self.dice.random() < 0.5:
            self.push(b'c' + module.encode() + b'\n' + name.encode() + b'\n')
        else:
            self.text(module)
            self.text(name)
            self.out += b'\x93'
            self.depths[-1] -= 1

    def text(self, text):
        self.push(b'\x8c' + bytes([len(text)]) + text.encode())

    def take(self, code, count, leaves=1):
        """An opcode that takes values, which are made first if there are too few."""
        while self.depths[-1] < count:
            self.dice.choice((self.atom, self.atom, self.name))()
        self.out += code
        self.depths[-1] += leaves - count

    def mark(self):
        self.out += b'('
        self.depths.append(0)

    def close(self, code, needs, even=False):
        """An opcode that takes everything above the last mark, and `needs` values below it."""
        while len(self.depths) < 2 or self.depths[-2] < needs:
            self.depths = self.depths or [0]
            if len(self.depths) > 1:
                self.out += b'1'
                self.depths.pop()
            else:
                self.dice.choice((self.atom, self.name))()
                if self.depths[0] >= needs:
                    self.mark()
        if even and self.depths[-1] % 2:
            self.atom()
        self.depths.pop()
        self.out += code
        self.depths[-1] += 1 - needs

    def reduce(self):
        self.name()
        self.tuple()
        self.take(self.dice.choice((b'R', b'\x81')), 2)

    def tuple(self):
        count = self.dice.randrange(4)
        for _ in range(count):
            self.dice.choice((self.atom, self.atom, self.atom, self.name))()
        self.out += (b')', b'\x85', b'\x86', b'\x87')[count]
        self.depths[-1] += 1 - count

    def instance(self):
        if self.dice.random() < 0.5:
            self.mark()
            self.name()
            for _ in range(self.dice.randrange(3)):
                self.atom()
            self.close(b'o', 0)
        else:
            self.mark()
            for _ in range(self.dice.randrange(3)):
                self.atom()
            module, name = self.dice.choice(NAMES)
            self.close(b'i' + module.encode() + b'\n' + name.encode() + b'\n', 0)

    def remember(self):
        if self.depths[-1]:
            form = self.dice.randrange(4)
            key = self.memo if self.dice.random() < 0.9 else self.dice.randrange(300)
            self.out += (b'\x94', b'q' + bytes([key & 255]), b'r' + struct.pack('<I', key), b'p%d\n' % key)[form]
            self.memo += 1

    def recall(self):
        if self.memo:
            key = self.dice.randrange(self.memo)
            self.push(self.dice.choice((b'h' + bytes([key & 255]), b'j' + struct.pack('<I', key), b'g%d\n' % key)))

    def extension(self):
        self.push(b'\x82' + bytes([self.dice.randrange(1, 70)]))

    def persistent(self):
        if self.dice.random() < 0.3:
            self.push(b'Pid\n')
        else:
            self.take(b'Q', 1)

    def step(self):
        dice = self.dice
        dice.choice((
            self.atom, self.atom, self.atom, self.name, self.reduce, self.reduce, self.tuple, self.instance, self.mark,
            self.remember, self.remember, self.recall, self.extension, self.persistent,
            lambda: self.take(b'a', 2), lambda: self.take(b's', 3), lambda: self.take(b'b', 2), lambda: self.take(b'R', 2),
            lambda: self.take(b'\x81', 2), lambda: self.take(b'\x92', 3), lambda: self.take(b'0', 1, 0),
            lambda: self.take(b'2', 1, 2), lambda: self.take(b'\x86', 2), lambda: self.take(b'\x85', 1),
            lambda: self.close(b'e', 1), lambda: self.close(b'u', 1, True), lambda: self.close(b'\x90', 1),
            lambda: self.close(b't', 0), lambda: self.close(b'l', 0), lambda: self.close(b'd', 0, True),
            lambda: self.close(b'\x91', 0), lambda: self.close(b'1', 0) if dice.random() < 0.1 else None))()

    def pickle(self):
        if self.dice.random() < 0.8:
            self.out += b'\x80' + bytes([self.dice.choice((0, 1, 2, 3, 4, 5))])
        for _ in range(self.dice.randrange(1, 25)):
            self.step()
        if not self.depths[-1]:
            self.name()
        return bytes(self.out + b'.')


class Plain:
    def __init__(self):
        self.a, self.b = 1, [2.5, 'x']


def real_pickles():
    """What a pickler writes, as seeds."""
    values = [1, 'text', b'bytes', [1, [2, (3,)]], {'a': {'b': {1, 2}}}, (None, True, 1.5, 1 << 80), Plain(),
              [Plain(), Plain()], collections.OrderedDict(a=1, b=2), collections.Counter('abc'), frozenset((1, 'x')),
              complex(1, 2), range(3), bytearray(b'xyz'), len, dict, {(1, 2): Plain}, ValueError('x')]
    shared = [1]
    values.append([shared, shared, {'s': shared}])
    return [pickle.dumps(value, protocol) for value in values for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]


def mutated(data, dice):
    data = bytearray(data)
    for _ in range(dice.choice((0, 1, 1, 1, 2, 4))):
        at = dice.randrange(len(data))
        kind = dice.randrange(5)
        if kind == 0:
            data[at] = dice.randrange(256)
        elif kind == 1:
            data[at] = dice.choice(b'(.0125BCFGIJKLMNPQRSTUVX]abcdeghijlopqrstu}\x80\x81\x82\x85\x86\x87\x8c\x8f\x90\x91\x93\x94\x95')
        elif kind == 2:
            del data[at:at + dice.randrange(1, 4)]
        elif kind == 3:
            data[at:at] = dice.choice(ATOMS + [b'(', b'0', b'2', b'R', b'b', b'h\0', b'Q', b'.'])
        else:
            other = dice.randrange(len(data))
            data[at:at] = data[other:other + dice.randrange(1, 12)]
        if not data:
            return b'.'
    return bytes(data)


def is_heavy(data):
    """True for what would take CPython minutes: its memo is as large as the largest key."""
    return any(data[i] == 0x72 and struct.unpack('<I', data[i + 1:i + 5])[0] > 1_000_000
               for i in range(len(data) - 4))


def pickles(seed):
    dice = random.Random(seed)
    seeds = real_pickles()
    while True:
        made = mutated(dice.choice(seeds) if dice.random() < 0.4 else Writer(dice).pickle(), dice)
        if not is_heavy(made):
            yield made


# --- The comparison ------------------------------------------------------------------------------------------------------

class Tally:
    def __init__(self):
        self.compared = self.loaded = self.with_events = 0
        self.refused = collections.Counter()  # reasons of ours, where CPython loads
        self.counterexamples = []

    def compare(self, data, answer):
        ours, code = merged(answer[0]), answer[1]
        theirs, error = what_python_does(data)
        theirs = merged([(what, escaped(subject)) for what, subject in theirs])
        self.compared += 1
        self.with_events += bool(theirs)
        self.loaded += error is None
        if code != 'good':
            # Refused: nothing is promised, and the file is not called safe. What was seen before must be right.
            if error is None:
                self.refused[code] += 1
            short, long = sorted((ours, theirs), key=len)
            good = long[:len(short)] == short
        elif error is None:
            good = ours == theirs
        else:
            good = ours[:len(theirs)] == theirs
        if not good:
            self.counterexamples.append({'pickle': repr(data), 'ours': ours, 'code': code, 'theirs': theirs, 'error': error})


def run(tool, count, seed):
    for code in EXTENSIONS:
        copyreg.add_extension('scan_extension', 'name%d' % code, code)
    tally = Tally()
    source = pickles(seed)
    while tally.compared < count and len(tally.counterexamples) < 20:
        batch = [next(source) for _ in range(min(BATCH, count - tally.compared))]
        for data, answer in zip(batch, what_the_scanner_sees(tool, batch)):
            tally.compare(data, answer)
    return tally


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('tool', type=pathlib.Path, help='build/bin/scan_events')
    parser.add_argument('--count', type=int, default=20_000)
    parser.add_argument('--seed', type=int, default=1)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    tally = run(str(options.tool), options.count, options.seed)
    print(json.dumps({'python': sys.version.split()[0], 'compared': tally.compared, 'loaded': tally.loaded,
                      'with events': tally.with_events, 'refused': dict(tally.refused),
                      'counterexamples': tally.counterexamples}, indent=1))
    return 1 if tally.counterexamples else 0


if __name__ == '__main__':
    sys.exit(main())
