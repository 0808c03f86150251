"""`cppickle dis` prints what pickletools.dis prints, byte for byte. pickletools only parses, so wild files are safe with it."""
import io
import pickletools
import sys

from command import check_all, distinct, expect_same, Failed, memo_arguments, run
from container_streams import streams_of

if hasattr(sys, 'set_int_max_str_digits'):
    sys.set_int_max_str_digits(0)  # or pickletools raises on integers of more than 4,300 digits


def pickletools_texts(data, shared_memo=False):
    """The text of each pickle in the data, and whether pickletools gave up on the last one."""
    file, memo, texts = io.BytesIO(data), {}, []
    while True:
        text = io.StringIO()
        try:
            pickletools.dis(file, text, memo if shared_memo else {})
        except Exception:  # whatever it raises: the text up to there counts
            return texts + [text.getvalue().encode('utf-8', 'surrogateescape')], True
        texts.append(text.getvalue().encode('utf-8', 'surrogatepass'))
        if file.tell() == len(data):
            return texts, False


def without_headers(text):
    """Where a file holds several streams, a line `# ...` stands before each."""
    return b''.join(line for line in text.splitlines(keepends=True) if not line.startswith(b'# '))


def check(entry):
    """Equal text. Where pickletools raises, ours must begin like it."""
    texts, gave_up = pickletools_texts(entry['path'].read_bytes(), entry['load'] == 'shared')
    expected = b''.join(texts)
    done = run('dis', entry['path'], *memo_arguments(entry))
    ours = done.stdout if len(texts) == 1 else without_headers(done.stdout)
    if gave_up:
        ours = ours[:len(expected)]
    elif done.returncode != 0:
        raise Failed('exit %d: %s' % (done.returncode, done.stderr.decode(errors='replace').strip()[-300:]))
    expect_same(ours, expected, 'text')


def test_generated_files(corpus):
    check_all(distinct(corpus), check, 'dis_generated')


def test_version_files(versions):
    check_all([entry for entry in versions if entry['path'].suffix == '.pkl'], check, 'dis_versions')


def test_wild_raw_pickles(wild):
    check_all([entry for entry in wild if entry['container'] == 'raw pickle'], check, 'dis_wild')


def check_inner(entry):
    """Every inner stream's text stands in ours, one after the other."""
    streams = streams_of(entry)
    if not streams:
        raise Failed('the test finds no stream in it')
    ours = run('dis', entry['path']).stdout
    at = 0
    for number, stream in enumerate(streams):
        text = io.StringIO()
        gave_up = None
        try:
            pickletools.dis(stream, text)
        except Exception as error:
            gave_up = error
        expected = text.getvalue().encode('utf-8', 'surrogatepass')
        start = ours.find(expected, at)
        if start < 0:
            start = ours.find(expected.split(b'\n')[0], at)
            expect_same(ours[start:start + len(expected)], expected, 'stream %d%s, text' % (number, ' (cut)' if gave_up else ''))
        at = start + len(expected)


def test_streams_inside_of_containers(wild):
    known = ('torch zip', 'torch legacy', 'raw joblib', 'joblib<0.10', 'gzip > pickle', 'gzip > joblib', 'zlib', 'bz2', 'xz', 'lzma')
    objects = [entry for entry in wild if entry['container'] in ('npy', 'npz') and entry.get('protocol') is not None]
    check_all([entry for entry in wild if entry['container'].startswith(known)] + objects, check_inner, 'dis_containers')
