"""The two frames of the records of a delivery, as one list in the order of the file."""

import polars as pl

from pipeline.ingest.shape import Records

Listed = list[tuple[int, list[str]]]


def in_order(records: Records) -> Listed:
    """(first line, cells) of every record. A record that stands in both frames, or in the wrong one, is an error."""
    regular, irregular = records.reguliers, records.irreguliers
    names = [name for name in regular.columns if name not in ("ligne", "role")]
    assert regular["ligne"].dtype == irregular["ligne"].dtype == pl.UInt32
    assert names == [f"c{position}" for position in range(len(names))]
    assert set(regular.select(names).dtypes) <= {pl.String}
    assert irregular["cellules"].dtype == pl.List(pl.String)
    assert regular["ligne"].is_sorted() and irregular["ligne"].is_sorted()
    assert not any(len(cells) == len(names) for cells in irregular["cellules"])
    found = [(line, list(cells)) for line, *cells in regular.select("ligne", *names).iter_rows()]
    found += irregular.select("ligne", "cellules").rows()
    assert len({line for line, _ in found}) == len(found)
    return sorted(found)
