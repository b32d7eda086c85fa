"""The embedded public facts: results, places, waves and published figures, each with its source page."""

from pathlib import Path


def sources_file() -> Path:
    """The sources file of a run on the embedded public facts."""
    return Path(__file__).parent / "faits" / "sources.toml"
