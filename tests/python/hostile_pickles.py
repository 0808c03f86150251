"""Pickles shaped like attacks, written opcode by opcode. None is ever unpickled, and their arguments are harmless.

`hostile_files()` gives every technique in every protocol that has it, many dangerous callables one by one, and a few
payloads in every container. `resource_attacks()` gives small files that ask for much.
"""
import bz2
import gzip
import io
import itertools
import lzma
import struct
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from typing import Iterator

import hostile

DANGEROUS, UNKNOWN, MALFORMED, INCOMPLETE = 'dangerous', 'unknown', 'malformed', 'incomplete'
NOT_SAFE = 'not-safe'  # any verdict but safe
ANY = 'any'  # only of resource attacks: it may be safe, but in little time and memory
VERDICTS = (DANGEROUS, UNKNOWN, MALFORMED, INCOMPLETE, NOT_SAFE, ANY)


@dataclass(frozen=True)
class HostileFile:
    name: str
    data: bytes
    expected: str
    because: str
    well_formed: bool = True  # one raw pickle, of which pickletools.dis has nothing to say


# ---------------------------------------------------------------- the assembler

U8, U16, U32, U64 = (struct.Struct(code).pack for code in ('<B', '<H', '<I', '<Q'))
MARK, STOP, POP, POP_MARK, DUP, NONE, REDUCE, BUILD, OBJ = b'(', b'.', b'0', b'1', b'2', b'N', b'R', b'b', b'o'
APPEND, APPENDS, SETITEM, SETITEMS, ADDITEMS, FROZENSET = b'a', b'e', b's', b'u', b'\x90', b'\x91'
EMPTY_LIST, EMPTY_DICT, EMPTY_TUPLE, EMPTY_SET, LIST, DICT, TUPLE = b']', b'}', b')', b'\x8f', b'l', b'd', b't'
NEWOBJ, NEWOBJ_EX, STACK_GLOBAL, MEMOIZE, BINPERSID = b'\x81', b'\x92', b'\x93', b'\x94', b'Q'


class Assembler:
    """Writes in one protocol; what a method returns leaves one object on the stack."""

    def __init__(self, protocol):
        self.protocol = protocol

    def file(self, *parts, frame=False):
        body = b''.join(parts) + STOP
        if self.protocol < 2:
            return body
        if frame:
            body = b'\x95' + U64(len(body)) + body
        return b'\x80' + U8(self.protocol) + body

    def text(self, value):
        encoded = value.encode('utf-8')
        if self.protocol == 0:
            return b'V' + value.encode('raw-unicode-escape') + b'\n'
        if self.protocol >= 4 and len(encoded) < 256:
            return b'\x8c' + U8(len(encoded)) + encoded
        return b'X' + U32(len(encoded)) + encoded

    def byte_string(self, value):
        """bytes, as this protocol writes them; below 3 it is Python 2's str, as Python 2 writes it."""
        if self.protocol == 0:
            return b'S' + repr(value)[1:].encode('ascii') + b'\n'
        short, long = (b'U', b'T') if self.protocol < 3 else (b'C', b'B')
        return short + U8(len(value)) + value if len(value) < 256 else long + U32(len(value)) + value

    def integer(self, value):
        if self.protocol == 0:
            return b'I%d\n' % value
        return b'K' + U8(value) if 0 <= value < 256 else b'J' + struct.pack('<i', value)

    def name(self, module, qualname):
        if self.protocol < 4:
            return b'c' + module.encode('utf-8') + b'\n' + qualname.encode('utf-8') + b'\n'
        return self.text(module) + self.text(qualname) + STACK_GLOBAL

    def tuple(self, *items):
        items = [self.value(item) for item in items]
        if not items and self.protocol:
            return EMPTY_TUPLE
        if 1 <= len(items) <= 3 and self.protocol >= 2:
            return b''.join(items) + (b'\x85', b'\x86', b'\x87')[len(items) - 1]
        return MARK + b''.join(items) + TUPLE

    def list(self, *items):
        return MARK + b''.join(self.value(item) for item in items) + LIST

    def dict(self, *pairs):
        return MARK + b''.join(self.value(key) + self.value(value) for key, value in pairs) + DICT

    def value(self, value):
        """`value` written out; what is Raw is opcodes already."""
        if isinstance(value, Raw):
            return value.opcodes
        if value is None:
            return NONE
        if isinstance(value, bool):
            return (b'\x88' if value else b'\x89') if self.protocol >= 2 else b'I01\n' if value else b'I00\n'
        if isinstance(value, int):
            return self.integer(value)
        if isinstance(value, float):
            return b'F%r\n' % value if self.protocol == 0 else b'G' + struct.pack('>d', value)
        if isinstance(value, (bytes, bytearray)):
            return self.byte_string(bytes(value))
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, tuple):
            return self.tuple(*value)
        if isinstance(value, list):
            return self.list(*value)
        return self.dict(*value.items())

    def call(self, function, *arguments):
        """function: opcodes, or "module qualname"."""
        return self.function(function) + self.tuple(*arguments) + REDUCE

    def new(self, cls, *arguments):
        return self.function(cls) + self.tuple(*arguments) + NEWOBJ

    def build(self, made, state):
        return made + self.value(state) + BUILD

    def function(self, function):
        return function if isinstance(function, bytes) else self.name(*function.split(' '))

    def named(self, function):
        """A name as an argument."""
        return Raw(self.function(function))

    def system(self):
        """The payload of most techniques."""
        return self.call('os system', 'echo')


@dataclass(frozen=True)
class Raw:
    opcodes: bytes


def raw(*parts):
    return Raw(b''.join(parts))


# ---------------------------------------------------------------- techniques

TECHNIQUES = []


def technique(because, expected=DANGEROUS, protocols=range(6), well_formed=True):
    """Of a function that takes an assembler and returns a whole file, or the name and bytes of several."""
    def register(function):
        TECHNIQUES.append((function, because, expected, protocols, well_formed))
        return function
    return register


def cases_of(function, protocol):
    made = function(Assembler(protocol))
    if isinstance(made, bytes):
        return [(function.__name__, made)]
    return [('%s_%s' % (function.__name__, case), data) for case, data in made]


def technique_files():
    seen = set()  # some protocols write the same
    for function, because, expected, protocols, well_formed in TECHNIQUES:
        for protocol in protocols:
            for name, data in cases_of(function, protocol):
                if data not in seen:
                    yield HostileFile('%s_p%d.pkl' % (name, protocol), data, expected, because, well_formed)
                seen.add(data)


# Ways to call

@technique('REDUCE calls os.system')
def call_reduce(a):
    return a.file(a.system())


@technique('REDUCE calls os.system inside a frame', protocols=(4, 5))
def call_framed(a):
    return a.file(a.system(), frame=True)


@technique('INST calls os.system')
def call_inst(a):
    return a.file(MARK, a.text('echo'), b'ios\nsystem\n')


@technique('OBJ calls os.system', protocols=range(1, 6))
def call_obj(a):
    return a.file(MARK, a.name('os', 'system'), a.text('echo'), OBJ)


@technique('OBJ calls os.system, and POP drops what it gave', protocols=range(1, 6))
def call_obj_pop(a):
    return a.file(MARK, a.name('os', 'system'), a.text('echo'), OBJ, POP, a.list(1, 2))


@technique('REDUCE calls os.system, and POP drops what it gave')
def call_reduce_pop(a):
    return a.file(a.system(), POP, a.value({'weights': [1, 2]}))


@technique('os.system is called between MARK and POP_MARK')
def call_pop_mark(a):
    return a.file(MARK, a.system(), a.text('x'), POP_MARK, NONE)


@technique('os.system is called, and BUILD hides it behind a state')
def call_reduce_build(a):
    return a.file(a.build(a.system(), {'coef': 1}))


@technique('OBJ calls os.system, and BUILD with an empty state follows', protocols=range(1, 6))
def call_obj_build(a):
    return a.file(MARK, a.name('os', 'system'), a.text('echo'), OBJ, EMPTY_DICT, BUILD)


@technique('NEWOBJ makes a subprocess.Popen', protocols=range(2, 6))
def call_newobj(a):
    return a.file(a.new('subprocess Popen', ['echo']))


@technique('NEWOBJ_EX makes a subprocess.Popen with keywords', protocols=(4, 5))
def call_newobj_ex(a):
    return a.file(a.name('subprocess', 'Popen'), a.tuple(['echo']), a.value({'shell': True}), NEWOBJ_EX)


@technique('__import__ gives a module, which is put away in the memo and popped')
def call_import_put_pop(a):
    return a.file(a.call('builtins __import__', 'os'), b'p7\n', POP, NONE)


@technique('os.system is dropped, got back from the memo and called')
def call_from_memo(a):
    return a.file(a.name('os', 'system'), b'p3\n', POP, b'g3\n', a.tuple('echo'), REDUCE)


@technique('the function is duplicated and called twice')
def call_dup(a):
    return a.file(a.name('os', 'system'), DUP, a.tuple('echo'), REDUCE, POP, a.tuple('echo'), REDUCE)


@technique('os.system is only stored, for whoever calls it later')
def named_only(a):
    return a.file(a.list(a.named('os system'), 1))


@technique('the call is buried in a list, as a key, as a value or as an argument of a harmless call')
def call_buried(a):
    call = Raw(a.system())
    yield 'item', a.file(a.list(1, [2, (3, call)]))
    yield 'key', a.file(a.dict((call, 1)))
    yield 'value', a.file(a.value({'a': {'b': call}}))
    yield 'argument', a.file(a.call('collections OrderedDict', [['a', call]]))
    yield 'state', a.file(a.build(a.call('collections OrderedDict'), {'x': call}))


@technique('the call stands behind a lot of ordinary data')
def call_after_data(a):
    return a.file(a.list(*range(3000)), POP, a.system())


# Names

@technique('dotted names reach os.system through a module that imports os', protocols=(4, 5))
def name_dotted(a):
    for module, path in (('pathlib', 'os.system'), ('logging', 'os.system'), ('shutil', 'os.popen'),
                         ('torch.serialization', 'os.system'), ('uuid', 'os.system'), ('codecs', 'builtins.eval'),
                         ('numpy', 'os.system'), ('glob', 're.sys.modules'), ('sklearn.utils', 'warnings.sys.modules')):
        yield module.replace('.', '_') + '_' + path.replace('.', '_'), a.file(a.call(module + ' ' + path, 'echo'))


@technique('dotted names reach os.system under a private name', NOT_SAFE, protocols=(4, 5))
def name_dotted_private(a):
    for module, path in (('random', '_os.system'), ('collections', '_sys.modules'), ('tempfile', '_shutil.rmtree')):
        yield module, a.file(a.call(module + ' ' + path, 'echo'))


@technique('GLOBAL with a dotted name, which PROTO 4 allows', protocols=(4, 5))
def name_dotted_global(a):
    return a.file(b'cpathlib\nos.system\n', a.tuple('echo'), REDUCE)


@technique('a dotted name below protocol 4 is no name in most readers', NOT_SAFE, protocols=range(4))
def name_dotted_early(a):
    return a.file(a.call('pathlib os.system', 'echo'))


@technique('attributes that every module or function has lead to builtins', NOT_SAFE, protocols=(4, 5))
def name_dunder_path(a):
    for module, path in (('collections', '__builtins__.get'), ('copy', 'deepcopy.__globals__.get'),
                         ('json', '__loader__.load_module'), ('datetime', '__spec__.loader.exec_module'),
                         ('decimal', '__dict__.get'), ('collections', 'OrderedDict.__class__.__subclasses__'),
                         ('numpy', 'ndarray.__reduce_ex__'), ('builtins', 'list.__class__.__base__.__subclasses__')):
        yield path.replace('.', '_'), a.file(a.call(module + ' ' + path, 'eval'))


@technique('attributes of modules that lead to builtins, without dots', NOT_SAFE)
def name_dunder(a):
    for module, name in (('collections', '__builtins__'), ('json', '__loader__'), ('copy', '__dict__')):
        yield name.strip('_'), a.file(a.name(module, name))


@technique('the operands of STACK_GLOBAL come from the memo', protocols=(4, 5))
def name_memo_operands(a):
    return a.file(a.text('os'), MEMOIZE, POP, a.text('system'), MEMOIZE, POP, b'h\0h\1', STACK_GLOBAL,
                  a.tuple('echo'), REDUCE)


@technique('the operands of STACK_GLOBAL are swapped in the memo', protocols=(4, 5), well_formed=False)
def name_memo_overwritten(a):
    return a.file(a.text('json'), b'q\0', POP, a.text('dumps'), b'q\1', POP, a.text('os'), b'q\0', POP,
                  a.text('system'), b'q\1', POP, b'h\0h\1', STACK_GLOBAL, a.tuple('echo'), REDUCE)


@technique('both operands of STACK_GLOBAL are one text, duplicated', NOT_SAFE, protocols=(4, 5))
def name_dup_operand(a):
    return a.file(a.text('code'), DUP, STACK_GLOBAL)


@technique('other text and another pair lie between the operands and STACK_GLOBAL', protocols=(4, 5))
def name_operands_apart(a):
    return a.file(a.text('os'), a.text('system'), a.text('json'), a.text('dumps'), POP, POP, STACK_GLOBAL,
                  a.tuple('echo'), REDUCE)


@technique('the operands of STACK_GLOBAL are byte strings of Python 2', protocols=(4, 5))
def name_string_operands(a):
    call = a.tuple('echo') + REDUCE
    yield 'string', a.file(b"S'os'\nS'system'\n", STACK_GLOBAL, call)
    yield 'binstring', a.file(b'T\2\0\0\0osT\6\0\0\0system', STACK_GLOBAL, call)
    yield 'short_binstring', a.file(b'U\2osU\6system', STACK_GLOBAL, call)
    yield 'unicode', a.file(b'Vos\nV\\u0073ystem\n', STACK_GLOBAL, call)
    yield 'binunicode8', a.file(b'\x8d' + U64(2) + b'os' + b'\x8d' + U64(6) + b'system', STACK_GLOBAL, call)


@technique('the operands of STACK_GLOBAL are computed while loading', NOT_SAFE, protocols=(4, 5))
def name_computed(a):
    call = a.tuple('echo') + REDUCE
    ascii_os = a.call('builtins str', b'os', 'ascii')
    yield 'str', a.file(ascii_os, a.text('system'), STACK_GLOBAL, call)
    yield 'both', a.file(ascii_os, a.call('builtins str', b'system', 'ascii'), STACK_GLOBAL, call)
    yield 'bytes', a.file(b'C\2os', a.text('system'), STACK_GLOBAL, call)
    yield 'decode', a.file(a.call('_codecs decode', b'bf', 'rot13'), a.text('system'), STACK_GLOBAL, call)
    yield 'persistent', a.file(a.text('os'), BINPERSID, a.text('system'), STACK_GLOBAL, call)
    yield 'none', a.file(NONE, NONE, STACK_GLOBAL, call)
    yield 'list', a.file(a.list('os'), a.text('system'), STACK_GLOBAL, call)


@technique('names with bytes that readers treat differently', NOT_SAFE)
def name_odd_bytes(a):
    names = {'carriage_return': b'os\r\nsystem\r\n', 'space_after': b'os \nsystem \n',
             'space_before': b' os\n system\n',
             'tab': b'os\t\nsystem\t\n', 'nul': b'os\0\nsystem\0\n', 'empty': b'\n\n', 'upper_case': b'OS\nSYSTEM\n',
             'colon': b'os:system\nx\n',
             'dots': b'.os.\n.system.\n', 'star': b'os\n*\n', 'slash': b'os/path\nsystem\n',
             'form_feed': b'os\x0c\nsystem\n'}
    for case, lines in names.items():
        yield case, a.file(b'c', lines, a.tuple('echo'), REDUCE)


@technique('names that are not ASCII', NOT_SAFE, well_formed=False)
def name_not_ascii(a):
    for case, lines in (('latin_1', b'os\xa0\nsystem\xff\n'), ('fullwidth', b'os\n\xef\xbd\x93ystem\n'),
                        ('zero_width', b'os\xe2\x80\x8b\nsystem\n')):
        yield case, a.file(b'c', lines, a.tuple('echo'), REDUCE)


@technique('a name of 70 kB', NOT_SAFE)
def name_long(a):
    return a.file(a.call('os ' + 'system' * 12_000, 'echo'))


@technique('a submodule of a dangerous module')
def name_submodule(a):
    for module, name in (('asyncio.unix_events', '_UnixSubprocessTransport'), ('multiprocessing.popen_fork', 'Popen'),
                         ('pip._internal.cli.main', 'main'), ('concurrent.futures.process', '_process_worker'),
                         ('distutils.file_util', 'write_file'), ('importlib.machinery', 'SourceFileLoader')):
        yield module.replace('.', '_'), a.file(a.call(module + ' ' + name, 'echo'))


@technique('an extension code: what it means is not in the file', UNKNOWN, protocols=range(2, 6))
def extension_codes(a):
    for case, opcode in (('ext1', b'\x82\x01'), ('ext2', b'\x83\x01\x02'), ('ext4', b'\x84\x01\x02\x03\x04')):
        yield case, a.file(opcode)
        yield case + '_called', a.file(opcode, a.tuple('echo'), REDUCE)


@technique('extension code 0 is an error, a negative one too', NOT_SAFE, protocols=(2, 4))
def extension_codes_bad(a):
    yield 'zero', a.file(b'\x82\x00')
    yield 'negative', a.file(b'\x84\xff\xff\xff\xff')


@technique('a persistent id: what it means is up to the program that loads', UNKNOWN)
def persistent_id(a):
    yield 'text', a.file(b'Pstorage-1\n')
    yield 'command', a.file(b'Pos.system(echo)\n')


@technique('a persistent id made of objects, outside of a torch file', UNKNOWN, protocols=range(1, 6))
def persistent_object(a):
    yield 'text', a.file(a.text('storage-1'), BINPERSID)
    yield 'tuple', a.file(a.tuple('storage', 1, 'cpu'), BINPERSID)


@technique('a persistent id that names os.system', protocols=range(1, 6))
def persistent_dangerous(a):
    return a.file(a.tuple('storage', a.named('os system'), '0', 'cpu', 1), BINPERSID)


# Importing alone

@technique('an unknown package is imported and nothing else', UNKNOWN)
def import_unknown(a):
    yield 'package', a.file(a.name('kittens_of_doom', 'Kitten'))
    yield 'main', a.file(a.name('__main__', 'Model'))
    yield 'popped', a.file(a.name('kittens_of_doom.sub', 'run'), POP, NONE)
    yield 'known_library', a.file(a.name('sklearn.nosuchmodule', 'Estimator'))


@technique('an object of an unknown class', UNKNOWN)
def object_unknown(a):
    made = a.call('kittens_of_doom Kitten', 'echo')
    yield 'call', a.file(made)
    yield 'state', a.file(a.build(made, {'name': 'x'}))
    yield 'reconstructor', a.file(a.build(a.call('copyreg _reconstructor', a.named('kittens_of_doom Kitten'),
                                                 a.named('builtins object'), None), {'name': 'x'}))


@technique('an object of an unknown class by NEWOBJ', UNKNOWN, protocols=range(2, 6))
def object_unknown_new(a):
    made = a.new('__main__ Model')
    yield 'plain', a.file(made)
    yield 'state', a.file(a.build(made, {'name': 'x'}))
    yield 'slots', a.file(a.build(made, (None, {'name': 'x'})))


@technique('modules that act when they are imported')
def import_acts(a):
    for module in ('antigravity', 'this', 'idlelib.idle', 'turtledemo.clock', '__hello__', 'test.autotest'):
        yield module.replace('.', '_'), a.file(a.name(module, 'main'))


# State and items

@technique('SETITEM on os.environ or sys.modules')
def set_items(a):
    environ, modules = a.name('os', 'environ'), a.name('sys', 'modules')
    yield 'environ', a.file(environ, a.text('LD_PRELOAD'), a.text('/nonexistent'), SETITEM)
    yield 'environ_many', a.file(environ, MARK, a.text('PATH'), a.text('/nonexistent'), SETITEMS)
    yield 'modules', a.file(modules, a.text('json'), NONE, SETITEM)
    yield 'modules_popped', a.file(modules, MARK, a.text('json'), NONE, SETITEMS, POP, NONE)


@technique('APPEND and APPENDS to sys.path and friends')
def append_items(a):
    yield 'path', a.file(a.name('sys', 'path'), a.text('/nonexistent'), APPEND)
    yield 'path_many', a.file(a.name('sys', 'path'), MARK, a.text('/nonexistent'), APPENDS)
    yield 'meta_path', a.file(a.name('sys', 'meta_path'), NONE, APPEND)


@technique('items put into an object of an unknown class run its methods', UNKNOWN, protocols=range(2, 6))
def items_of_unknown(a):
    made = a.new('kittens_of_doom Basket')
    yield 'append', a.file(made, a.text('x'), APPEND)
    yield 'appends', a.file(made, MARK, a.text('x'), APPENDS)
    yield 'setitem', a.file(made, a.text('x'), NONE, SETITEM)


@technique('ADDITEMS on an object of an unknown class', UNKNOWN, protocols=(4, 5))
def additems_of_unknown(a):
    return a.file(a.new('kittens_of_doom Basket'), MARK, a.text('x'), ADDITEMS)


@technique('items of things that are not the file\'s own: classes, modules, constants of libraries', NOT_SAFE)
def items_of_shared(a):
    yield 'module_dict', a.file(a.name('json', '__dict__'), a.text('loads'), NONE, SETITEM)
    yield 'table', a.file(a.name('copyreg', 'dispatch_table'), a.text('x'), NONE, SETITEM)
    yield 'aliases', a.file(a.name('encodings.aliases', 'aliases'), a.text('utf8'), a.text('rot13'), SETITEM)
    yield 'exported', a.file(a.name('json', '__all__'), a.text('x'), APPEND)


@technique('BUILD on a class or a module writes into it', NOT_SAFE)
def build_shared(a):
    yield 'class', a.file(a.build(a.name('collections', 'OrderedDict'), {'x': 1}))
    yield 'class_slots', a.file(a.build(a.name('collections', 'OrderedDict'), (None, {'__len__': None})))
    yield 'estimator_class', a.file(a.build(a.name('sklearn.svm._classes', 'SVC'), (None, {'fit': None})))
    yield 'module', a.file(a.build(a.name('json', 'decoder'), {'JSONDecoder': None}))
    yield 'function', a.file(a.build(a.name('numpy', 'sum'), {'x': 1}))


@technique('BUILD puts os.system into a class or a module')
def build_shared_dangerous(a):
    slots = (None, {'__repr__': a.named('os system')})
    yield 'class', a.file(a.build(a.name('collections', 'OrderedDict'), slots))
    yield 'module', a.file(a.build(a.name('json', 'decoder'), {'JSONDecoder': a.named('os system')}))


@technique('an earlier BUILD puts in the __setstate__ that a later BUILD calls')
def build_setstate(a):
    made = a.call('collections OrderedDict')
    yield 'dict', a.file(a.build(a.build(made, {'__setstate__': a.named('os system')}), 'echo'))
    yield 'slots', a.file(a.build(a.build(made, (None, {'__setstate__': a.named('os system')})), 'echo'))
    yield 'unknown_class', a.file(a.build(a.build(a.call('__main__ Model'), {'__setstate__': a.named('os system')}),
                                          'echo'))


@technique('an earlier BUILD puts in a __setstate__, a harmless one', NOT_SAFE)
def build_setstate_harmless(a):
    made = a.call('sklearn.linear_model._base LinearRegression')
    return a.file(a.build(a.build(made, {'__setstate__': a.named('builtins list')}), 'echo'))


@technique('a partial whose state, set later, is os.system')
def build_partial(a):
    state = (a.named('os system'), ('echo',), {}, {})
    made = a.call('functools partial', a.named('builtins list'))
    yield 'stored', a.file(a.build(made, state))
    yield 'called', a.file(a.build(made, state), a.tuple(), REDUCE)


@technique('the state runs code in a library: scipy evaluates the text of _parse_arg_template', NOT_SAFE)
def build_evaluated_state(a):
    made = a.call('copyreg _reconstructor', a.named('scipy.stats._continuous_distns norm_gen'),
                  a.named('builtins object'), None)
    return a.file(a.build(made, {'_parse_arg_template': 'print("echo")', '_ctor_param': {}}))


@technique('states of the wrong kind for a known class', NOT_SAFE)
def build_wrong_state(a):
    made = a.call('sklearn.linear_model._base LinearRegression')
    for case, state in (('text', 'x'), ('list', [1]), ('integer_keys', {1: 2}),
                        ('dunder_class', {'__class__': a.named('__main__ Model')}),
                        ('dunder_reduce', {'__reduce_ex__': a.named('__main__ f')})):
        yield case, a.file(a.build(made, state))


# Keys

@technique('keys of dicts and members of sets are hashed and compared by their class', UNKNOWN, protocols=range(2, 6))
def hashed_by_unknown(a):
    made = a.new('kittens_of_doom Kitten')
    yield 'key', a.file(EMPTY_DICT, made, NONE, SETITEM)
    yield 'key_in_tuple', a.file(EMPTY_DICT, a.tuple('x', Raw(made)), NONE, SETITEM)
    yield 'dict', a.file(a.dict((Raw(made), 1)))
    yield 'set', a.file(a.call('builtins set', [Raw(made)]))


@technique('members of sets made by opcodes', UNKNOWN, protocols=(4, 5))
def hashed_by_unknown_set(a):
    made = a.new('kittens_of_doom Kitten')
    yield 'set', a.file(EMPTY_SET, MARK, made, ADDITEMS)
    yield 'frozenset', a.file(MARK, made, FROZENSET)


@technique('keys that cannot be hashed end in an error', NOT_SAFE)
def unhashable_keys(a):
    yield 'list', a.file(a.dict(([], 1)))
    yield 'dict', a.file(a.dict(({}, 1)))


# Functions that call functions

@technique('a callable as an argument is a use of that callable')
def higher_order(a):
    system, items = a.named('os system'), ['echo']
    for function, arguments in (('builtins map', (system, items)), ('builtins filter', (system, items)),
                                ('builtins iter', (system, 'x')), ('builtins sorted', (items, system)),
                                ('builtins min', (items, system)), ('builtins property', (system,)),
                                ('itertools starmap', (system, [items])), ('itertools accumulate', (items, system)),
                                ('itertools takewhile', (system, items)), ('itertools groupby', (items, system)),
                                ('functools partial', (system, 'echo')), ('functools reduce', (system, items, 'echo')),
                                ('functools cmp_to_key', (system,)),
                                ('functools partialmethod', (system, 'echo')), ('functools singledispatch', (system,)),
                                ('collections defaultdict', (system,)), ('types MethodType', (system, 'echo')),
                                ('weakref WeakMethod', (system,)), ('re Scanner', ([('a', system)],)),
                                ('numpy vectorize', (system,)), ('numpy frompyfunc', (system, 1, 1)),
                                ('numpy apply_along_axis', (system, 0, [1])),
                                ('numpy.core.function_base vectorize', (system,)),
                                ('concurrent.futures._base Future', (system,)),
                                ('builtins type', ('X', (), {'__del__': system}))):
        yield function.replace(' ', '_').replace('.', '_'), a.file(a.call(function, *arguments))


@technique('the lazy map is run by another call')
def higher_order_run(a):
    mapped = Raw(a.call('builtins map', a.named('os system'), ['echo']))
    for runner in ('builtins list', 'builtins tuple', 'builtins set', 'collections deque', 'builtins dict',
                   'collections OrderedDict'):
        yield runner.split(' ')[1], a.file(a.call(runner, mapped))
    yield 'opcode', a.file(EMPTY_LIST if a.protocol else MARK + LIST, mapped.opcodes, APPEND)


@technique('a partial of os.system is called')
def partial_called(a):
    yield 'call', a.file(a.call(a.call('functools partial', a.named('os system'), 'echo')))
    yield 'nested', a.file(a.call(a.call('functools partial', Raw(a.call('functools partial', a.named('os system'))),
                                         'echo')))
    yield 'default', a.file(a.call('collections defaultdict',
                                   Raw(a.call('functools partial', a.named('os system'), 'echo'))))


@technique('a result of a call is called', NOT_SAFE)
def call_of_result(a):
    yield 'unknown', a.file(a.call(a.call('kittens_of_doom find', 'x'), 'echo'))
    yield 'partial', a.file(a.call(a.call('functools partial', a.named('builtins list')), 'echo'))
    yield 'text', a.file(a.text('os.system'), a.tuple('echo'), REDUCE)


@technique('attributes of scikit-learn objects that are called when the model is used')
def estimators_with_functions(a):
    system = a.named('os system')
    for cls, field in (('sklearn.preprocessing._function_transformer FunctionTransformer', 'func'),
                       ('sklearn.feature_extraction.text CountVectorizer', 'tokenizer'),
                       ('sklearn.feature_extraction.text TfidfVectorizer', 'preprocessor'),
                       ('sklearn.metrics._scorer _Scorer', '_score_func'), ('sklearn.svm._classes SVC', 'kernel'),
                       ('sklearn.neighbors._classification KNeighborsClassifier', 'metric'),
                       ('sklearn.gaussian_process._gpr GaussianProcessRegressor', 'optimizer')):
        made = a.call('copyreg _reconstructor', a.named(cls), a.named('builtins object'), None)
        yield cls.split(' ')[1], a.file(a.build(made, {field: system}))


# Resolvers

@technique('a resolver gets a function by name')
def resolvers(a):
    module = Raw(a.call('importlib import_module', 'os'))
    for function, arguments in (('pydoc locate', ('os.system',)), ('pkgutil resolve_name', ('os:system',)),
                                ('operator attrgetter', ('system',)), ('operator methodcaller', ('system', 'echo')),
                                ('_operator attrgetter', ('system',)), ('builtins vars', ()), ('builtins globals', ()),
                                ('builtins locals', ()), ('builtins __import__', ('os',)),
                                ('importlib import_module', ('os',)),
                                ('importlib __import__', ('os',)), ('sys _getframe', ()), ('inspect currentframe', ()),
                                ('inspect getattr_static', (module, 'system')),
                                ('numpy.core _ufunc_reconstruct', ('os', 'system')),
                                ('numpy._core _ufunc_reconstruct', ('os', 'system')),
                                ('cloudpickle.cloudpickle subimport', ('os',)),
                                ('dill._dill _import_module', ('os.system',)),
                                ('dill._dill _get_attr', (module, 'system')),
                                ('twisted.python.reflect namedAny', ('os.system',)),
                                ('django.utils.module_loading import_string', ('os.system',)),
                                ('werkzeug.utils import_string', ('os.system',)),
                                ('zope.dottedname.resolve resolve', ('os.system',)),
                                ('logging.config _resolve', ('os.system',)),
                                ('unittest.mock _importer', ('os.system',)),
                                ('pickle _getattribute', (module, 'system')), ('builtins getattr', (module, 'system'))):
        yield function.replace('.', '_').replace(' ', '_'), a.file(a.call(function, *arguments))


@technique('what a resolver gave is called')
def resolvers_called(a):
    module = Raw(a.call('builtins __import__', 'os'))
    yield 'getattr', a.file(a.call(a.call('builtins getattr', module, 'system'), 'echo'))
    yield 'attrgetter', a.file(a.call(a.call(a.call('operator attrgetter', 'system'), module), 'echo'))
    yield 'methodcaller', a.file(a.call(a.call('operator methodcaller', 'system', 'echo'), module))
    yield 'resolve_name', a.file(a.call(a.call('pkgutil resolve_name', 'os:system'), 'echo'))
    yield 'globals', a.file(a.call('operator getitem', Raw(a.call('builtins globals')), '__builtins__'))


@technique('getattr of other things than plain methods of plain objects', NOT_SAFE)
def getattr_odd(a):
    made = Raw(a.call('sklearn.linear_model._base LinearRegression'))
    for case, arguments in (('dunder_class', ([], '__class__')), ('format', ('{0.__class__}', 'format')),
                            ('no_text', ([], 1)),
                            ('computed', (made, Raw(a.call('builtins str', 'fit')))),
                            ('set_state', (made, '__setstate__')),
                            ('init', (made, '__init__')), ('reduce', (made, '__reduce_ex__')),
                            ('dotted', (made, 'fit.__globals__'))):
        yield case, a.file(a.call('builtins getattr', *arguments))


@technique('copyreg is told to make, register or look up things')
def copyreg_games(a):
    yield 'reconstructor', a.file(a.call('copyreg _reconstructor', a.named('subprocess Popen'),
                                         a.named('builtins object'), None))
    yield 'newobj', a.file(a.call('copyreg __newobj__', a.named('subprocess Popen'), ['echo']))
    yield 'add_extension', a.file(a.call('copyreg add_extension', 'os', 'system', 1))
    yield 'pickle', a.file(a.call('copyreg pickle', a.named('builtins list'), a.named('os system')))


@technique('an extension code is registered and then used', protocols=range(2, 6))
def copyreg_extension(a):
    return a.file(a.call('copyreg add_extension', 'os', 'system', 1), POP, b'\x82\x01', a.tuple('echo'), REDUCE)


# Errors

@technique('the file breaks after the call, too late', well_formed=False)
def broken_after_call(a):
    whole = a.file(a.system())[:-1]
    for case, end in (('no_stop', b''), ('bad_opcode', b'\xff'), ('bad_opcode_0', b'\0'), ('missing_memo', b'g77\n'),
                      ('underflow', b'0000'), ('stop_on_nothing', b'0.'), ('truncated_text', b'X\xff\0\0\0abc'),
                      ('negative_length', b'T\xff\xff\xff\xff'), ('no_mark', b't.'), ('bad_integer', b'Ix\n'),
                      ('frame_too_long', b'\x95' + U64(1 << 40)), ('protocol_99', b'\x80\x63'),
                      ('bad_utf8', b'X\2\0\0\0\xff\xfe.'),
                      ('build_none', b'(Nb.'), ('half_global', b'cos'), ('many_values', b'NNN.')):
        yield case, whole + end


@technique('a harmless file that breaks', NOT_SAFE, protocols=(0, 2, 4), well_formed=False)
def broken(a):
    whole = a.file(a.value({'a': [1, 2]}))[:-1]
    for case, end in (('no_stop', b''), ('bad_opcode', b'\xff.'), ('missing_memo', b'g77\n.'), ('underflow', b'0000.'),
                      ('no_mark', b't.'), ('truncated_text', b'X\xff\0\0\0abc'),
                      ('negative_length', b'T\xff\xff\xff\xff.'),
                      ('bad_integer', b'Ix\n.'), ('odd_items', b'(Nd.'), ('bad_utf8', b'X\2\0\0\0\xff\xfe.')):
        yield case, whole + end


@technique('integers that readers read differently', NOT_SAFE, protocols=(0, 2), well_formed=False)
def odd_numbers(a):
    for case, number in (('spaces', b'I 1 \n'), ('underscore', b'I1_0\n'), ('hexadecimal', b'I0x1\n'),
                         ('octal', b'I0o7\n'), ('empty', b'I\n'), ('long_underscore', b'L1_0L\n'),
                         ('float_underscore', b'F1_0\n'), ('float_hexadecimal', b'F0x1p3\n'),
                         ('carriage_return', b'I1\r\n'),
                         ('nul', b'I1\0\n'), ('arabic', b'I\xd9\xa3\n')):
        yield case, a.file(number)


@technique('strings that readers read differently', NOT_SAFE, protocols=(0, 2), well_formed=False)
def odd_strings(a):
    for case, text in (('no_quotes', b'Sabc\n'), ('one_quote', b"S'\n"), ('mixed', b"S'abc\"\n"),
                       ('bad_escape', b"S'\\x1'\n"), ('carriage_return', b"S'abc'\r\n"), ('bad_unicode', b'V\\u12\n')):
        yield case, a.file(text)


# Frames and protocols

def framed(size, body):
    return b'\x80\x04\x95' + U64(size) + body


@technique('frames that end inside an argument, overlap, or are longer than the file', NOT_SAFE, protocols=(4,),
           well_formed=False)
def frames(a):
    body = a.system() + STOP
    inside = len(a.name('os', 'system')) + 3
    yield 'ends_in_argument', framed(inside, body)
    yield 'ends_in_opcode_1', framed(1, body)
    yield 'nested', framed(len(body) + 9, b'\x95' + U64(len(body)) + body)
    yield 'nested_longer', framed(len(body), b'\x95' + U64(len(body) + 30) + body)
    yield 'too_long', framed(len(body) + 1, body)
    yield 'far_too_long', framed(1 << 62, body)
    yield 'negative', framed((1 << 64) - 1, body)
    yield 'goes_on_after_stop', framed(len(body) + 10, body + a.system() + STOP)
    yield 'hides_text', framed(9, a.list(1, 2) + b'\x8c' + U8(len(body)) + body + STOP)


@technique('small frames, empty frames and opcodes outside of frames are all allowed, around os.system',
           protocols=(4, 5))
def frames_allowed(a):
    def frame(data):
        return b'\x95' + U64(len(data)) + data
    yield 'two', a.file(frame(a.name('os', 'system')), frame(a.tuple('echo') + REDUCE))
    yield 'empty', a.file(frame(b''), frame(b''), a.system())
    yield 'outside', a.file(frame(a.name('os', 'system')), a.tuple('echo'), REDUCE)


@technique('PROTO twice, in the middle or late, around os.system')
def protocol_again(a):
    yield 'twice', b'\x80\x02\x80\x04' + a.file(a.system())
    yield 'middle', a.file(a.name('os', 'system'), b'\x80\x02', a.tuple('echo'), REDUCE)
    yield 'late', a.file(a.system(), b'\x80\x05')
    yield 'understated', b'\x80\x00' + a.system() + STOP


@technique('PROTO with a number that no reader knows', MALFORMED, protocols=(4,), well_formed=False)
def protocol_unknown(a):
    for number in (6, 7, 127, 255):
        yield str(number), b'\x80' + U8(number) + a.list(1, 2) + STOP


@technique('PROTO twice or in the middle of harmless data', NOT_SAFE, protocols=(2, 4), well_formed=False)
def protocol_again_harmless(a):
    yield 'twice', b'\x80\x02\x80\x04' + a.value([1, 2]) + STOP
    yield 'middle', a.file(a.value(1), b'\x80\x05', POP, a.value([1, 2]))


# Memo

@technique('memo keys written in ways that readers read differently', NOT_SAFE, protocols=(0, 2, 4), well_formed=False)
def memo_odd_keys(a):
    name, call = a.name('json', 'dumps'), a.tuple('echo') + REDUCE
    for case, put, get in (('leading_zeros', b'007', b'7'), ('plus', b'+7', b'7'), ('underscore', b'1_0', b'10'),
                           ('spaces', b' 7 ', b'7'), ('negative', b'-1', b'-1'), ('empty', b'', b''),
                           ('nul', b'7\0', b'7'),
                           ('hexadecimal', b'0x7', b'7'), ('huge', b'9' * 30, b'9' * 30),
                           ('wrapped', b'4294967303', b'7')):
        yield case, a.file(name, b'p7\n', POP, a.name('kittens_of_doom', 'run'), b'p', put, b'\n', POP, b'g', get,
                           b'\n', call)


@technique('an overwritten memo key', well_formed=False)
def memo_overwritten(a):
    call = a.tuple('echo') + REDUCE
    yield 'put', a.file(a.name('json', 'dumps'), b'p0\n', POP, a.name('os', 'system'), b'p0\n', POP, b'g0\n', call)
    yield 'binput', a.file(a.name('json', 'dumps'), b'p0\n', POP, a.name('os', 'system'), b'q\0', POP, b'g0\n', call)
    yield 'long_binput', a.file(a.name('json', 'dumps'), b'q\0', POP, a.name('os', 'system'), b'r\0\0\0\0', POP,
                                b'j\0\0\0\0', call)


@technique('MEMOIZE counts, and so meets keys that PUT used', protocols=(4, 5), well_formed=False)
def memo_memoize_meets_put(a):
    return a.file(a.name('json', 'dumps'), b'q\1', POP, a.name('os', 'system'), MEMOIZE, POP, b'h\1', a.tuple('echo'),
                  REDUCE)


@technique('a memo slot that was never filled, between harmless opcodes', NOT_SAFE, protocols=(0, 2, 4),
           well_formed=False)
def memo_missing(a):
    yield 'get', a.file(b'g5\n')
    yield 'binget', a.file(b'h\5')
    yield 'put_nothing', a.file(b'p5\n', NONE)


# numpy

DTYPE_STATE = (3, '<', None, None, None, -1, -1, 0)


def dtype(a, code, state=DTYPE_STATE):
    return a.build(a.call('numpy dtype', code, False, True), state)


def array(a, shape, dtype_opcodes, data):
    made = a.call('numpy.core.multiarray _reconstruct', a.named('numpy ndarray'), (0,), b'b')
    return a.build(made, (1, shape, Raw(dtype_opcodes), False, data))


@technique('numpy arrays and dtypes whose states do not fit', NOT_SAFE)
def numpy_confusion(a):
    numbers = dtype(a, 'i8')
    yield 'too_short', a.file(array(a, (4,), numbers, b'\0' * 8))
    yield 'too_long', a.file(array(a, (1,), numbers, b'\0' * 64))
    yield 'negative_shape', a.file(array(a, (-1,), numbers, b'\0' * 8))
    yield 'huge_shape', a.file(array(a, (1 << 30, 1 << 30, 1 << 30), numbers, b''))
    yield 'objects_as_bytes', a.file(array(a, (1,), dtype(a, 'O8'), b'\x41' * 8))
    yield 'object_flag_cleared', a.file(array(a, (1,), dtype(a, 'O8', (3, '|', None, None, None, -1, -1, 0)),
                                              b'\x41' * 8))
    yield 'object_flag_set', a.file(array(a, (1,), dtype(a, 'V8', (3, '|', None, None, None, 8, 1, 63)), b'\x41' * 8))
    yield 'size_changed', a.file(array(a, (1,), dtype(a, 'V8', (3, '|', None, None, None, 1 << 30, 1, 0)), b'\0' * 8))
    yield 'unknown_version', a.file(array(a, (1,), dtype(a, 'i8', (99, '<', None, None, None, -1, -1, 0)), b'\0' * 8))
    yield 'not_a_dtype', a.file(array(a, (1,), a.text('i8'), b'\0' * 8))
    yield 'wrong_class', a.file(a.call('numpy.core.multiarray _reconstruct', a.named('kittens_of_doom Array'), (0,),
                                       b'b'))
    yield 'scalar_of_objects', a.file(a.call('numpy.core.multiarray scalar', Raw(dtype(a, 'O8')), b'\x41' * 8))


@technique('a dtype is changed after the array that uses it was made', NOT_SAFE)
def numpy_late_dtype(a):
    made = a.file(dtype(a, 'V8'), b'p50\n', POP, array(a, (1,), b'g50\n', b'\x41' * 8), b'p51\n', POP,
                  a.build(b'g50\n', (3, '|', None, None, None, 8, 1, 63)), POP, b'g51\n')
    return made


@technique('a class that writes files stands where numpy wants an array class', NOT_SAFE)
def numpy_memmap(a):
    yield 'reconstruct', a.file(a.call('numpy.core.multiarray _reconstruct', a.named('numpy memmap'), ('/nonexistent',),
                                       b'b'))
    yield 'called', a.file(a.call('numpy memmap', '/nonexistent', 'uint8', 'w+', 0, (1,)))
    yield 'called_core', a.file(a.call('numpy.core.memmap memmap', '/nonexistent', 'uint8', 'w+', 0, (1,)))


@technique('random states built around something else than a bit generator', NOT_SAFE)
def numpy_random(a):
    yield 'class', a.file(a.call('numpy.random._pickle __generator_ctor', a.named('kittens_of_doom Bits')))
    yield 'name', a.file(a.call('numpy.random._pickle __bit_generator_ctor', 'kittens_of_doom'))
    yield 'constructor', a.file(a.call('numpy.random._pickle __randomstate_ctor', 'MT19937',
                                       a.named('kittens_of_doom make')))


@technique('random states built around os.system')
def numpy_random_dangerous(a):
    return a.file(a.call('numpy.random._pickle __generator_ctor', 'MT19937', a.named('os system')))


# joblib, torch, pandas, trees

def joblib_wrapper(a, cls, state):
    return a.build(a.call('copyreg _reconstructor', a.named('joblib.numpy_pickle ' + cls), a.named('builtins object'),
                          None), state)


@technique('joblib array wrappers that name another class or file', NOT_SAFE)
def joblib_wrappers(a):
    plain = {'shape': (1,), 'order': 'C', 'dtype': Raw(dtype(a, 'i8')), 'allow_mmap': True}
    yield 'class', a.file(joblib_wrapper(a, 'NumpyArrayWrapper',
                                         dict(plain, subclass=a.named('kittens_of_doom Array'))))
    yield 'no_data', a.file(joblib_wrapper(a, 'NumpyArrayWrapper', dict(plain, subclass=a.named('numpy ndarray'))))
    yield 'huge', a.file(joblib_wrapper(a, 'NumpyArrayWrapper',
                                        dict(plain, subclass=a.named('numpy ndarray'), shape=(1 << 30,))))
    yield 'file', a.file(joblib_wrapper(a, 'NDArrayWrapper',
                                        {'filename': '/nonexistent/x.npy', 'subclass': a.named('numpy ndarray')}))
    yield 'parent', a.file(joblib_wrapper(a, 'ZNDArrayWrapper', {'filename': '../../x', 'state': (), 'init_args': ()}))


@technique('a joblib array wrapper around os.system')
def joblib_wrapper_dangerous(a):
    return a.file(joblib_wrapper(a, 'NumpyArrayWrapper',
                                 {'subclass': a.named('os system'), 'shape': (1,), 'order': 'C'}))


@technique('torch tensors that reach out of their storage, or have none', NOT_SAFE, protocols=range(2, 6))
def torch_tensors(a):
    storage = raw(a.tuple('storage', a.named('torch FloatStorage'), '0', 'cpu', 4), BINPERSID)
    hooks = Raw(a.call('collections OrderedDict'))
    yield 'no_container', a.file(a.call('torch._utils _rebuild_tensor_v2', storage, 0, (2, 2), (2, 1), False, hooks))
    yield 'too_large', a.file(a.call('torch._utils _rebuild_tensor_v2', storage, 0, (1 << 20, 1 << 10), (1 << 10, 1),
                                     False, hooks))
    yield 'negative_offset', a.file(a.call('torch._utils _rebuild_tensor_v2', storage, -8, (4,), (1,), False, hooks))
    yield 'no_storage', a.file(a.call('torch._utils _rebuild_tensor_v2', [1, 2], 0, (2,), (1,), False, hooks))


@technique('a torch parameter around os.system', protocols=range(2, 6))
def torch_dangerous(a):
    hooks = Raw(a.call('collections OrderedDict'))
    yield 'parameter', a.file(a.call('torch._utils _rebuild_parameter', Raw(a.system()), True, hooks))
    yield 'from_type', a.file(a.call('torch._tensor _rebuild_from_type_v2', a.named('os system'),
                                     a.named('torch Tensor'), ('echo',), {}))


@technique('helpers that are safe only with the right arguments', NOT_SAFE)
def helpers_with_wrong_arguments(a):
    for function, arguments in (('pandas.core.indexes.base _new_Index', (a.named('kittens_of_doom Index'), {})),
                                ('pandas._libs.internals _unpickle_block', ('x', 'y', 1)),
                                ('sklearn.tree._tree Tree', (-1, 'x', 1)),
                                ('sklearn.utils._bunch Bunch', (a.named('kittens_of_doom Kitten'),)),
                                ('numpy.ma.core _mareconstruct',
                                 (a.named('kittens_of_doom A'), a.named('numpy ndarray'), (0,), 'b')),
                                ('numpy.core.numeric _frombuffer', ('x', a.named('numpy ndarray'), (4,), 'C')),
                                ('copyreg _reconstructor',
                                 (a.named('builtins list'), a.named('kittens_of_doom Base'), [])),
                                ('copyreg __newobj_ex__', (a.named('kittens_of_doom Kitten'), (), {})),
                                ('functools partial', (a.named('kittens_of_doom run'), 'echo')),
                                ('collections defaultdict', (a.named('kittens_of_doom Kitten'),)),
                                ('_codecs encode', ('x', 'kittens_of_doom')),
                                ('datetime datetime', (a.named('kittens_of_doom Kitten'),)),
                                ('builtins object', ('x',)),
                                ('scipy.sparse._csr csr_matrix', ('x',))):
        yield function.split(' ')[1].strip('_'), a.file(a.call(function, *arguments))


# Code

CODE = (0, 0, 0, 0, 1, 67, b'd\0S\0', (None,), (), (), 'echo.py', 'echo', 1, b'', (), ())


@technique('functions made from bytecode')
def made_functions(a):
    code = Raw(a.call('types CodeType', *CODE))
    marshaled = Raw(a.call('marshal loads', b'N'))
    yield 'code', a.file(a.call('types CodeType', *CODE))
    yield 'function', a.file(a.call('types FunctionType', code, {}))
    yield 'called', a.file(a.call(a.call('types FunctionType', code, {})))
    yield 'marshal', a.file(a.call('types FunctionType', marshaled, {}))
    yield 'cloudpickle', a.file(a.call('cloudpickle.cloudpickle _make_function', code, {}, None, None, None))
    yield 'cloudpickle_type', a.file(a.call(a.call('cloudpickle.cloudpickle _builtin_type', 'CodeType'), *CODE))
    yield 'cloudpickle_class', a.file(a.call('cloudpickle.cloudpickle _make_skeleton_class', a.named('builtins type'),
                                             'X', (), {}, None, None))
    yield 'cloudpickle_old', a.file(a.call('cloudpickle.cloudpickle _make_skel_func', code, 0, {}))
    yield 'dill', a.file(a.call('dill._dill _create_function', code, {}, 'echo', None, None))
    yield 'dill_code', a.file(a.call('dill._dill _create_code', *CODE))
    yield 'joblib_cloudpickle', a.file(a.call('joblib.externals.cloudpickle.cloudpickle _make_function', code, {}, None,
                                              None, None))
    yield 'torch_fx', a.file(a.call('torch.fx.graph_module reduce_graph_module', {'_code': 'def forward(self): pass'},
                                    'import torch'))
    yield 'new', a.file(a.call('new function', code, {}))


# Late changes

@technique('an argument is changed after the call that was judged with it', protocols=range(2, 6))
def late_dangerous(a):
    items = a.list() + b'q\x30'
    yield 'list', a.file(items, POP, a.call('collections OrderedDict', Raw(b'h\x30')), POP, b'h\x30', a.system(),
                         APPEND)
    yield 'partial', a.file(items, POP, a.call('functools partial', a.named('builtins list'), Raw(b'h\x30')), b'h\x30',
                            a.name('os', 'system'), APPEND, POP)
    yield 'state', a.file(EMPTY_DICT, b'q\x30', POP, a.build(a.call('collections OrderedDict'), Raw(b'h\x30')),
                          b'h\x30',
                          a.text('f'), a.name('os', 'system'), SETITEM, POP)


@technique('an argument gets something unknown after the call that was judged with it', UNKNOWN, protocols=range(2, 6))
def late_unknown(a):
    items = a.list() + b'q\x30'
    yield 'list', a.file(items, POP, a.call('collections deque', Raw(b'h\x30')), b'h\x30', a.new('__main__ Model'),
                         APPEND, POP)
    yield 'nested', a.file(items, POP, a.call('collections OrderedDict', [('a', Raw(b'h\x30'))]), b'h\x30',
                           a.new('__main__ Model'), APPEND, POP)


@technique('a cycle through a dangerous call')
def cycles(a):
    return a.file(MARK, LIST, b'p9\n', a.call('os system', Raw(b'g9\n')), APPEND)


# Nested loaders

@technique('a loader is given a pickle as bytes')
def nested_loaders(a):
    inner_assembler = Assembler(min(2, a.protocol))
    inner = inner_assembler.file(inner_assembler.system())
    for function in ('pickle loads', '_pickle loads', 'pickle _loads', 'cPickle loads', 'dill loads',
                     'cloudpickle loads',
                     'torch.storage _load_from_bytes', 'marshal loads', 'pickle5 loads', 'jsonpickle decode'):
        yield function.replace('.', '_').replace(' ', '_'), a.file(a.call(function, inner))
    stream = Raw(a.call('io BytesIO', inner))
    for function in ('pickle load', 'pickle Unpickler', 'joblib load', 'numpy load', 'torch load', 'pandas read_pickle',
                     'shelve open'):
        yield 'stream_' + function.replace(' ', '_'), a.file(a.call(function, stream))


@technique('a loader is given a harmless pickle: it stays a loader')
def nested_harmless(a):
    return a.file(a.call('pickle loads', Assembler(min(2, a.protocol)).file(NONE)))


@technique('pickle.loads of a BYTEARRAY8', protocols=(5,))
def nested_bytearray(a):
    inner = Assembler(2).file(Assembler(2).system())
    return a.file(a.call('pickle loads', raw(b'\x96', U64(len(inner)), inner)))


@technique('loaders in loaders in loaders')
def nested_deep(a):
    inner = a.file(a.system())
    for _ in range(12):
        inner = a.file(a.call('pickle loads', inner))
    return inner


# ---------------------------------------------------------------- one file for each dangerous callable

TEXT, PATH, URL = ('print(1)',), ('/nonexistent',), ('http://127.0.0.1:9/',)
COMMAND, WORDS = ('echo',), (['echo'],)

# The arguments, and the callables (module:name) that get them: processes, code, files, loaders, network, the rest.
CALLABLES = (
    (COMMAND, '''
        os:system posix:system nt:system os:popen os:startfile posix:popen commands:getoutput commands:getstatusoutput
        subprocess:getoutput subprocess:getstatusoutput popen2:popen2 popen2:popen3 popen2:Popen3 os:popen2 os:popen3
        os:popen4 platform:popen pty:spawn pipes:Template webbrowser:open pydoc:pipepager pydoc:tempfilepager
        imaplib:IMAP4_stream asyncio:create_subprocess_shell asyncio.subprocess:create_subprocess_shell
        torch.utils.collect_env:run torch.utils.collect_env:run_and_read_all numpy.distutils.exec_command:exec_command
        numpy.testing._private.extbuild:build_and_import_extension distutils.spawn:find_executable
        _osx_support:_find_executable _osx_support:_read_output _aix_support:_read_cmd_output _pyrepl.pager:pipe_pager
        _pyrepl.pager:tempfile_pager pexpect:spawn pexpect:run sh:Command plumbum.commands.base:run_proc
        invoke.context:Context.run fabric.operations:local docker:from_env paramiko.proxy:ProxyCommand psutil:Popen
        gevent.subprocess:Popen IPython.utils.process:system IPython.core.interactiveshell:InteractiveShell
        nltk.internals:java click:edit click:launch envoy:run tkinter:Tcl matplotlib.texmanager:TexManager
        PIL.ImageShow:show mailcap:test cgitb:lookup uuid:_get_command_stdout uuid:getnode ctypes.util:find_library
        platform:architecture platform:libc_ver
    '''),
    (WORDS, '''
        subprocess:call subprocess:run subprocess:Popen subprocess:check_call subprocess:check_output os:execv
        os:execl os:spawnv os:posix_spawn posix:execv _posixsubprocess:fork_exec _winapi:CreateProcess pip:main
        pip._internal:main pip._internal.cli.main:main ensurepip:_run_pip venv:main setuptools:setup
        setuptools.sandbox:run_setup distutils.core:run_setup distutils.spawn:spawn distutils.file_util:write_file
        multiprocessing.util:spawnv_passfds multiprocessing:Process multiprocessing.pool:Pool
        concurrent.futures:ProcessPoolExecutor torch.multiprocessing:spawn torch.distributed.run:main cProfile:main
        trace:main zipapp:create_archive compileall:compile_dir lib2to3.main:main idlelib.pyshell:main
        torch.utils.cpp_extension:load torch.utils.cpp_extension:load_inline Cython.Build.Inline:cython_inline
        numpy.f2py:compile numpy.f2py:run_main huggingface_hub:snapshot_download ray:init celery.bin.celery:main
    '''),
    (TEXT, '''
        builtins:eval builtins:exec builtins:compile __builtin__:eval __builtin__:execfile __builtin__:compile
        __builtin__:input code:interact code:InteractiveConsole code:InteractiveInterpreter codeop:compile_command
        runpy:_run_code runpy:run_path runpy:run_module timeit:timeit timeit:main profile:run cProfile:run
        cProfile:runctx pdb:run pdb:runeval bdb:Bdb trace:Trace doctest:debug_script doctest:testfile
        unittest.main:TestProgram numpy.testing._private.utils:runstring numpy.testing:runstring
        numpy.f2py.crackfortran:getlincoef numpy.f2py.crackfortran:myeval numexpr:evaluate pandas:eval
        pandas.core.computation.eval:eval sympy:sympify sympy.parsing.sympy_parser:parse_expr sympy:lambdify
        torch.jit.frontend:get_jit_def torch._dynamo.guards:GuardBuilder torch._inductor.codecache:compile_file
        torch.utils.bottleneck.__main__:run_cprofile torch.fx.experimental.symbolic_shapes:ShapeEnv
        torch.jit:CompilationUnit jinja2:Template mako.template:Template asteval:Interpreter js2py:eval_js
        IPython:embed idlelib.run:Executive idlelib.autocomplete:AutoComplete idlelib.calltip:get_entity
        lib2to3.pgen2.pgen:ParserGenerator test.support:run_code dill._dill:_eval_repr keras.layers:Lambda
        keras.src.utils.python_utils:func_load tensorflow:py_function langchain_experimental.utilities:PythonREPL
        dataclasses:make_dataclass typing:get_type_hints gettext:c2py site:addsitedir new:code numba:jit
    '''),
    (PATH, '''
        builtins:open __builtin__:open __builtin__:file io:open _io:open io:FileIO _io:FileIO codecs:open os:remove
        os:unlink os:rmdir os:mkdir os:listdir os:open os:chmod posix:unlink nt:unlink shutil:rmtree shutil:copyfile
        shutil:move tempfile:NamedTemporaryFile tempfile:mktemp glob:glob linecache:getlines fileinput:input
        zipfile:ZipFile tarfile:open gzip:open bz2:BZ2File lzma:LZMAFile sqlite3:connect logging:FileHandler
        logging.handlers:RotatingFileHandler logging.config:fileConfig dbm:open dbm.dumb:open anydbm:open mailbox:mbox
        netrc:netrc argparse:FileType wave:open pstats:Stats py_compile:compile numpy:fromfile numpy:loadtxt
        numpy:genfromtxt numpy:save numpy.lib.npyio:savetxt numpy.lib.format:open_memmap scipy.io:loadmat
        pandas:read_csv sklearn.datasets:load_files h5py:File PIL.Image:open cv2:imwrite matplotlib.pyplot:savefig
        matplotlib.font_manager:json_load fsspec:open pyarrow:OSFile lxml.etree:parse xml.etree.ElementTree:parse
        torch:save torch:from_file torch.utils.tensorboard:SummaryWriter tensorflow:read_file tensorflow.io:write_file
        joblib:dump fcntl:open mmap:mmap nltk.data:find
    '''),
    (PATH, '''
        joblib:load joblib.numpy_pickle:load sklearn.externals.joblib:load torch:load torch.serialization:load
        torch.jit:load torch.hub:load torch.package:PackageImporter torch.ops:load_library numpy:load
        numpy.lib.npyio:load numpy.ma.core:load pandas:read_pickle pandas.io.pickle:read_pickle pandas:read_hdf
        shelve:open shelve:DbfilenameShelf imp:load_source imp:load_dynamic importlib.machinery:SourceFileLoader
        importlib.util:spec_from_file_location zipimport:zipimporter modulefinder:ModuleFinder dill:load_session
        cloudpickle:load jsonpickle:decode yaml:load yaml:unsafe_load networkx:read_gpickle mlflow.pyfunc:load_model
        keras.models:load_model keras.saving:load_model tensorflow:load_op_library tensorflow.saved_model:load
        transformers:AutoModel spacy:load gensim.utils:unpickle lib2to3.pgen2.grammar:Grammar
        torch.utils.data.datapipes.utils.decoder:basichandlers torch.utils._config_module:ConfigModule
        pyclbr:readmodule fastai.learner:load_learner ultralytics:YOLO skops.io:load
        statsmodels.iolib.smpickle:load_pickle
    '''),
    (URL, '''
        urllib:urlopen urllib:urlretrieve urllib2:urlopen urllib.request:urlopen urllib.request:urlretrieve
        httplib:HTTPConnection http.client:HTTPSConnection http.server:HTTPServer ftplib:FTP smtplib:SMTP poplib:POP3
        imaplib:IMAP4 nntplib:NNTP telnetlib:Telnet socket:socket socket:create_connection socket:gethostbyname
        _socket:socket ssl:get_server_certificate ssl:wrap_socket xmlrpclib:ServerProxy xmlrpc.client:ServerProxy
        SocketServer:TCPServer socketserver:TCPServer asyncio:open_connection multiprocessing.connection:Client
        multiprocessing.managers:BaseManager logging.handlers:SocketHandler requests:get requests.api:get httpx:get
        aiohttp:ClientSession urllib3:PoolManager paramiko:SSHClient boto3:client kubernetes:client
        sklearn.datasets:fetch_openml sklearn.datasets._base:_fetch_remote torch.hub:load_state_dict_from_url
        torch.distributed:init_process_group torch.distributed.rpc:init_rpc nltk:download rpyc:connect
        execnet:makegateway smart_open:open redis:Redis sqlalchemy:create_engine wandb:init gradio:load
        distributed:Client twisted.internet.reactor:run tornado.httpclient:HTTPClient
    '''),
    ((0,), '''
        ctypes:CDLL ctypes:PyDLL ctypes:string_at ctypes:memmove ctypes:cast _ctypes:dlopen _ctypes:PyObj_FromPtr
        cffi:FFI _cffi_backend:load_library multiprocessing.shared_memory:SharedMemory multiprocessing.reduction:DupFd
        numpy.ctypeslib:load_library _testcapi:run_in_subinterp _interpreters:exec _xxsubinterpreters:run_string
        sys:exit sys:settrace sys:setprofile sys:setrecursionlimit sys:_getframe os:_exit os:abort os:kill os:fork
        os:putenv os:chdir gc:get_objects gc:get_referrers atexit:register signal:signal signal:alarm
        faulthandler:_sigsegv faulthandler:enable threading:Thread threading:Timer _thread:start_new_thread
        thread:start_new_thread time:sleep weakref:finalize builtins:setattr builtins:delattr builtins:exit
        builtins:breakpoint builtins:help builtins:input operator:setitem operator:delitem resource:setrlimit
        pwd:getpwall termios:tcsetattr winreg:CreateKey _winreg:CreateKey msvcrt:putch tracemalloc:start
        locale:setlocale codecs:register readline:write_history_file curses:initscr rlcompleter:Completer
        functools:update_wrapper contextlib:ExitStack contextlib:redirect_stdout inspect:getsource pkgutil:get_data
    '''),
)

PYTHON_2 = {'__builtin__', 'commands', 'popen2', 'cPickle', 'urllib2', 'httplib', 'xmlrpclib', 'SocketServer', 'thread',
            'anydbm',
            'new', '_winreg', 'copy_reg'}


def protocol_for(number, module, name):
    """A dotted name needs protocol 4, and Python 2 writes no more than 2."""
    if '.' in name:
        return 4 + number % 2
    return number % 3 if module in PYTHON_2 else number % 6


def callable_files():
    number = 0
    for arguments, functions in CALLABLES:
        for function in functions.split():
            module, name = function.split(':')
            a = Assembler(protocol_for(number, module, name))
            data = a.file(a.call(a.name(module, name), *arguments))
            file_name = 'callable_%s_p%d.pkl' % (function.replace('.', '_').replace(':', '_'), a.protocol)
            yield HostileFile(file_name, data, DANGEROUS, 'it calls %s.%s' % (module, name))
            number += 1


# ---------------------------------------------------------------- containers

def zip_file(members, compression=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', compression) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, compression)
    return out.getvalue()


def patched(data, offset, new):
    return data[:offset] + new + data[offset + len(new):]


def zip_with_other_local_name(payload):
    data = zip_file([('model.pkl', payload)])
    return patched(data, 30, b'notes.txt')


def zip_with_wrong_crc(payload):
    data = zip_file([('model.pkl', payload)])
    data = patched(data, 14, b'\xde\xad\xbe\xef')
    return patched(data, data.rindex(b'PK\1\2') + 16, b'\xde\xad\xbe\xef')


def zip_with_encrypted_flag(payload, local=True, central=True):
    data = zip_file([('model.pkl', payload)])
    data = patched(data, 6, b'\1\0') if local else data
    return patched(data, data.rindex(b'PK\1\2') + 8, b'\1\0') if central else data


def zip_without_entry(payload):
    """The directory knows only the first member; the second one's local header is still there."""
    data = zip_file([('notes.txt', b'hello'), ('model.pkl', payload)])
    first = data.index(b'PK\1\2')
    second = data.index(b'PK\1\2', first + 4)
    end = data.index(b'PK\5\6')
    tail = struct.pack('<4s4H2LH', b'PK\5\6', 0, 0, 1, 1, second - first, first, 0)
    return data[:second] + tail + data[end + 22:]


def zip_with_two_of_a_name(payload):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as archive:
        info = zipfile.ZipInfo('data.pkl')
        archive.writestr(info, payload)
        archive.NameToInfo.clear()  # zipfile would warn
        archive.writestr(zipfile.ZipInfo('data.pkl'), Assembler(2).file(NONE))
    return out.getvalue()


def zip_with_unknown_method(payload):
    data = zip_file([('model.pkl', payload)])
    data = patched(data, 8, b'\x63\0')
    return patched(data, data.rindex(b'PK\1\2') + 10, b'\x63\0')


def zip_with_sizes_of_zero(payload):
    data = zip_file([('model.pkl', payload)])
    return patched(data, data.rindex(b'PK\1\2') + 20, bytes(8))


def torch_zip(payload, prefix='archive/'):
    return zip_file([(prefix + 'data.pkl', payload), (prefix + 'byteorder', b'little'), (prefix + 'data/0', bytes(64)),
                     (prefix + 'version', b'3\n')])


def torch_legacy(payload):
    """The raw format before 1.6: a magic number, a protocol, facts on the machine, the object, keys of storages."""
    a = Assembler(2)
    magic = b'\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.'
    facts = a.file(a.value({'little_endian': True, 'protocol_version': 1001, 'type_sizes': {}}))
    return magic + a.file(b'M\xe9\x03') + facts + payload + a.file(a.list())


def npy(payload, version=1, descr="'|O'"):
    size = '<H' if version == 1 else '<I'
    header = "{'descr': %s, 'fortran_order': False, 'shape': (1,), }" % descr
    room = 64 - (8 + struct.calcsize(size) + len(header) + 1) % 64
    header = header.encode('latin-1') + b' ' * room + b'\n'
    return b'\x93NUMPY' + U8(version) + b'\0' + struct.pack(size, len(header)) + header + payload


def tar_file(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w') as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def torch_tar(payload):
    """The oldest format: a tar of pickles."""
    empty = Assembler(2).file(b'K\0')
    return tar_file([('storages', empty), ('tensors', empty), ('pickle', payload), ('sys_info', empty)])


def gzip_with_names(payload):
    deflated = gzip.compress(payload)
    return deflated[:3] + b'\x18' + deflated[4:10] + b'weights.txt\0a comment\0' + deflated[10:]


def joblib_old_zlib(payload):
    """joblib before 0.10: "ZF", the size in hex over 19 bytes, zlib."""
    return b'ZF' + hex(len(payload)).encode('ascii').ljust(19) + zlib.compress(payload)


def zstandard_stored(payload):
    """One frame with one uncompressed block."""
    return b'\x28\xb5\x2f\xfd\xa0' + U32(len(payload)) + struct.pack('<I', len(payload) << 3 | 1)[:3] + payload


CONTAINERS = {
    # name with its ending: (how it is made, what is expected if not what the payload is)
    'renamed.bin': (lambda p: p, None), 'renamed.txt': (lambda p: p, None), 'renamed.json': (lambda p: p, None),
    'renamed.npy': (lambda p: p, None), 'renamed.zip': (lambda p: p, None), 'renamed.safetensors': (lambda p: p, None),
    'renamed.pt': (lambda p: p, None), 'no_ending': (lambda p: p, None),
    'gzip.pkl.gz': (gzip.compress, None), 'gzip_renamed.pkl': (gzip.compress, None),
    'gzip_stored.gz': (lambda p: gzip.compress(p, 0), None),
    'gzip_twice.gz': (lambda p: gzip.compress(gzip.compress(p)), None), 'gzip_names.gz': (gzip_with_names, None),
    'gzip_members.gz': (lambda p: gzip.compress(p[:20]) + gzip.compress(p[20:]), None),
    'gzip_zeros_after.gz': (lambda p: gzip.compress(p) + bytes(512), None),
    'gzip_pickle_after.pkl': (lambda p: gzip.compress(Assembler(2).file(NONE)) + p, NOT_SAFE),
    'gzip_cut.gz': (lambda p: gzip.compress(p)[:-8], NOT_SAFE),
    'gzip_bad_crc.gz': (lambda p: gzip.compress(p)[:-8] + bytes(8), NOT_SAFE),
    'zlib.z': (zlib.compress, None), 'zlib_stored.joblib': (lambda p: zlib.compress(p, 0), None),
    'zlib_best.joblib': (lambda p: zlib.compress(p, 9), None), 'zlib_old.joblib': (joblib_old_zlib, None),
    'zlib_bad_sum.z': (lambda p: zlib.compress(p)[:-4] + bytes(4), NOT_SAFE),
    'deflate_raw.bin': (lambda p: zlib.compress(p)[2:-4], ANY),
    'bz2.pkl.bz2': (bz2.compress, None),
    'bz2_members.bz2': (lambda p: bz2.compress(p[:20]) + bz2.compress(p[20:]), None),
    'xz.pkl.xz': (lzma.compress, None), 'lzma.pkl.lzma': (lambda p: lzma.compress(p, lzma.FORMAT_ALONE), None),
    'xz_in_gzip.joblib': (lambda p: gzip.compress(lzma.compress(p)), None),
    'zstd.pkl.zst': (zstandard_stored, NOT_SAFE),
    'zip.pkl.zip': (lambda p: zip_file([('model.pkl', p)]), None),
    'zip_deflated.zip': (lambda p: zip_file([('model.pkl', p)], zipfile.ZIP_DEFLATED), None),
    'zip_bz2.zip': (lambda p: zip_file([('model.pkl', p)], zipfile.ZIP_BZIP2), NOT_SAFE),
    'zip_lzma.zip': (lambda p: zip_file([('model.pkl', p)], zipfile.ZIP_LZMA), NOT_SAFE),
    'zip_json_member.zip': (lambda p: zip_file([('config.json', p)]), None),
    'zip_no_ending.zip': (lambda p: zip_file([('README', p)]), None),
    'zip_parent.zip': (lambda p: zip_file([('../../model.pkl', p)]), None),
    'zip_in_zip.zip': (lambda p: zip_file([('inner.dat', zip_file([('model.pkl', p)]))]), None),
    'zip_in_gzip.gz': (lambda p: gzip.compress(zip_file([('model.pkl', p)])), None),
    'gzip_in_zip.zip': (lambda p: zip_file([('model', gzip.compress(p))]), None),
    'zip_after_junk.zip': (lambda p: b'#!/bin/false\n' + zip_file([('model.pkl', p)]), NOT_SAFE),
    'zip_before_junk.zip': (lambda p: zip_file([('model.pkl', p)]) + b'junk' * 10, NOT_SAFE),
    'zip_other_local_name.zip': (zip_with_other_local_name, NOT_SAFE),
    'zip_wrong_crc.zip': (zip_with_wrong_crc, NOT_SAFE),
    'zip_encrypted_flag.zip': (zip_with_encrypted_flag, NOT_SAFE),
    'zip_encrypted_flag_central.zip': (lambda p: zip_with_encrypted_flag(p, local=False), NOT_SAFE),
    'zip_encrypted_flag_local.zip': (lambda p: zip_with_encrypted_flag(p, central=False), NOT_SAFE),
    'zip_hidden_member.zip': (zip_without_entry, NOT_SAFE), 'zip_two_of_a_name.zip': (zip_with_two_of_a_name, NOT_SAFE),
    'zip_unknown_method.zip': (zip_with_unknown_method, NOT_SAFE),
    'zip_sizes_of_zero.zip': (zip_with_sizes_of_zero, NOT_SAFE),
    'zip_cut.zip': (lambda p: zip_file([('model.pkl', p)])[:-30], NOT_SAFE),
    'torch.pt': (torch_zip, None), 'torch_renamed.bin': (torch_zip, None),
    'torch_other_prefix.pt': (lambda p: torch_zip(p, 'x/y/'), None),
    'torch_in_data.pt': (lambda p: zip_file([('archive/data.pkl', Assembler(2).file(NONE)), ('archive/data/0', p)]),
                         NOT_SAFE),
    'torch_two_pickles.pt': (lambda p: zip_file([('archive/data.pkl', Assembler(2).file(NONE)),
                                                 ('archive/extra/x', p)]), None),
    'torch_constants.pt': (lambda p: zip_file([('m/data.pkl', Assembler(2).file(NONE)), ('m/constants.pkl', p)]), None),
    'torch_legacy.pth': (torch_legacy, None), 'torch_tar.pth': (torch_tar, None),
    'tar.tar': (lambda p: tar_file([('model.pkl', p)]), None),
    'tar_odd_name.tar': (lambda p: tar_file([('notes.md', p)]), None),
    'tar_gz.tgz': (lambda p: gzip.compress(tar_file([('model.pkl', p)])), None),
    'tar_in_zip.mar': (lambda p: zip_file([('a.tar', tar_file([('model.pkl', p)]))]), None),
    'npy.npy': (npy, None), 'npy_2.npy': (lambda p: npy(p, 2), None), 'npy_3.npy': (lambda p: npy(p, 3), None),
    'npy_renamed.pkl': (npy, None), 'npz.npz': (lambda p: zip_file([('a.npy', npy(p))]), None),
    'npz_deflated.npz': (lambda p: zip_file([('a.npy', npy(p))], zipfile.ZIP_DEFLATED), None),
    'npz_odd_name.npz': (lambda p: zip_file([('a', npy(p))]), None),
    'npy_fields.npy': (lambda p: npy(p, descr="[('a', '<i8'), ('b', '|O')]"), NOT_SAFE),
    'npy_evaluated.npy': (lambda p: npy(p, descr="__import__('os').system('echo')"), NOT_SAFE),
    'second.pkl': (lambda p: Assembler(2).file(NONE) + p, None),
    'third.pkl': (lambda p: Assembler(4).file(NONE) * 2 + p, None),
    'first.pkl': (lambda p: p + Assembler(2).file(NONE), None), 'twice.pkl': (lambda p: p + p, None),
    'second_after_zeros.pkl': (lambda p: Assembler(2).file(NONE) + bytes(512) + p, NOT_SAFE),
    'second_after_junk.pkl': (lambda p: Assembler(2).file(NONE) + b'\xff\xff\xff\xff' + p, NOT_SAFE),
    'zip_after_pickle.pkl': (lambda p: Assembler(2).file(NONE) + zip_file([('model.pkl', p)]), NOT_SAFE),
    'zip_after_payload.pkl': (lambda p: p + zip_file([('notes.txt', b'hello')]), NOT_SAFE),
    'gzip_after_pickle.pkl': (lambda p: Assembler(2).file(NONE) + gzip.compress(p), NOT_SAFE),
    'npy_after_pickle.pkl': (lambda p: Assembler(2).file(NONE) + npy(p), NOT_SAFE),
    'junk_before.pkl': (lambda p: b'\xff\xfe\xfd' + p, NOT_SAFE),
    'picture_before.png': (lambda p: b'\x89PNG\r\n\x1a\n' + p, ANY),
    '7z.pt': (lambda p: b'7z\xbc\xaf\x27\x1c\0\4' + bytes(24) + p, NOT_SAFE),
    'rar.pkl': (lambda p: b'Rar!\x1a\7\1\0' + p, NOT_SAFE),
    'lz4.joblib': (lambda p: b'\x04\x22\x4d\x18\x64\x40\xa7' + U32(len(p) | 1 << 31) + p + bytes(4), NOT_SAFE),
    'compress.Z': (lambda p: b'\x1f\x9d\x90' + p, NOT_SAFE), 'hdf5.h5': (lambda p: b'\x89HDF\r\n\x1a\n' + p, ANY),
}


def container_payloads():
    old, new = Assembler(2), Assembler(4)
    yield 'os', old.file(old.system()), DANGEROUS, 'os.system is called'
    yield 'stack_global', new.file(new.system(), frame=True), DANGEROUS, 'os.system is called, from a frame'
    yield 'unknown', new.file(new.build(new.new('kittens_of_doom Kitten'),
                                        {'a': 1})), UNKNOWN, 'an object of an unknown class'


def container_files():
    for (label, payload, verdict, because), (name, (wrap, expected)) in itertools.product(container_payloads(),
                                                                                          CONTAINERS.items()):
        if expected == ANY:
            continue  # no reader of pickles would find it
        yield HostileFile('container_%s_%s' % (label, name), wrap(payload), expected or verdict, because,
                          well_formed=False)


def other_files():
    """Files that hold nothing to load, or only a promise."""
    for name, data, because in (
            ('empty.pkl', b'', 'an empty file is no pickle'),
            ('lfs_pointer.pkl', b'version https://git-lfs.github.com/spec/v1\noid sha256:%064d\nsize 12345\n' % 7,
             'the model itself is not here'),
            ('only_protocol.pkl', b'\x80\x04', 'the rest is missing'),
            ('zip_magic.pt', b'PK\3\4' + bytes(40), 'a broken zip'),
            ('empty_gzip.pkl', gzip.compress(b''), 'nothing inside'),
            ('npy_cut.npy', npy(b'')[:30], 'its header is cut'),
            ('npy_no_pickle.npy', npy(b''), 'an object array without its pickle')):
        yield HostileFile('other_' + name, data, NOT_SAFE, because, well_formed=False)


def hostile_files() -> Iterator[HostileFile]:
    return itertools.chain(technique_files(), callable_files(), container_files(), other_files())


# ---------------------------------------------------------------- resource attacks

MILLION = 1_000_000


def colliding_integers(count):
    """Keys that are equal modulo 2^61-1 fall into one chain in CPython's dict."""
    keys = b''.join(b'\x8a\x0b' + (number * ((1 << 61) - 1) + 1).to_bytes(11,
                                                                          'little') + NONE for number in range(count))
    return Assembler(2).file(EMPTY_DICT, MARK, keys, SETITEMS)


def hashed_for_ever():
    """A tuple doubled sixty times, as a key: CPython takes 2^60 steps to hash it."""
    return Assembler(2).file(EMPTY_DICT, EMPTY_TUPLE, (DUP + b'\x86') * 60, NONE, SETITEM)


def hashed_for_ever_in_set():
    return Assembler(4).file(MARK, EMPTY_TUPLE, (DUP + b'\x86') * 60, FROZENSET)


def shared_text():
    text = b'X' + U32(MILLION) + b'x' * MILLION
    return Assembler(2).file(MARK, text, DUP * 4000, TUPLE)


def nested_pickles(levels):
    inner = Assembler(3).file(NONE)
    for _ in range(levels):
        inner = Assembler(3).file(Assembler(3).call('pickle loads', inner))
    return inner


def zip_bomb(member):
    return lambda: zip_file([(member, bytes(100 * MILLION))], zipfile.ZIP_DEFLATED)


MORE_ATTACKS = {
    'keys_that_collide': (lambda: colliding_integers(50_000), NOT_SAFE),
    'hashed_for_ever': (hashed_for_ever, NOT_SAFE),
    'hashed_for_ever_in_set': (hashed_for_ever_in_set, NOT_SAFE),
    'shared_text': (shared_text, ANY),
    'memo_400k': (lambda: Assembler(4).file(NONE, MEMOIZE * 400_000), ANY),
    'mark_pop_500k': (lambda: Assembler(2).file(NONE, (MARK + POP_MARK) * 500_000), ANY),
    'nested_pickles_200': (lambda: nested_pickles(200), DANGEROUS),
    'global_without_newline': (lambda: b'c' + b'o' * (8 * MILLION), NOT_SAFE),
    'name_8_mb': (lambda: b'cos\n' + b's' * (8 * MILLION) + b'\n.', NOT_SAFE),
    'persistent_id_8_mb': (lambda: b'P' + b'x' * (8 * MILLION) + b'\n.', NOT_SAFE),
    'calls_400k': (lambda: Assembler(2).file(b'ckittens_of_doom\nf\nq\0', b'h\0)R0' * 400_000), UNKNOWN),
    'dangerous_calls_400k': (lambda: Assembler(2).file(b'cos\nsystem\nq\0', b'h\0)R0' * 400_000), DANGEROUS),
    'dangerous_at_the_end': (lambda: b'N.' * 500_000 + Assembler(2).file(Assembler(2).system()), DANGEROUS),
    'dangerous_after_data': (lambda: Assembler(2).file(b'K\1' + b'K\0000' * MILLION + POP, Assembler(2).system()),
                             DANGEROUS),
    'dangerous_at_the_bottom': (lambda: Assembler(4).file(EMPTY_LIST * MILLION, Assembler(4).system(),
                                                          APPEND * MILLION), DANGEROUS),
    'dangerous_behind_bomb': (lambda: gzip.compress(bytes(0)) + gzip.compress(
        Assembler(4).file(b'B' + U32(64 * MILLION) + bytes(64 * MILLION), POP, Assembler(4).system())), NOT_SAFE),
    'zip_bomb_pickle': (zip_bomb('archive/data.pkl'), NOT_SAFE),
    'zip_bomb_other': (zip_bomb('notes.txt'), ANY),
    'self_in_self': (lambda: Assembler(2).file(EMPTY_LIST, b'q\0', b'h\0a' * 300_000), ANY),
    'self_as_state': (lambda: Assembler(2).file(b'ckittens_of_doom\nK\n)\x81q\0', b'h\0b' * 300_000), UNKNOWN),
    'states_many': (lambda: Assembler(2).file(b'ccollections\nOrderedDict\n)R', b'}b' * 300_000), ANY),
    'partials_nested': (lambda: Assembler(2).file(b'cfunctools\npartial\nq\0', b'cos\nsystem\nq\1',
                                                  b'0h\0h\1\x85Rq\1' * 100_000),
                        DANGEROUS),
}


def known_attacks():
    """Those of hostile.py, which test all commands; that a cut or oversized length is refused is asserted there."""
    refused = ('binunicode', 'binbytes', 'bytearray8', 'binstring', 'frame_', 'long4_ff', 'long4_7f', 'long4_80',
               'long1', 'memo_get_missing', 'memo_long_binput', 'memo_sparse', 'memo_put_2_64', 'memo_put_huge',
               'memo_put_negative', 'line_without_end', 'marks_popped_')
    for name, make in hostile.hostile_files().items():
        yield name, make, NOT_SAFE if name.startswith(refused) else ANY


def resource_attacks() -> Iterator[HostileFile]:
    for name, (make, expected) in MORE_ATTACKS.items():
        yield HostileFile('resource_%s.pkl' % name, make(), expected, 'it asks for much', well_formed=False)
    for name, make, expected in known_attacks():
        yield HostileFile('resource_%s.pkl' % name, make(), expected, 'it asks for much', well_formed=False)
