"""A pickle written again at its own protocol has the same bytes, directly and through lossless JSON."""
import json

from command import check_all, distinct, expect_same, Failed, memo_arguments, output_of, run


def rewritten(entry, *member):
    return output_of('convert', entry['path'], '--to', 'pickle', '-o', '-', *memo_arguments(entry), *member)


def check_rewrite(entry):
    expect_same(rewritten(entry), entry['path'].read_bytes(), 'pickle')


def check_json(entry, *member):
    """Through JSON and back: the same as writing it directly."""
    as_json = output_of('convert', entry['path'], '--to', 'json', '-o', '-', *memo_arguments(entry), *member)
    back = output_of('convert', '-', '--to', 'pickle', '-o', '-', stdin=as_json)
    expect_same(back, rewritten(entry, *member), 'pickle made from JSON')


def by_c_pickler(corpus):
    return [entry for entry in corpus if not entry['name'].startswith('pure/')]


def raw_versions(versions):
    """Raw pickles of Python 3, and Python 2's protocols 1 and 2 (its protocol 0 is outside of the promise)."""
    return [entry for entry in versions if entry['path'].suffix == '.pkl'
            and not (entry['environment'].startswith('p27') and '.p0.' in entry['name'])]


def test_corpus_is_large_enough(corpus):
    assert len(by_c_pickler(corpus)) >= 2000 or len({entry['python'] for entry in corpus}) == 1


def test_generated_files(corpus):
    check_all(distinct(by_c_pickler(corpus)), check_rewrite, 'rewrite_generated')


def test_version_files(versions):
    check_all(raw_versions(versions), check_rewrite, 'rewrite_versions')


def test_generated_files_through_json(corpus):
    check_all(distinct(corpus), check_json, 'json_generated')


def test_version_files_through_json(versions):
    check_all(versions, check_json, 'json_versions')


def test_wild_files_through_json(wild):
    """Those that read; a few are damaged on purpose, and then neither way writes anything."""
    def check(entry):
        codes = [run('convert', entry['path'], '--to', to, '-o', '-').returncode for to in ('pickle', 'json')]
        if codes == [0, 0]:
            check_json(entry)
        elif codes == [2, 2]:  # several streams: each by its number
            streams = len(json.loads(output_of('stat', '--json', entry['path']))['streams'])
            for number in range(streams):
                check_json(entry, '--member', str(number))
        elif codes[0] != codes[1] or codes[0] not in (1, 3):
            raise Failed('exit %d for pickle, %d for JSON' % tuple(codes))
    check_all(wild, check, 'json_wild')
