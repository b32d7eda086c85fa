"""The separator of a text: found in its first records, never assumed."""

import contextlib
import csv
import io
from collections import Counter

from pipeline.ingest.header import Labels, resemblance

SEPARATORS = (",", ";", "\t", "|")
SAMPLE_RECORDS = 100
SAMPLE_BYTES = 1 << 18


def find_separator(text: bytes, labels: Labels) -> str:
    """The separator that shows the most known labels in one record, then the most equal and largest records.

    `text` is UTF-8 and begins the file. Decimal commas and prose full of commas make many fields too, hence the labels first. A
    file of one column has no separator: the comma is then as good as another.
    """
    sample = text[:SAMPLE_BYTES].decode("utf-8", errors="ignore")
    return max(SEPARATORS, key=lambda separator: _score(sample, separator, labels))


def _score(sample: str, separator: str, labels: Labels) -> tuple[int, int]:
    records = _first_records(sample, separator)
    known = max((resemblance(record, labels) for record in records), default=0)
    widths = Counter(len(record) for record in records)
    return known, max(((width - 1) * count for width, count in widths.items()), default=0)


def _first_records(sample: str, separator: str) -> list[list[str]]:
    records: list[list[str]] = []
    # A cell beyond the limit of the csv module ends the sample: what was read before it is enough.
    with contextlib.suppress(csv.Error):
        for record in csv.reader(io.StringIO(sample, newline=""), delimiter=separator):
            if any(cell.strip() for cell in record):
                records.append(record)
            if len(records) == SAMPLE_RECORDS:
                break
    return records
