"""Read and harmonise one delivery, as a run does, in this process: `python -m bench.deliveries FILE TABLE`."""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.harmonise import harmonise
from pipeline.ingest.deliveries import ingest
from pipeline.ingest.sources import read_sources
from pipeline.schema.vocabulary import labels
from pipeline.settings import Settings


def main(file: Path, table: str) -> int:
    """Number of lines harmonised. The frozen copy is part of the work; the tables stay in memory, as those of the floor do."""
    with TemporaryDirectory() as folder:
        sources, settings = Path(folder, "sources.toml"), Settings(home=Path(folder, "home"))
        settings.private_dirs()
        sources.write_text(f"[[source]]\ntable = {table!r}\npath = {str(file.resolve())!r}\n", encoding="utf-8")
        read = ingest(read_sources(sources, (table,)), {table: labels(table)}, settings)
        done = harmonise(table, read.livraisons, read.enregistrements, read.irreguliers, read.entetes)
        refused = [*read.livraisons["refus"].drop_nulls(), *done.refus["refus"]]
        if refused:
            sys.exit(refused[0])
        done.registre.collect()
        return done.table.collect().height


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), sys.argv[2]), flush=True)
    os._exit(0)  # as the command does: nothing is freed one by one at the end
