"""Turn the protected tables into a dated release: files, database and description, built aside and swapped in by one rename.

Belongs here: what a release holds, its name, its integrity, the link `latest`. Does not: what may be public (`protect`), how a release is
shown (`serve`) or sent elsewhere (`publish`). This stage reads `<home>/protege/` and `published/`, and nothing else.
"""
