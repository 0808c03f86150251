"""Small files that ask for much: {name: function that returns the bytes}. None of them is ever unpickled."""
import bz2
import gzip
import io
import lzma
import struct
import zipfile
import zlib

MILLION = 1_000_000
U64 = struct.Struct('<Q').pack


def lengths():
    """A length that the file doesn't have, for every opcode that states one."""
    cases = {}
    for name, opcode in (('binunicode8', b'\x8d'), ('binbytes8', b'\x8e'), ('bytearray8', b'\x96'), ('frame', b'\x95')):
        for label, length in (('2_63', 1 << 63), ('2_64_less_1', (1 << 64) - 1), ('2_63_less_1', (1 << 63) - 1), ('2_40', 1 << 40)):
            cases['%s_%s' % (name, label)] = b'\x80\x05' + opcode + U64(length) + b'abc.'
    for name, opcode in (('binunicode', b'X'), ('binbytes', b'B'), ('long4', b'\x8b'), ('binstring', b'T')):
        for label, length in (('ffffffff', b'\xff\xff\xff\xff'), ('7fffffff', b'\xff\xff\xff\x7f'), ('80000000', b'\0\0\0\x80')):
            cases['%s_%s' % (name, label)] = b'\x80\x03' + opcode + length + b'abc.'
    cases['long1_255'] = b'\x80\x02\x8a\xff\x01.'
    return cases


def memo():
    return {
        'memo_long_binput_ffffffff': b'\x80\x02]r\xff\xff\xff\xffj\xff\xff\xff\xff.',
        'memo_long_binput_0fffffff': b'\x80\x04]r\xff\xff\xff\x0f.',
        'memo_put_2_64': b']p18446744073709551616\n.',
        'memo_put_negative': b']p-1\n.',
        'memo_put_huge_number': b']p' + b'9' * 100_000 + b'\n.',
        'memo_get_missing': b'\x80\x02h\x07.',
        'memo_sparse': b'\x80\x02N' + b''.join(b'r' + struct.pack('<I', number * 4001 % (1 << 32)) for number in range(MILLION)) + b'.',
        'memo_same_place': b'\x80\x02N' + b'q\x00' * MILLION + b'.',
        'memoize_many': b'\x80\x04N' + b'\x94' * MILLION + b'.',
    }


def nesting():
    many = MILLION
    return {
        'nested_lists': lambda: b'\x80\x02' + b']' * many + b'a' * (many - 1) + b'.',
        'nested_memoized_lists': lambda: b'\x80\x04' + b']\x94' * many + b'a' * (many - 1) + b'.',
        'nested_tuples': lambda: b'\x80\x02)' + b'\x85' * many + b'.',
        'nested_dicts': lambda: b'\x80\x02' + b'}K\x00' * many + b'N' + b's' * many + b'.',
        'nested_marked_tuples': lambda: b'(' * many + b't' * many + b'.',
        'nested_marked_lists': lambda: b'(' * many + b'l' * many + b'.',
        'nested_marked_dicts': lambda: b'(K\x00' * many + b'N' + b'd' * many + b'.',
        'nested_frozensets': lambda: b'\x80\x04' + b'(' * many + b'\x91' * many + b'.',
        'nested_reduces': lambda: b'\x80\x02' + b'c__builtin__\nlist\nq\x00' + b'h\x00' * many + b')' + b'R\x85' * many + b'R.',
        'nested_persistent_ids': lambda: b'\x80\x02N' + b'Q' * many + b'.',
        'nested_states': lambda: b'\x80\x02cm\nC\nq\x00)\x81' + b'h\x00)\x81' * many + b'b' * many + b'.',
        'states_one_after_the_other': lambda: b'\x80\x02cm\nC\n)\x81' + b'Nb' * many + b'.',
        'marks_only': lambda: b'(' * many + b'.',
        'marks_popped': lambda: b'N' + b'(' * many + b'1' * many + b'.',
        'pops_only': lambda: b'0' * many + b'.',
        'appends_to_itself': lambda: b'\x80\x02]q\x00' + b'h\x00a' * many + b'.',
        'values_left': lambda: b'\x80\x02' + b'N' * many + b'.',
        'instances_of_old': lambda: b'(im\nC\n' * 100_000 + b'.',
    }


def doubling(start, step, levels):
    return b'\x80\x02' + start + step * levels + b'.'


def bombs():
    laughs = b'\x80\x02]q\x00' + b''.join(b'](' + b'h%c' % level * 10 + b'eq%c' % (level + 1)
                                         for level in range(60)) + b'.'
    return {
        'laughs_lists': laughs,
        'laughs_tuples': doubling(b')q\x00', b'(h\x00h\x00h\x00h\x00h\x00h\x00h\x00h\x00tq\x00', 100),
        'laughs_dicts': doubling(b'}q\x00', b'}(K\x00h\x00K\x01h\x00K\x02h\x00uq\x00', 100),
        'laughs_sets': b'\x80\x04' + b')q\x00' + b'(h\x00K\x01\x85h\x00\x86\x91q\x00' * 60 + b'.',
        'laughs_long_text': doubling(b'X' + struct.pack('<I', 100_000) + b'x' * 100_000 + b'q\x00', b'(h\x00h\x00h\x00h\x00h\x00tq\x00', 30),
        'dup_pairs': doubling(b')', b'2\x86', 300),
        'dup_many': lambda: b'N' + b'2' * (10 * MILLION) + b'.',
        'dup_many_in_tuple': lambda: b'(N' + b'2' * (10 * MILLION) + b't.',
        'dup_reduce': doubling(b'cm\nf\n', b'2\x85R', 300),
    }


def numbers():
    return {
        'int_200k_digits': b'I' + b'7' * 200_000 + b'\n.',
        'long_200k_digits': b'L' + b'7' * 200_000 + b'L\n.',
        'long_200k_negative_digits': b'L-' + b'9' * 200_000 + b'L\n.',
        'long4_83k_bytes': b'\x80\x02\x8b' + struct.pack('<i', 83_000) + b'\x7f' * 83_000 + b'.',
        'float_200k_digits': b'F' + b'1' * 200_000 + b'\n.',
        'float_200k_exponent': b'F1e' + b'9' * 200_000 + b'\n.',
        'line_without_end': lambda: b'V' + b'x' * (10 * MILLION),
        'string_of_backslashes': lambda: b"S'" + b'\\' * MILLION + b"'\n.",
        'unicode_escapes': lambda: b'V' + b'\\u0041' * MILLION + b'\n.',
        'globals_many': lambda: b'\x80\x02(' + b''.join(b'cm%d\nC\n' % number for number in range(100_000)) + b't.',
    }


def zipped(write):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as archive:
        write(archive)
    return out.getvalue()


def zip_of_zeros(archive):
    with archive.open('archive/data.pkl', 'w', force_zip64=True) as member:
        for _ in range(200):
            member.write(bytes(MILLION))


def overlapping_zip():
    """Two entries of the directory that point to one local header."""
    data = zipped(lambda archive: archive.writestr('archive/data.pkl', b'\x80\x02N.'))
    directory = data.index(b'PK\x01\x02')
    end = data.index(b'PK\x05\x06')
    entry, tail = data[directory:end], bytearray(data[end:])
    tail[8:12] = struct.pack('<HH', 2, 2)
    tail[12:16] = struct.pack('<I', 2 * len(entry))
    return data[:directory] + entry * 2 + bytes(tail)


def compressed():
    """Two gigabytes of zeros in a few kilobytes; in front a pickle's BINBYTES8 that claims them."""
    head, block, count = b'\x80\x04\x8e' + U64(2000 * MILLION), bytes(10 * MILLION), 200
    cases = {
        'bomb_gzip': lambda: gzip.compress(head) + gzip.compress(block) * count,
        'bomb_bz2': lambda: bz2.compress(head) + bz2.compress(block) * count,
        'bomb_xz': lambda: lzma.compress(head) + lzma.compress(block) * count,
        'bomb_lzma': lambda: lzma.compress(head + block * 10, lzma.FORMAT_ALONE),
        'bomb_zlib': lambda: zlib.compress(head + block * 20),
        'bomb_zip': lambda: zipped(zip_of_zeros),
        'bomb_gzip_in_gzip': lambda: gzip.compress(gzip.compress(gzip.compress(head + block))),
        'zip_overlapping': overlapping_zip,
        'zip_many_members': lambda: zipped(lambda archive: [archive.writestr('a/%d.pkl' % number, b'N.') for number in range(20_000)]),
    }
    return cases


def oddities():
    return {'empty': b'', 'stop': b'.', 'protocol_only': b'\x80\x04', 'protocol_255': b'\x80\xffN.', 'one_byte': b'\x80',
            'zeros': bytes(MILLION), 'newlines': b'\n' * MILLION, 'many_pickles': b'N.' * MILLION,
            'frames_empty': b'\x80\x04' + (b'\x95' + bytes(8)) * 100_000 + b'N.'}


def hostile_files():
    cases = {}
    for group in (lengths, memo, nesting, bombs, numbers, compressed, oddities):
        cases.update(group())
    return {name: made if callable(made) else (lambda made=made: made) for name, made in cases.items()}
