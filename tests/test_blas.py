"""Linear algebra is held to one thread, and let go again."""

import pytest

from dostastyq.blas import _library, one_thread


def test_threads_are_put_back():
    library = _library()
    if library is None:
        with one_thread():
            return
    get, put = library
    before = get()
    put(2)
    with one_thread():
        assert get() == 1
        with one_thread():
            assert get() == 1
        assert get() == 1
    assert get() == 2
    with pytest.raises(RuntimeError), one_thread():
        raise RuntimeError
    assert get() == 2
    put(before)
