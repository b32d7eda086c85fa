"""Table Schema validation of a table of texts. A leaf: imports polars, frictionless, stdnum and the standard library only.

Belongs here: what a schema says of one table, its French checks, its report. Does not: files, repairs, deliveries, what is public.
Callers see `validate` and the objects it gives back; the engine behind it (`engine`, over frictionless 5) can be replaced.
"""

from pipeline.tableschema.contract import SchemaInvalide
from pipeline.tableschema.lines import line_ranges
from pipeline.tableschema.report import Report
from pipeline.tableschema.verdict import Verdict, validate

__all__ = ["Report", "SchemaInvalide", "Verdict", "line_ranges", "validate"]
