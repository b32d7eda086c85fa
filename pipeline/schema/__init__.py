"""The schemas as Python objects. A leaf: reads `schemas/`, knows types, DDL and labels; never a stage, a row or a rule of diffusion.

Types, DDL, Datasette metadata and the dictionary come from here and from nowhere else.
"""

from pipeline.schema.succession import Succession
from pipeline.schema.table import Field, SchemaError, TableSchema, from_descriptor, load, names, schemas_dir

__all__ = ["Field", "SchemaError", "Succession", "TableSchema", "from_descriptor", "load", "names", "schemas_dir"]
