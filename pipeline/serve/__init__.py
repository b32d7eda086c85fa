"""Datasette over the releases, in French: nothing is computed here.

Belongs here: opening releases, their labels and questions, what the site answers and what it does not. Does not: what a release holds
(`release`), what may be public (`protect`). This stage reads `published/` and nothing else.
"""
