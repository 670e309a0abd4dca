"""Steps of ``tools/build_estimates.py``: panels, regressions, placebo groups, pooling."""
