"""Decide, line by line, which harmonised lines respect their contract, and tell the person who delivered the others why.

Belongs here: rules that look at one line (or, for uniqueness, at one delivery), types of the accepted lines, marks of fiction, counts and
reports by delivery. Does not: repairs (`harmonise`), rules that need two tables (`model`), the rules themselves: they are in the schema.
"""

from pipeline.validate.delivered import valid_as_delivered
from pipeline.validate.fiction import fictional, without
from pipeline.validate.judgement import Judged, judge, judge_by
from pipeline.validate.reports import write_reports
from pipeline.validate.summary import Summary, Verdicts, summarise

__all__ = ["Judged", "Summary", "Verdicts", "fictional", "judge", "judge_by"]
__all__ += ["summarise", "valid_as_delivered", "without", "write_reports"]
