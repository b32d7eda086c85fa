"""What ships with the package: public facts, reference geography, ready sources files. A leaf.

Belongs here: the files, and functions that say where they are or read them as they are. Does not: a file that may not be
redistributed, a repair (`harmonise`), a rule (`programme`), anything fictional (`demo`).
"""

from pipeline.data.shipped import reference, reference_path

__all__ = ["reference", "reference_path"]
