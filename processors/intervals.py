"""Small-sample statistics: a variance moderated by a prior, and the interval of a mean.

With four publishers a sample variance is noise. It is pooled with a prior variance that counts as so many
observations (empirical Bayes; Smyth 2004 for the moderated t, docs/shifts.md for our use).
"""

from __future__ import annotations

import math
from functools import lru_cache

Z975 = 1.959963984540054


def moderated(squares: float, freedom: float, prior: float, weight: float) -> float:
    """Return the variance of a sum of squares with its degrees of freedom, shrunk to a prior variance."""
    return (weight * prior + squares) / (weight + freedom)


@lru_cache(maxsize=1024)
def t975(freedom: float) -> float:
    """Return the 97.5 % quantile of Student's t, to 1 % from 4 degrees of freedom on (Cornish-Fisher)."""
    z, f = Z975, freedom
    return (
        z
        + (z**3 + z) / (4 * f)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * f**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * f**3)
    )


def around(mean: float, error: float, freedom: float) -> tuple[float, float]:
    """Return the 95 % interval of a mean with its standard error, within [-1, 1]."""
    reach = t975(freedom) * error
    return max(-1.0, mean - reach), min(1.0, mean + reach)


def standard_error(variance: float, n: int) -> float:
    """Return the standard error of a mean of n independent values."""
    return math.sqrt(variance / n)
