"""The scikit-learn packs against the library installed here: the structural rule, and an audit hook while loading."""
import json
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ROOT / 'tools/packs'
PACKS = ROOT / 'src/scan/packs'
sys.path.insert(0, str(TOOLS))
import make_packs  # noqa: E402
import record  # noqa: E402

pytest.importorskip('sklearn')

INERT = ('inert', 'new() build(dict(str: safe)) value')

# Runs by itself: an audit hook stays for the life of its process. Prints the events that loading raised, by class.
UNDER_AUDIT = r'''
import importlib, json, pickle, sys, warnings
warnings.simplefilter('ignore')
import sklearn

names, found = json.load(sys.stdin), {}
classes = [(name, importlib.import_module(name.split(':')[0])) for name in names]
events, listening = [], False

def hook(event, arguments):
    if listening and event != 'pickle.find_class':
        events.append(event + ' ' + repr(arguments)[:200])

def stream(name, version):
    """What pickle writes for an instance with a state of two attributes."""
    def text(value):
        return b'X' + len(value).to_bytes(4, 'little') + value.encode()
    module, qualname = name.split(':')
    state = b'}(' + text('a_') + b'K\x01' + text('_sklearn_version') + text(version) + b'u'
    return b'\x80\x02c' + module.encode() + b'\n' + qualname.encode() + b'\n)\x81' + state + b'b.'

sys.addaudithook(hook)
listening = True
open('/dev/null').close()
listening = False
assert events, 'the hook hears nothing'
events.clear()
for name, module in classes:
    for version in (sklearn.__version__, '0.1'):
        data = stream(name, version)
        listening = True
        made = pickle.loads(data)
        listening = False
        assert type(made).__name__ and made.__dict__['a_'] == 1, name
    if events:
        found[name] = list(events)
        events.clear()
json.dump(found, sys.stdout)
'''


def lines_of(pack):
    """{name: roles} of a pack, as written."""
    lines = [line.split('#')[0].strip() for line in (PACKS / pack).read_text().splitlines()]
    return dict(line.split(None, 1) for line in lines if line and not line.startswith('pack '))


def all_lines():
    return dict(lines_of('scikit-learn.pack'), **lines_of('scikit-learn-models.pack'))


@pytest.fixture(scope='module')
def inert_here():
    """{name: class} of what the packs call inert and this environment has."""
    found = {}
    made = lines_of('scikit-learn.pack')
    for name, roles in all_lines().items():
        if roles.startswith('inert') or (name in made and roles in INERT):
            try:
                found[name] = record.resolve(name)
            except (ImportError, AttributeError):
                pass
    assert len(found) > 150
    return found


def test_inert_classes_keep_the_structural_rule(inert_here):
    reviewed = make_packs.reviewed_hashes()
    roles = all_lines()
    wrong = {}
    for name, cls in inert_here.items():
        facts = record.class_facts(cls)
        reasons = record.reasons_not_inert(facts, reviewed)
        if facts['eq_hash'] and roles[name].startswith('inert'):
            reasons.append('a key with ' + ' '.join(facts['eq_hash']))
        if reasons:
            wrong[name] = reasons
    assert not wrong


def test_loading_inert_classes_raises_no_audit_event(inert_here):
    done = subprocess.run([sys.executable, '-c', UNDER_AUDIT], input=json.dumps(sorted(inert_here)),
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == {}


def test_no_name_of_our_pack_is_in_another():
    ours = set(lines_of('scikit-learn.pack'))
    for pack in PACKS.glob('*.pack'):
        assert pack.name == 'scikit-learn.pack' or not ours & set(lines_of(pack.name)), pack.name


@pytest.mark.filterwarnings('ignore')
def test_genuine_pickles_use_only_listed_roles():
    """A few samples of the recorder: each of their scikit-learn names is listed with the roles that they use."""
    import sklearn_samples

    lines, refused = make_packs.hand_written()
    for name, roles in lines_of('scikit-learn.pack').items():
        lines[name] = make_packs.roles_of(roles)
    evidence = record.Evidence()
    for estimator in ('KNeighborsClassifier', 'RidgeCV', 'ExtraTreeClassifier', 'SGDOneClassSVM'):
        for label, thorough, value in sklearn_samples.samples([], estimator):
            for _, data in record.streams_of(value, thorough):
                evidence.read(data, label)
    seen = {name: roles for name, roles in evidence.to_json().items() if name.startswith('sklearn.')}
    assert len(seen) > 20
    assert not {name for name in seen if name not in lines} - refused
    assert not {name: sorted(make_packs.missing_roles(name, roles, lines[name])) for name, roles in seen.items()
                if name in lines and make_packs.missing_roles(name, roles, lines[name])}
