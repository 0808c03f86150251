"""The package cppickle for the tests of cppickle.read, wherever under_test.py finds it."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / 'dropin'))
import under_test  # noqa: E402

cppickle = under_test.import_module()
PACKAGE = pathlib.Path(cppickle.__file__).parent.parent  # what goes on PYTHONPATH
