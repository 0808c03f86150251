"""A pickle of 2 kB that holds every one of the 68 opcodes: what the tests cut and flip."""
import pickletools
import struct

SIZE = 2048

# Each piece leaves one value on the stack. Memo indexes are given by hand; MEMOIZE uses the number of entries so far.
PIECES = (
    b'I17\n', b'I01\n', b'L123456789012345678901234567890L\n', b'J\x01\x02\x03\x84', b'K\xff', b'M\x34\x12',
    b'\x8a\x09\x01\x02\x03\x04\x05\x06\x07\x08\x09', b'\x8b\x05\x00\x00\x00\xff\xff\xff\xff\x80',
    b"S'a string\\n\\x41'\n", b'T\x05\x00\x00\x00bytes', b'U\x03\xe9\x00x',
    b'Vunicode \\u20ac text\n', b'X\x06\x00\x00\x00\xe4\xb8\xad\xe6\x96\x87', b'\x8c\x05short', b'\x8d' + struct.pack('<Q', 4) + b'long',
    b'B\x04\x00\x00\x00\x00\x01\x02\x03', b'C\x02\xff\xfe', b'\x8e' + struct.pack('<Q', 3) + b'abc',
    b'\x96' + struct.pack('<Q', 3) + b'xyz', b'F1.5e-3\n', b'G' + struct.pack('>d', 0.1), b'N', b'\x88', b'\x89',
    b')', b'N\x85', b'NN\x86', b'NNN\x87', b'(NK\x01K\x02\x8c\x01xt', b'(K\x01K\x02l', b'(\x8c\x01kK\x01d',
    b'}\x8c\x01kK\x02s', b'}(\x8c\x01aK\x01\x8c\x01bK\x02u', b'\x8f(K\x01K\x02\x90', b'(K\x01K\x02\x91',
    b']K\x01a', b'](K\x01K\x02e', b'NK\x010', b'K\x072\x86', b'N(K\x01K\x021',
    b'cmodule.name\nClass\n)R', b'\x8c\x06module\x8c\x05Other\x93)\x81}\x8c\x01xK\x01sb', b'cmodule\nThird\n)}\x8c\x03keyK\x01s\x92',
    b'(K\x01imodule\nOldStyle\n', b'(cmodule\nOldStyle\nK\x02o', b'\x82\x01', b'\x83\x02\x01', b'\x84\x03\x02\x01\x00',
    b'Pa persistent id\n', b'\x8c\x02idQ',
    b']p0\n', b'g0\n', b'}q\x01', b'h\x01', b'\x8fr\x02\x00\x00\x00', b'j\x02\x00\x00\x00', b'\x8c\x0amemoized 3\x94', b'h\x03',
    b'\x97', b'\x97\x98',
)


def opcode_sample():
    """The pickle, filled up to SIZE with records that share what they can."""
    body = b'](' + b''.join(PIECES)
    number = 0
    while len(body) < SIZE - 60:
        body += b'}(\x8c\x02idM' + struct.pack('<H', number) + b'\x8c\x04nameh\x03u'
        number += 1
    body += b'\x8c%c' % (SIZE - len(body) - 15) + b'.' * (SIZE - len(body) - 15) + b'e.'
    return b'\x80\x05\x95' + struct.pack('<Q', len(body)) + body


def opcodes_in(data):
    return {opcode.name for opcode, _, _ in pickletools.genops(data)}
