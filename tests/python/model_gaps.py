"""What is known not to be as in scikit-learn, with the reason: (class, method or 'load', version or '', reason).

A line whose case passes by now fails the test, so that the list never says more than is true.
"""

GAPS = ()
