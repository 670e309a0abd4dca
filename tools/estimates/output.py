"""Figures as they are written down."""

from typing import Any

import numpy as np


def rounded(value: Any, digits: int) -> Any:  # noqa: ANN401 (nested plain data)
    """Round every float inside `value`, so that rebuilding gives the same bytes.

    Examples
    --------
    >>> rounded({"a": [0.123456, 2], "b": -0.00001}, 3)
    {'a': [0.123, 2], 'b': 0.0}
    """
    if isinstance(value, dict):
        return {key: rounded(item, digits) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item, digits) for item in value]
    return round(float(value), digits) + 0.0 if isinstance(value, float | np.floating) else value
