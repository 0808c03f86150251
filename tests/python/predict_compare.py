"""Whether two answers of a model are the same, by the bar of docs/predict.md."""
import numpy

BAR = 1e-12          # of float64, relative to the largest answer
ULPS = 8             # of float32


def dense(answer):
    return answer.toarray() if hasattr(answer, 'toarray') else numpy.asarray(answer)


def scale_of(expected):
    finite = numpy.abs(expected[numpy.isfinite(expected)])
    return finite.max() if finite.size else 1.0


def difference(ours, expected, bar=BAR):
    """None where they are the same, else words."""
    if isinstance(expected, list):
        if len(ours) != len(expected):
            return '%d arrays instead of %d' % (len(ours), len(expected))
        return next(filter(None, (difference(a, b, bar) for a, b in zip(ours, expected))), None)
    ours, expected = dense(ours), dense(expected)
    if ours.shape != expected.shape:
        return 'shape %s instead of %s' % (ours.shape, expected.shape)
    if ours.dtype != expected.dtype:
        return 'dtype %s instead of %s' % (ours.dtype, expected.dtype)
    if expected.dtype.kind != 'f':
        wrong = int((ours != expected).sum())
        return '%d of %d differ' % (wrong, expected.size) if wrong else None
    same = (ours == expected) | (numpy.isnan(ours) & numpy.isnan(expected))
    if same.all():
        return None
    if expected.dtype == numpy.float32:
        bar = ULPS * numpy.finfo(numpy.float32).eps
    off = numpy.abs(ours[~same].astype(float) - expected[~same].astype(float))
    off = off / numpy.maximum(numpy.abs(expected[~same].astype(float)), scale_of(expected))
    worst = off.max() if not numpy.isnan(off).any() else numpy.inf
    return 'off by %.3g of the scale' % worst if worst > bar else None
