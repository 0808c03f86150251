"""`cppickle stat --json` against what is known of every fixture: the manifest of the wild files, the names of the others."""
import json

from command import check_all, Failed, output_of, run


def stat(entry):
    try:
        return json.loads(output_of('stat', '--json', entry['path']))
    except ValueError as error:
        raise Failed('stat --json is no JSON: %s' % error)


def differences(found, expected):
    """Words for each field that the manifest states and that differs."""
    words = []
    for field in ('container', 'protocol', 'root'):
        if field in expected and expected[field] is not None and found.get(field) != expected[field]:
            words.append('%s %r, manifest says %r' % (field, found.get(field), expected[field]))
    ours, theirs = found.get('globals') or {}, expected.get('globals') or {}
    for name in sorted(set(ours) | set(theirs)):
        if ours.get(name, 0) != theirs.get(name, 0):
            words.append('global %s counted %d times, manifest says %d' % (name, ours.get(name, 0), theirs.get(name, 0)))
    return words


# Cut files, which no reader reads to the end; the manifest lists what a scan of their first instructions found.
# 12962a5c31107e4e: its FRAME says 20 bytes and 17 follow ("pickle data was truncated", _pickle.c).
# 9b090cf6dc7582c7: a BINUNICODE of 543,558,206 bytes, and 63 follow (pickletools raises a ValueError there).
CUT = {'12962a5c31107e4e.pkl', '9b090cf6dc7582c7.pkl'}


def check_manifest(entry):
    if entry['file'] in CUT:
        done = run('stat', '--json', entry['path'])
        found = json.loads(done.stdout)
        if done.returncode != 1 or found['streams'][0]['error']['code'] != 'truncated':
            raise Failed('exit %d, no error "truncated" in %s' % (done.returncode, done.stdout[:300]))
        return
    words = differences(stat(entry), entry)
    if words:
        raise Failed('; '.join(words[:6]) + ('; and %d more' % (len(words) - 6) if len(words) > 6 else ''))


def check_version(entry):
    """The file's name says the protocol, its ending the container; every pickle has a root."""
    found = stat(entry)
    if entry['path'].suffix == '.pkl':
        protocol = int(entry['path'].name.rsplit('.p', 2)[1])
        if found.get('protocol') != protocol:
            raise Failed('protocol %r, its name says %d' % (found.get('protocol'), protocol))
        if found.get('container') != 'raw pickle':
            raise Failed('container %r, expected raw pickle' % found.get('container'))
    elif 'joblib pickle' not in str(found.get('container')):
        raise Failed('container %r, expected a joblib pickle' % found.get('container'))
    if not found.get('root'):
        raise Failed('no root')


def check_shown(entry):
    """Read whole, or named as what it is: exit code 0 or 1, and words in any case."""
    done = run('show', entry['path'])
    if done.returncode not in (0, 1) or not (done.stdout or done.stderr):
        raise Failed('show: exit %d: %s' % (done.returncode, done.stderr[-300:].decode(errors='replace')))


def test_wild_files_equal_the_manifest(wild):
    assert len(wild) == 451
    check_all(wild, check_manifest, 'wild_manifest')


def test_version_files(versions):
    assert len(versions) == 700
    check_all(versions, check_version, 'versions_stat')


def test_every_file_is_shown(wild, versions):
    check_all(wild + versions, check_shown, 'fixtures_shown')
