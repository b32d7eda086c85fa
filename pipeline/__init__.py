"""Public data of the Fabriques de Territoire programme: from the files that public bodies deliver to releases anyone can check."""

__version__ = "0.1.0"
