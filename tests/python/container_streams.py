"""The pickle streams inside the fixtures' containers, found without the command: what `dis` is compared on."""
import ast
import bz2
import gzip
import io
import lzma
import pickletools
import re
import zipfile
import zlib


class SkippingBytes(io.BytesIO):
    """Bytes whose reader never sees some spans; tell() still says where in the whole it is."""

    def __init__(self, data, spans=()):
        super().__init__(data)
        self.spans = dict(spans)

    def tell(self):
        position = super().tell()
        while position in self.spans:
            position = self.seek(self.spans[position])
        return position


def unpacked(data):
    """Without its compression: gzip, zlib, bz2, xz, lzma, joblib's ZF; the data itself if it has none. None for others."""
    try:
        if data[:2] == b'\x1f\x8b':
            return gzip.decompress(data)
        if data[:3] == b'BZh':
            return bz2.decompress(data)
        if data[:2] in (b'\xfd7', b'\x5d\x00'):
            return lzma.decompress(data)
        if data[:2] == b'ZF':
            return zlib.decompress(data[22 if data[21:22] == b' ' else 21:])
        if data[:1] == b'\x78':
            return zlib.decompress(data)
    except (OSError, EOFError, lzma.LZMAError, zlib.error):
        return None
    return None if data[:4] == b'\x04\x22\x4d\x18' else data


def object_array(data):
    """The pickle in an .npy file, or None."""
    if data[:6] != b'\x93NUMPY':
        return None
    size, start = (int.from_bytes(data[8:10], 'little'), 10) if data[6] == 1 else (int.from_bytes(data[8:12], 'little'), 12)
    header = ast.literal_eval(data[start:start + size].decode('latin-1'))
    return data[start + size:] if 'O' in str(header['descr']) else None


def zip_members(data):
    """(name, bytes) in the order of the file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
            yield info.filename, archive.read(info)


def streams_of(entry):
    """The streams as SkippingBytes, each at its beginning; [] where this module doesn't know the container."""
    data, container = entry['path'].read_bytes(), entry['container']
    if container == 'torch zip':
        return [SkippingBytes(member) for name, member in zip_members(data) if name.endswith('data.pkl')]
    if container == 'npz':
        return [SkippingBytes(found) for _, member in zip_members(data) for found in [object_array(member)] if found]
    if container == 'npy':
        return [SkippingBytes(found) for found in [object_array(data)] if found]
    if container.startswith('torch legacy'):
        return split_pickles(data, 5)
    data = unpacked(data) if container.endswith('pickle') else None
    return [SkippingBytes(data, raw_spans(data))] if data else []


def split_pickles(data, count):
    """The first pickles of a stream, each as a reader of its own that stands at its offset."""
    readers, start = [], 0
    for _ in range(count):
        reader = SkippingBytes(data)
        reader.seek(start)
        readers.append(reader)
        start = [position for _, _, position in pickletools.genops(data[start:])][-1] + 1 + start
    return readers


WRAPPER = re.compile(r'joblib\.numpy_pickle NumpyArrayWrapper$')
MARK = object()


class Thing:
    """An object of the symbolic stack: what made it, its arguments and its state."""

    def __init__(self, name, arguments):
        self.name, self.arguments, self.state = name, arguments, None


class Tracker:
    """Just enough of a stack to read the shape and the dtype of joblib's array wrappers."""

    def __init__(self):
        self.stack, self.memo = [], {}

    def to_mark(self):
        at = len(self.stack) - 1 - self.stack[::-1].index(MARK)
        items = self.stack[at + 1:]
        del self.stack[at:]
        return items

    def step(self, name, argument):
        """Does one instruction; returns the wrapper when it is a wrapper's BUILD."""
        stack, push = self.stack, self.stack.append
        if name in ('PUT', 'BINPUT', 'LONG_BINPUT', 'MEMOIZE'):
            self.memo[len(self.memo) if name == 'MEMOIZE' else argument] = stack[-1]
        elif name in ('GET', 'BINGET', 'LONG_BINGET'):
            push(self.memo[argument])
        elif name == 'MARK':
            push(MARK)
        elif name == 'GLOBAL':
            push(argument)
        elif name == 'STACK_GLOBAL':
            qualname, module = stack.pop(), stack.pop()
            push('%s %s' % (module, qualname))
        elif name in ('REDUCE', 'NEWOBJ'):
            arguments, callable_ = stack.pop(), stack.pop()
            push(Thing(callable_, arguments))
        elif name == 'BUILD':
            state = stack.pop()
            if isinstance(stack[-1], Thing):
                stack[-1].state = state
                if isinstance(stack[-1].name, str) and WRAPPER.search(stack[-1].name):
                    return stack[-1]
        elif name in ('TUPLE1', 'TUPLE2', 'TUPLE3'):
            count = int(name[-1])
            items = tuple(stack[-count:])
            del stack[-count:]
            push(items)
        elif name in ('TUPLE', 'LIST'):
            push(tuple(self.to_mark()))
        elif name == 'DICT':
            items = self.to_mark()
            push([*zip(items[::2], items[1::2])])
        elif name == 'EMPTY_DICT':
            push([])
        elif name == 'SETITEMS':
            items = self.to_mark()
            self.set_items([*zip(items[::2], items[1::2])])
        elif name == 'SETITEM':
            value, key = stack.pop(), stack.pop()
            self.set_items([(key, value)])
        elif name in ('APPENDS', 'ADDITEMS'):
            self.to_mark()
        elif name in ('APPEND', 'POP'):
            stack.pop()
        elif name not in ('PROTO', 'FRAME', 'STOP'):
            push({'NEWTRUE': True, 'NEWFALSE': False, 'EMPTY_TUPLE': ()}.get(name, argument))
        return None

    def set_items(self, pairs):
        if isinstance(self.stack[-1], list):
            self.stack[-1].extend(pairs)


def raw_length(wrapper):
    """Bytes of the array after a wrapper, or None for an object array, which is a nested pickle."""
    state = dict(wrapper.state)
    code = state['dtype'].arguments[0]
    size = int(code[1:]) * (4 if code[0] == 'U' else 1)
    if code[0] == 'O':
        return None
    for length in state['shape']:
        size *= length
    return size


def raw_spans(data):
    """Where joblib's raw array bytes lie between the opcodes: [(start, end)]. Ends before the first nested pickle."""
    spans, tracker = [], Tracker()
    reader = io.BytesIO(data)
    try:
        for opcode, argument, position in pickletools.genops(reader):
            wrapper = tracker.step(opcode.name, argument)
            if wrapper:
                size = raw_length(wrapper)
                if size is None:
                    break
                start = reader.tell()
                padding = 1 + data[start] if 'numpy_array_alignment_bytes' in dict(wrapper.state) else 0
                spans.append((start, start + padding + size))
                reader.seek(spans[-1][1])
    except (ValueError, IndexError, KeyError, AttributeError, TypeError):  # damaged, or Python 2's: pickletools says so too
        pass
    return spans
