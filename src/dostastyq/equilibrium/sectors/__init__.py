"""Economies with sectors, input-output links and tariff revenue (Caliendo and Parro 2015).

The modules follow one solve: ``base`` (what a calibrated world is), ``system`` (a shock applied to it), ``sweep`` (one
pass over all equations, compiled or in NumPy), ``solve`` (acceleration and fallbacks), ``certificate`` (every
equation recomputed by another route), ``economy`` and ``results`` (what people hold in their hands).
"""
