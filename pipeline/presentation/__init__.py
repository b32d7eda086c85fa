"""How figures, dates and pages look to a French reader. A leaf: pure functions from values to text.

Belongs here: French numbers, money and dates; the frame of an accessible HTML page. Does not: what is shown (reports and release
pages are written by their stages), and machine formats: files keep ISO 8601 dates and point decimals.
"""

from pipeline.presentation.french import ABSENT, counted, day, money, number, percentage, short_day
from pipeline.presentation.pages import STYLE, Citation, Frame, Html, data_table, element, link, page

__all__ = [
    "ABSENT",
    "STYLE",
    "Citation",
    "Frame",
    "Html",
    "counted",
    "data_table",
    "day",
    "element",
    "link",
    "money",
    "number",
    "page",
    "percentage",
    "short_day",
]
