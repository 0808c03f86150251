#!/usr/bin/env python3
"""Makes src/scan/packs/scikit-learn.pack from what record.py found in several environments.

    make_packs.py OUT/*.json           fails if the pack is not up to date, or a name that was seen is in no pack
    make_packs.py --write OUT/*.json   writes the pack
    make_packs.py --names OUT/*.json   prints the names of the library, for `record.py --facts`

A class becomes `inert` only if the structural rule (record.reasons_not_inert) holds in every environment that has it.
All else is for a person: it needs a line in a hand-written pack, or there a comment `# refused: NAME why`."""

import argparse
import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from record import reasons_not_inert  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent
PACKS = ROOT / 'src/scan/packs'
TARGET = PACKS / 'scikit-learn.pack'
MODELS = PACKS / 'scikit-learn-models.pack'
REVIEWED = Path(__file__).resolve().parent / 'reviewed.txt'
LIBRARY = 'sklearn'
MODULES = r'(sklearn|_loss)[.:]'  # 1.5 and 1.6 write the module sklearn._loss._loss as _loss
ROLES = ('new', 'call', 'build', 'items')

HEAD = """\
pack scikit-learn {first}..{last}
# Made by tools/packs/make_packs.py, not by hand: classes whose construction and BUILD run no code of the library. Each
# was seen in a genuine pickle, and in every environment below that has it: `__new__` is object's, `__setstate__` is
# absent or was read (tools/packs/reviewed.txt), nothing intercepts attribute access or destruction, the metaclass is
# plain and all bases are Python classes. Classes with their own `__eq__` or `__hash__` are not keys; a class that was
# only stored is a value and nothing more. What needs more than that is in scikit-learn-models.pack.
#
# Environments:
{environments}

"""


# ---- what the environments say -------------------------------------------------------------------------------------


class Merged(object):
    """Names with their roles, shapes and facts, over all environments."""

    def __init__(self, paths):
        self.environments = []
        self.roles = {}  # name -> role -> shapes
        self.facts = {}  # name -> [(environment, facts)]
        self.origins = {}
        for path in paths:
            self.add(json.loads(Path(path).read_text()))

    def add(self, found):
        label = ', '.join('%s %s' % pair for pair in sorted(found['environment'].items()))
        if found['names']:
            self.environments.append(found['environment'])
        for name, roles in found['names'].items():
            mine = self.roles.setdefault(name, {})
            for role, shapes in roles.items():
                mine.setdefault(role, set()).update(shapes)
            self.origins.setdefault(name, found['origins'][name])
        for name, facts in found.get('facts', {}).items():
            if 'missing' not in facts:
                self.facts.setdefault(name, []).append((label, facts))

    def of_library(self):
        return sorted(name for name in self.roles if re.match(MODULES, name))

    def versions(self):
        """The versions of the library, oldest first."""
        found = {tuple(int(part) for part in re.findall(r'[0-9]+', entry[LIBRARY])[:2])
                 for entry in self.environments if LIBRARY in entry}
        return ['%d.%d' % version for version in sorted(found)]

    def provenance(self):
        """A line for each environment, by the library's version; files that were only read come last."""
        def order(entry):
            return [int(part) for part in re.findall(r'[0-9]+', entry.get(LIBRARY, '999'))]

        lines = []
        for entry in sorted(self.environments, key=order):
            names = sorted(entry, key=lambda name: (name != LIBRARY, name))
            lines.append('#   ' + ', '.join('%s %s' % (name, entry[name]) for name in names))
        return '\n'.join(lines)


def reviewed_hashes():
    """The `__setstate__` functions that a person read, by the SHA-256 of their text."""
    lines = [line.split(None, 1) for line in REVIEWED.read_text().splitlines() if line and not line.startswith('#')]
    return {digest: reason for digest, reason in lines}


def roles_for_inert(name, merged, reviewed):
    """The roles of a class that the rule admits: (text, []) or (None, reasons)."""
    roles = merged.roles[name]
    if name not in merged.facts:
        return None, ['in no environment']
    if set(roles) <= {'value'} | {role for role in roles if role.startswith('arg-of:')}:
        if all(facts['is_class'] for _, facts in merged.facts[name]) and 'value' in roles:
            return ('value', []) if set(roles) == {'value'} else (None, ['an argument'])
        return None, ['a function or an argument']
    reasons = []
    for label, facts in merged.facts[name]:
        reasons += ['%s (%s)' % (reason, label) for reason in reasons_not_inert(facts, reviewed)]
    reasons += ['%s(%s)' % (role, shape) for role in ('call', 'items') for shape in roles.get(role, ())]
    reasons += ['new(%s)' % shape for shape in roles.get('new', ()) if shape]
    reasons += ['base of reconstructor: ' + base for base in roles.get('reconstructor-base', ())
                if base != '=builtins:object, none']
    reasons += ['build(%s)' % shape for shape in roles.get('build', ()) if not shape.startswith('dict(')]
    if reasons:
        return None, reasons
    if any(facts['eq_hash'] for _, facts in merged.facts[name]):
        return 'new() build(dict(str: safe)) value', []
    return 'inert', []


# ---- packs ---------------------------------------------------------------------------------------------------------


def roles_of(text):
    """Role words of a line: `new(a, b) value makes x:y` gives {'new', 'value', 'makes'}."""
    words, depth, word = [], 0, ''
    for char in text + ' ':
        depth += (char == '(') - (char == ')')
        if char == ' ' and depth == 0:
            words.append(word)
            word = ''
        else:
            word += char
    found = {re.split(r'[(@]', word)[0] for word in words if word}
    return found | ({'new', 'build', 'value', 'key'} if 'inert' in found else set())


def hand_written():
    """(name -> role words of all packs but the one made here, names that a pack says it refuses)."""
    lines, refused = {}, set()
    for path in sorted(PACKS.glob('*.pack')):
        if path == TARGET:
            continue
        for line in path.read_text().splitlines():
            if line.startswith('# refused: '):
                refused.add(line.split()[2])
            text = line.split('#')[0].strip()
            if text and not text.startswith('pack '):
                name, _, roles = text.partition(' ')
                lines.setdefault(name, set()).update(roles_of(roles))
    return lines, refused


def missing_roles(name, roles, line):
    """What was seen of a name that its line does not allow."""
    wanted = {role for role in roles if role in ROLES + ('key', 'methods')}
    if 'value' in roles:
        wanted.add('value')
    if 'makes' in line:
        wanted -= {'build', 'items', 'key'}
    return wanted - line


def review(merged, made):
    """Text for each name that was seen and is in no pack with the roles it needs; what a pack refuses is left out."""
    lines, refused = hand_written()
    reviewed = reviewed_hashes()
    for name in merged.of_library():
        reasons = roles_for_inert(name, merged, reviewed)[1] if 'inert' in lines.get(name, ()) else []
        if reasons:
            yield '%s\n    is called inert by hand, and is not: %s' % (name, '; '.join(reasons))
    for name, text in made.items():
        lines.setdefault(name, set()).update(roles_of(text))
    for name in sorted(merged.roles):
        roles = merged.roles[name]
        missing = missing_roles(name, roles, lines[name]) if name in lines else {'everything'}
        if missing and name not in refused and not name.startswith('__main__:'):
            yield '%s\n    lacks %s; first in %s' % (name, ' '.join(sorted(missing)), merged.origins[name])
            for role in sorted(roles):
                for shape in sorted(roles[role])[:6]:
                    yield '    %s(%s)' % (role, shape)
            facts = merged.facts.get(name, [])
            if facts and not facts[0][1]['is_class']:
                yield '    is a ' + facts[0][1]['type']


def without_evidence(merged):
    """Names that our hand-written pack lists and no pickle had; what newObj is said to make stands for all metrics."""
    text = MODELS.read_text()
    listed = re.findall(r'^(?!#|pack )(\S+)', text, re.MULTILINE)
    made = set(re.findall(r' makes (\S+:\S+)', text))
    return [name for name in listed if name not in merged.roles and name not in made]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--write', action='store_true')
    parser.add_argument('--names', action='store_true')
    parser.add_argument('--why', action='store_true', help='print why the rule refused the classes it refused')
    parser.add_argument('files', nargs='+')
    options = parser.parse_args()

    merged = Merged(options.files)
    if options.names:
        print('\n'.join(merged.of_library()))
        return 0
    reviewed = reviewed_hashes()
    made = {}
    by_hand, _ = hand_written()
    for name in merged.of_library():
        if name in by_hand:
            continue
        roles, reasons = roles_for_inert(name, merged, reviewed)
        if roles:
            made[name] = roles
        elif options.why:
            print(name + '\n    ' + '\n    '.join(sorted(set(reasons))[:8]))
    versions = merged.versions()
    text = HEAD.format(first=versions[0], last=versions[-1], environments=merged.provenance())
    text += ''.join('%s  %s\n' % line for line in sorted(made.items()))
    if options.write:
        TARGET.write_text(text)
    stale = not TARGET.exists() or TARGET.read_text() != text
    if stale:
        print('%s is not what these environments give: run make_packs.py --write' % TARGET.name)

    left = list(review(merged, made)) + [name + '\n    listed without evidence' for name in without_evidence(merged)]
    print('\n'.join(left))
    counts = [sum(roles == kind for roles in made.values()) for kind in ('inert', 'value')]
    print('%d names seen, %d of %s: %d inert, %d inert but for keys, %d values; %d to review' % (
        len(merged.roles), len(merged.of_library()), LIBRARY, counts[0], len(made) - sum(counts), counts[1],
        sum(not line.startswith(' ') for line in left)))
    return 1 if left or stale else 0


if __name__ == '__main__':
    sys.exit(main())
