"""Shifts the clock of a Python process by CLOCK_SHIFT seconds: a host whose clock is wrong."""
import os
import time

_shift = float(os.environ.get("CLOCK_SHIFT", "0"))
_time = time.time

if _shift:
    time.time = lambda: _time() + _shift
