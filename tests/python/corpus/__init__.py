"""The objects that generate_corpus.py pickles. Every module here runs on CPython 2.7 and 3.6 to 3.13."""
