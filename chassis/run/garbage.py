"""The garbage collector, told what it need not look at: with a large state, each look takes a second, and all wait.

Nearly all garbage goes by reference count. What is left are cycles, and a state has none.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def settle() -> None:
    """What stands now stays: the collector looks at it no more. What is garbage by then, stays too."""
    gc.collect(1)
    gc.freeze()


@contextmanager
def building() -> Iterator[None]:
    """While something large is built, nothing is looked for; then it is settled."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        settle()
