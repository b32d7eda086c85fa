"""Run as a process of its own (`xls.py` starts it): the sheets of an old Excel workbook, each as an Arrow file of texts.

The reader lays out every sheet of such a workbook as it opens it, before anybody can look at its extent: five kilobytes can ask for
gigabytes. Hence the limits, set on this process before it reads anything.
"""

import json
import resource
import sys
from pathlib import Path

EXIT_UNREADABLE = 3
IN_SIGHT = "visible"  # as the reader says it


def main(workbook: Path, folder: Path, memory: int, seconds: int, written: int) -> int:
    """Write `noms.json` (sheet → hidden) and 0.arrow, 1.arrow, … in `folder`.

    0 when all was read; EXIT_UNREADABLE for what is no workbook.
    """
    import fastexcel  # noqa: PLC0415 (its threads start under the limits or not at all)

    for kind, limit in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_FSIZE, written)):
        resource.setrlimit(kind, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        reader = fastexcel.read_excel(workbook.read_bytes())
        hidden = {}
        for index, name in enumerate(reader.sheet_names):
            sheet = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            hidden[name] = sheet.visible != IN_SIGHT
            sheet.to_polars().write_ipc(folder / f"{index}.arrow")
    except fastexcel.FastExcelError:
        return EXIT_UNREADABLE
    (folder / "noms.json").write_text(json.dumps(hidden), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:])))
