"""Lossless JSON: Python's json reads it, and an edit of one value changes that value's instruction and no other."""
import json
import pickletools

from command import check_all, distinct, Failed, memo_arguments, output_of, run

FEW = 400  # letters of a text that is edited: far from where frames treat it otherwise


def as_json(entry):
    text = output_of('convert', entry['path'], '--to', 'json', '-o', '-', *memo_arguments(entry))
    try:
        return json.loads(text)
    except ValueError as error:
        raise Failed('no JSON: %s' % error)


def depth_of(value):
    """How deep the JSON nests, found without recursion."""
    deepest, level = 0, [value]
    while level:
        deepest += 1
        level = [inner for outer in level if isinstance(outer, (dict, list))
                 for inner in (outer.values() if isinstance(outer, dict) else outer)]
    return deepest


def leaves_of(document):
    """The places of editable leaves: (holder, key) with holder[key] a number or a short text."""
    places, waiting = [], [document]
    while waiting:
        holder = waiting.pop()
        inside = holder.items() if isinstance(holder, dict) else enumerate(holder)
        for key, value in inside:
            if isinstance(value, (dict, list)):
                if key == 'of' and isinstance(value, list):
                    places += [(value, index) for index, item in enumerate(value) if edited(item) is not None]
                waiting.append(value)
            elif key in ('value', 'root') and edited(value) is not None:
                places.append((holder, key))
    return places


def edited(value):
    """Another value of the same kind, or None for what this test leaves alone."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value - 1 if value > 0 else value + 1
    if isinstance(value, float):
        return value + 1.0 if abs(value) < 1e9 else None
    if isinstance(value, str) and len(value) < FEW:
        return value + 'z'
    return None


def instructions(data):
    """All but frames, of every pickle in the data."""
    found, start = [], 0
    while start < len(data):
        end = start
        for opcode, argument, position in pickletools.genops(data[start:]):
            end = start + position + 1
            if opcode.name != 'FRAME':
                found.append((opcode.name, argument if isinstance(argument, int) else repr(argument)))
        start = end
    return found


def check_edits(entry):
    before = instructions(output_of('convert', entry['path'], '--to', 'pickle', '-o', '-', *memo_arguments(entry)))
    document = as_json(entry)
    places = leaves_of(document)
    for holder, key in places[:1] + places[len(places) // 2:][:1] + places[-1:]:
        old, holder[key] = holder[key], edited(holder[key])
        changed = json.dumps(document, ensure_ascii=False).encode('utf-8', 'surrogatepass')
        after = instructions(output_of('convert', '-', '--to', 'pickle', '-o', '-', stdin=changed))
        different = [pair for pair in zip(before, after) if pair[0] != pair[1]]
        if len(before) != len(after) or len(different) != 1:
            raise Failed('%r made %r: %d instructions, before %d; different: %r' % (
                old, holder[key], len(after), len(before), different[:3]))
        holder[key] = old


def check_flat(entry):
    depth = depth_of(as_json(entry))
    if depth > 12:
        raise Failed('nests %d deep' % depth)


def editable(corpus):
    """Python 2's non-ASCII protocol 0 is what pickletools cannot read."""
    return [entry for entry in distinct(corpus) if 'memo_65600' not in entry['name']
            and not (entry['python'] == 'py27' and entry['protocol'] == 0)]


def test_generated_files_are_flat(corpus):
    check_all(distinct(corpus), check_flat, 'json_flat')


def test_edit_of_one_leaf(corpus):
    check_all(editable(corpus), check_edits, 'json_edit')


def test_bad_json_is_refused(tmp_path):
    """Wherever a document's JSON is cut or a reference is wrong: exit code 1 and words."""
    path = tmp_path / 'small.pkl'
    path.write_bytes(b'\x80\x04}\x94\x8c\x01a\x94]\x94(K\x01G?\xf0\0\0\0\0\0\0h\x00es.')
    text = output_of('convert', path, '--to', 'json', '-o', '-')
    whole = output_of('convert', '-', '--to', 'pickle', '-o', '-', stdin=text)
    assert whole == output_of('convert', path, '--to', 'pickle', '-o', '-')

    def check(entry):
        done = run('convert', '-', '--to', 'pickle', '-o', '-', stdin=entry['text'])
        if done.returncode not in ((0, 1) if entry['may_pass'] else (1,)) or (done.returncode and not done.stderr):
            raise Failed('exit %d: %r' % (done.returncode, done.stderr[-200:]))
    cases = [{'name': 'cut at %d' % at, 'text': text[:at], 'may_pass': at == len(text.rstrip())} for at in range(1, len(text))]
    for wrong in (b'-1', b'99999', b'4294967295', b'18446744073709551616', b'"x"', b'null', b'[]', b'1.5'):
        for old in (b'"node":0', b'"node":1', b'"get":0', b'"put":0', b'"protocol":4'):
            if old in text:
                name = '%s: %s' % (old.decode(), wrong.decode())
                cases.append({'name': name, 'text': text.replace(old, old.split(b':')[0] + b':' + wrong), 'may_pass': True})
    check_all(cases, check, 'json_bad')
