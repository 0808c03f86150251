"""Real objects for ./dev demo: `objects.py make FOLDER` pickles them, `objects.py same A B` says whether two pickles load
to equal objects."""

import collections
import dataclasses
import datetime
import decimal
import fractions
import pickle
import sys
import uuid
from pathlib import Path


@dataclasses.dataclass
class Run:
    id: uuid.UUID
    started: datetime.datetime
    loss: list[float]
    tags: set[str]
    parent: "Run | None" = None


def records() -> list[Run]:
    start = datetime.datetime(2026, 11, 1, 9, 30, tzinfo=datetime.timezone.utc)
    runs: list[Run] = []
    for i in range(100):
        loss = [round(2.5 / (step + i + 1), 4) for step in range(5)]
        run_id = uuid.uuid5(uuid.NAMESPACE_URL, f"run/{i}")
        runs.append(Run(run_id, start + datetime.timedelta(hours=i), loss, {"nightly"}, runs[-1] if i % 7 else None))
    return runs


def settings() -> dict:
    palette = ["teal", "ochre", "\N{SNOWMAN} white"]
    return {
        "name": "demo",
        "price": decimal.Decimal("19.90"),
        "ratio": fractions.Fraction(22, 7),
        "big": 2**200,
        "counts": collections.Counter("mississippi"),
        "recent": collections.deque([1, 2, 3], maxlen=3),
        "light": {"palette": palette, "font": {"family": "serif", "size": 11}},
        "dark": {"palette": palette, "font": {"family": "mono", "size": 12}},
        "blob": bytes(range(256)),
    }


def main() -> int:
    verb, *arguments = sys.argv[1:]
    if verb == "make":
        folder = Path(arguments[0])
        for name, value in {"records": records(), "settings": settings()}.items():
            (folder / f"{name}.pkl").write_bytes(pickle.dumps(value))
        return 0
    first, second = (pickle.loads(Path(name).read_bytes()) for name in arguments)
    print("equal" if first == second else "different")
    return 0 if first == second else 1


if __name__ == "__main__":
    sys.exit(main())
