"""Tests. Whatever imports NumPy comes after this."""

import os

# Several workers share the cores, and OpenBLAS's threads wait for each other by spinning: eigenvalues of 256 by 256
# took 340 ms of processor in place of 13.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
