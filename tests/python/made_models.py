"""Folders of models that the generators under tests/models wrote, kept in .cache/models."""
import hashlib
import shutil

import command

CACHE = command.REPOSITORY / '.cache' / 'models'
MAKER = command.REPOSITORY / 'tests' / 'models'


def made(name, sources, make):
    """The folder `made-<name>-<digest of the sources>`, which make(folder) writes; made again only when a source changes."""
    digest = hashlib.sha256(b''.join(source.read_bytes() for source in sorted(sources)))
    folder = CACHE / ('made-%s-%s' % (name, digest.hexdigest()[:12]))
    if not (folder / 'ready').exists():
        for old in CACHE.glob('made-%s-*' % name):
            shutil.rmtree(old)
        make(folder)
        (folder / 'ready').touch()
    return folder
