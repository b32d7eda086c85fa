"""Negative controls: a protection is taken away, and the sentence that then blocks. `pytest --controls` prints the list of them."""

from collections.abc import Callable, Iterable

Blocks = Callable[[str, str, Iterable[str]], None]
SEEN: dict[str, str] = {}


def blocks(removed: str, sentence: str, motifs: Iterable[str]) -> None:
    """Assert that a reason holds the sentence, and keep it under the name of what was taken away."""
    told = list(motifs)
    found = [motif for motif in told if sentence in motif]
    assert found, f"{removed}: nothing blocked with « {sentence} », but {told}"
    SEEN[removed] = found[0]


def listed() -> list[str]:
    """Two lines a control, by name, after their number."""
    lines = [f"{len(SEEN)} protections taken away, {len(SEEN)} blocks"]
    for removed, motif in sorted(SEEN.items()):
        lines += [f"- {removed}", f"    {motif}"]
    return lines
