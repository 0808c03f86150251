# Made examples/python2.pkl with Python 2.7, protocol 0: python2.7 make_python2.py > python2.pkl
# It holds what only Python 2 writes: an old-style instance, byte strings beside unicode text, a long.
import datetime
import pickle
import sys


class Account:
    def __init__(self, owner, cents):
        self.owner = owner
        self.cents = cents


owner = u"Zo\xeb M\u00fcller"
accounts = [Account(owner, 1999), Account("caf\xc3\xa9 \"Central\"", 2 ** 70)]
data = {
    "accounts": accounts,
    "newest": accounts[1],
    "opened": datetime.date(2009, 2, 14),
    "rate": 0.125,
    "closed": (True, None, -1),
}
data["self"] = [data]
pickle.dump(data, sys.stdout, 0)
