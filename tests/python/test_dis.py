"""`cppickle dis` prints what pickletools.dis prints, byte for byte. pickletools only parses, so wild files are safe with it."""
import io
import pickletools
import sys

from command import check_all, distinct, expect_same, Failed, memo_arguments, run

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
