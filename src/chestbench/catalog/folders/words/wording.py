"""Names as messages show them."""

from collections.abc import Sequence


def listed(names: Sequence[str], limit: int = 20) -> str:
    """Return names for a message: quoted, at most `limit` of them."""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return (", ".join(repr(name) for name in names[:limit]) or "none") + more
