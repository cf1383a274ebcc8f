import numpy as np

from chestbench.catalog.finding import Audit
from chestbench.catalog.spool import Spool


def test_rows_come_back_in_order_whatever_their_text() -> None:
    found = Audit("ab" * 32, 7, width=3, height=4, channels=1, bit_depth=8, format="png", phash=255)
    with Spool() as spool:
        spool.add(0, found, 'a, "b"/정상.png', "정상", "train", "")
        spool.add(0, Audit("", 0, problem="unreadable"), "new\nline", "", "", "unreadable: a control character")
        first, second = spool.rows()
        assert (first.member, first.label, first.given_split) == ('a, "b"/정상.png', "정상", "train")
        assert (first.image_id, first.bytes, first.width, first.bit_depth) == ("ab" * 8, 7, 3, 8)
        assert first.phash == "00000000000000ff" and second.phash == second.image_id == ""
        assert second.member == "'new\\nline'" and second.reason == "unreadable: a control character"
        assert [row.member for row in spool.rows()] == [first.member, second.member], "may be read again"


def test_histograms_are_summed_by_class_beyond_32_bits() -> None:
    full = np.full(256, 2**32 - 1, np.uint32)
    with Spool() as spool:
        for histogram in (full, full, None, np.arange(256, dtype=np.uint32)):
            spool.add(0, Audit("", 0, histogram=histogram), "x", "", "", "")
        label, kept = np.array([0, 0, -1, 1]), np.array([True, True, False, True])
        total = spool.intensity(label, kept, 2)
        assert total[0].tolist() == [2**33 - 2] * 256 and total[1].tolist() == list(range(256))
        assert spool.intensity(label, np.array([False, True, False, False]), 2)[0, 5] == 2**32 - 1
