"""Random schemas over every type, format and constraint, and random tables that try to deceive them."""

from typing import Any

from hypothesis import strategies as st

Table = tuple[dict[str, Any], list[str], list[list[str | None]]]

_BLANKS = ["", " ", "\u00a0", "\t", "NA", "-", "None", "null", "a", "é", "e\u0301", "‿", "²", "😀", "a\nb", 'a"b', "a,b", "x" * 300]
_WORDS = ["ab", "abc", "b", "x y", " a", "a ", "A1", "AB", "W123456789", "W12345678", "W１23456789", "a\n", "ab\n", "ax", "xb", "", "Aé"]
_NUMBERS = [
    "1", "0", "-0", "-0.0", "1.0", "1e0", "1E2", "01", "+1", "-1", "--1", "12", "１２", "٣", "1_000", "1__0", "_1", "1_", " 1 ",
    "\u00a01", "1\n", "1,5", "1.5", "1.50", ".5", "5.", "1 000", "1.000,5", "1 000,5", "12.5", "12.50", "12.500000000000001",
    "0.1", "€ 12.5", "12.5 €", "-5%", "- 5", "1-2", "NaN", "nan", "-NaN", "NaN123", "sNaN", "INF", "-inf", "Infinity", "1e400",
    "1e-400", "9" * 15, "9" * 16, "9" * 18, "9" * 19, "9" * 40, "0" * 20 + "1", "123456789012345.6", "1234567890.12345", "0x10",
    "1f", "½", "𝟏𝟐", "1.2.3", "1e", "e1", "$1", "(1)", "\x1c1", "1\x00",
]  # fmt: skip
_DATES = [
    "2024-01-05", "2024-1-5", "24-01-05", "202-01-05", "0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01", "2024-02-29",
    "2023-02-29", "2024-02-30", "2024-13-01", "2024-00-10", "２024-01-05", "2024-01-05 ", " 2024-01-05", "2024-01- 5",
    "2024-01-05\n", "20240105", "2024/01/05", "05/01/2024", "31/12/1999", "29/02/2023", "5/1/2024", "01/02/20", "05.01.2024",
    "01-05-2024", "2024-01-05T00:00:00Z", "March", "5", "1.5", "1900-01-01", "1000-01-01", "2024-06-31", "-2024-01-05",
    "2024-01-05T00:00:00", "2024-01-05 00:00:00", "2024-01-05T24:00:00", "2024", "2024-01-05T00:00", "2024-01-05T00:00:00+02:00",
    "2024-01-05T23:59:60Z", "2024-W01-1T00:00:00", "2024-01-05T00:00:00.5Z", "today",
]  # fmt: skip
_TIMES = [
    "12:00", "12:00:00", "24:00:00", "23:59:59", "12:00:00Z", "12:00:00+01:00", "25:00:00", "1:00:00", "12:00:00.5", "120000",
    "12h00", "１2:00:00",
]  # fmt: skip
_PERIODS = [
    "2024-01", "2024-13", "2024-1", "24-01", "2024-00", "2024-1-1", "２024-01", "2024- 1", "-1", "P1Y", "P1Y2M", "P", "-P1D",
    "+P1W", "PT1H",
]  # fmt: skip
_PERIODS += ["P1.5Y", "1Y", "p1y", "P0001-01-01T00:00:00", "P20240101", "P1Y\n", "PT"]
_YEARS = [
    "2024", "202", "20245", " 202", "202 ", "+202", "-202", "1_00", "0000", "9999", "２024", "２０２４", "20a4", "2.24", "1000",
    "999\n",
]  # fmt: skip
_BOOLEANS = ["true", "True", "TRUE", "tRUE", "false", "FALSE", "0", "1", "oui", "non", "vrai", " true", "true ", "yes", "OUI"]
_STRUCTURES = [
    "48.1, 2.3", "2.3,48.1", "180,90", "180.1,0", "0,90.0001", "-180,-90", "1,2,3", "1;2", "NaN,1", "179.9,89.9", "[1,2]", "[1]",
    "[]", "{}", " {}", '{"a": 1}', '{"lon": 1, "lat": 2}', '["a"]', "[1, 2, 3]", "[", "{",
    '{"type": "Point", "coordinates": [1, 2]}', "[NaN]", "[1e999]", "\ufeff[]", '{"type": "Topology", "objects": {}, "arcs": []}',
    "null", '"a"', "a,b,c", "a;b", "1,2", "1,x", ",", "[[[]]]", "[" * 3000,
]  # fmt: skip
_LINKS = [
    "a@b.fr", "A.B@c-d.fr", "a@b", "a@b@c.fr", "é@b.fr", "a..b@c.fr", "a@-b.fr", "a@b_c.fr", "a@1.2.3.4", "a b@c.fr",
    "nom.prenom@ville-test.example", "http://a.fr", "https://a.fr/x?y=z#t", "a.fr", "//a.fr", "mailto:a@b.fr", "a:b", ":", "1a:b",
    "http://", "http://a b", "http://é.fr", "urn:x:y", "http://[::1]/", "http://a.fr:99999", "http://a.fr:80/a/b",
    "http://a.fr/%zz", "http://[x]/", "2bc1c94f-0deb-43e9-92a1-4775189ec9f8", "2bc1c94f0deb43e992a14775189ec9f8",
    "{2bc1c94f-0deb-43e9-92a1-4775189ec9f8}", "2bc1c94f 0deb", "urn:uuid:2bc1c94f-0deb-43e9-92a1-4775189ec9f8", "YQ==", "YQ=",
    "YQ", "YWJj", "****", "POINT (1 2)", "POINT", "LINESTRING (1 2, 3 4)",
]  # fmt: skip
CELLS: dict[str, list[str]] = {
    "string": [*_WORDS, *_LINKS],
    "any": [*_WORDS, "1"],
    "number": _NUMBERS,
    "integer": _NUMBERS,
    "boolean": _BOOLEANS,
    "date": _DATES,
    "time": [*_TIMES, *_DATES[-6:]],
    "datetime": _DATES,
    "year": [*_YEARS, *_NUMBERS],
    "yearmonth": _PERIODS,
    "duration": _PERIODS,
    "geopoint": _STRUCTURES,
    "geojson": _STRUCTURES,
    "object": _STRUCTURES,
    "array": _STRUCTURES,
    "list": [*_STRUCTURES, *_NUMBERS[:12]],
}
EVERY = [*_BLANKS, *dict.fromkeys(cell for cells in CELLS.values() for cell in cells)]
PATTERNS = [
    r"\d+", r"a|b", r"\w{1,3}", r"[A-Z]{2}", r"^W\d{9}$", r"\s*", r"[^a]*", r".*", r"^\d{4}$|^[a-c]+$", r"(ab|c)?x*", r"\S+",
    r"\D", r"\W", r"(a)\1", r"a(?=b).*", r"(?:a?)*b", r"[\w.]+@\w+", r"a{2,3}?", r"\bab\b", r"$a", r"a$b|a", r"^", r"[^\W\d]+",
    r"\.", r"é+", r"[à-ÿ]", r"(?i:AB)",
]  # fmt: skip
HASHED = ("string", "number", "integer", "boolean", "date", "year", "time", "datetime", "yearmonth", "duration", "geopoint", "any")
_NUMERIC = (
    {}, {}, {"minimum": 0}, {"maximum": 12}, {"minimum": 1, "maximum": 12}, {"enum": ["1", "12"]}, {"enum": ["1.0", "x"]},
    {"minimum": "0"},
)  # fmt: skip
CONSTRAINTS: dict[str, list[dict[str, Any]]] = {
    "string": [
        {},
        {},
        {"minLength": 2},
        {"maxLength": 2},
        {"minLength": 1, "maxLength": 3, "pattern": "[a-z]+"},
        {"enum": ["a", "ab", " a", ""]},
    ]
    + [{"pattern": pattern} for pattern in PATTERNS],
    "any": [{}, {"enum": ["a", "1", 1]}],
    "number": [
        *_NUMERIC,
        {"minimum": 0.1},
        {"maximum": 12.5},
        {"enum": ["1e0", "12.50"]},
        {"minimum": "12.500000000000001"},
        {"enum": [1, 12.5]},
    ],
    "integer": [*_NUMERIC[:6], {"maximum": 10**30}, {"enum": [1, 12]}, {"minimum": -(10**18)}],
    "boolean": [{}, {}, {"enum": [True]}, {"enum": ["true", "0"]}],
    "date": [
        {},
        {},
        {"minimum": "2024-01-05"},
        {"maximum": "2024-01-05"},
        {"minimum": "2000-01-01", "maximum": "2024-2-1"},
        {"enum": ["2024-01-05"]},
    ],
    "time": [{}, {}, {"minimum": "12:00:00"}, {"enum": ["12:00:00"]}],
    "datetime": [{}, {}, {"maximum": "2024-01-05T00:00:00Z"}, {"minimum": "2024-01-05T00:00:00"}, {"enum": ["2024-01-05T00:00:00Z"]}],
    "year": [{}, {}, {"minimum": 1000}, {"maximum": "2024"}, {"enum": [2024]}, {"enum": ["2024", "999"]}],
    "yearmonth": [{}, {}, {"minimum": "2024-01"}, {"maximum": "2024-1"}, {"enum": ["2024-01"]}],
    "duration": [{}, {}, {"enum": ["P1Y", "PT1H"]}],
    "geopoint": [{}, {}, {"enum": ["2.3,48.1"]}],
    "geojson": [{}],
    "object": [{}, {}, {"minLength": 1}, {"maxLength": 1}, {"enum": ["{}"]}],
    "array": [{}, {}, {"minLength": 1}, {"maxLength": 1}, {"enum": ["[]", "[1]"]}],
    "list": [{}, {}, {"minLength": 2}, {"maxLength": 2}],
}
_DAYS = ("any", "%d/%m/%Y", "%Y/%m/%d", "%d.%m.%Y", "%m-%d-%Y", "%Y-%m-%d", "%Y%m%d", "%d/%m/%y", "%d %B %Y")
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "string": [{}, {}, {}, *({"format": form} for form in ("email", "uri", "uuid", "binary"))],
    "number": [
        *(
            {},
            {},
            {"decimalChar": ","},
            {"groupChar": " "},
            {"groupChar": ".", "decimalChar": ","},
            {"bareNumber": False},
            {"floatNumber": True},
        ),
        *({"bareNumber": False, "decimalChar": ","}, {"groupChar": "_"}, {"decimalChar": "e"}, {"groupChar": "00"}),
    ],
    "integer": [{}, {}, {"bareNumber": False}],
    "boolean": [{}, {}, {"trueValues": ["oui"], "falseValues": ["non"]}, {"trueValues": ["1", "vrai", ""], "falseValues": ["0", "1"]}],
    "date": [{}, {}, *({"format": form} for form in _DAYS)],
    "time": [{}, {"format": "any"}, {"format": "%Hh%M"}],
    "datetime": [{}, {}, {"format": "any"}, {"format": "%Y-%m-%d %H:%M:%S"}],
    "geopoint": [{}, {}, {"format": "array"}, {"format": "object"}],
    "geojson": [{}, {"format": "topojson"}],
    "array": [{}, {"arrayItem": {"type": "integer", "constraints": {"minimum": 2}}}, {"arrayItem": {"type": "string"}}],
    "list": [{}, {"delimiter": ";"}, {"itemType": "integer"}, {"itemType": "date"}],
}
MISSING = [["", "NA", "-"], ["NA"], [], ["", "1", "a", "2024-01-05"]]


@st.composite
def fields(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """A field of any type; a bound is only given with the form that it is written in."""
    kind = draw(st.sampled_from([*CELLS, "string", "number", "integer", "date", "boolean"]))
    options = draw(st.sampled_from(OPTIONS.get(kind, [{}])))
    plain = not options or set(options) <= {"bareNumber", "floatNumber", "trueValues", "falseValues", "arrayItem", "delimiter"}
    constraints = dict(draw(st.sampled_from(CONSTRAINTS[kind]))) if plain or kind == "string" else {}
    if draw(st.integers(0, 2)) == 0:
        constraints["required"] = True
    if kind in HASHED and draw(st.integers(0, 3)) == 0:
        constraints["unique"] = True
    if draw(st.integers(0, 9)) == 0:
        options = {**options, "missingValues": draw(st.sampled_from(MISSING))}
    return {"name": name, "type": kind, **options, **({"constraints": constraints} if constraints else {})}


def cells(kind: str) -> st.SearchStrategy[str | None]:
    """A cell for a field of this type: of its own, of another's, or anything."""
    anything = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=5)
    own = st.sampled_from(CELLS.get(kind, EVERY))
    digits = st.text("0123456789.-,_ e/:TZ", max_size=12)
    return st.one_of(own, own, own, own, st.sampled_from(EVERY), st.sampled_from(_BLANKS), st.none(), anything, digits)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """A schema of one to four fields, the labels of a table, its rows."""
    names = ["un", "deux", "trois", "quatre"][: draw(st.integers(1, 4))]
    described = [draw(fields(name)) for name in names]
    schema: dict[str, Any] = {"name": "essai", "fields": described}
    if draw(st.integers(0, 2)) == 0:
        schema["missingValues"] = draw(st.sampled_from(MISSING))
    if draw(st.integers(0, 3)) == 0:
        schema["fieldsMatch"] = draw(st.sampled_from(["exact", "equal", "subset", "superset", "partial"]))
    hashed = [field["name"] for field in described if field["type"] in HASHED]
    if hashed and draw(st.integers(0, 2)) == 0:
        schema["primaryKey"] = hashed[:2]
    if len(hashed) > 1 and draw(st.integers(0, 3)) == 0:
        schema["foreignKeys"] = [{"fields": hashed[:1], "reference": {"resource": "", "fields": hashed[1:2]}}]
        if len(hashed) > 3 and draw(st.booleans()):
            schema["foreignKeys"] = [{"fields": hashed[:2], "reference": {"resource": "", "fields": hashed[2:4]}}]
    shuffled = draw(st.permutations(names))
    variants = [
        names,
        names,
        names,
        names,
        shuffled,
        [*names, "cinq"],
        names[:-1] or names,
        [name.upper() for name in names],
        ["", *names[1:]],
    ]
    columns = list(draw(st.sampled_from(variants)))
    by_name = schema.get("fieldsMatch", "exact") != "exact"
    kinds = {field["name"]: field["type"] for field in described}
    judged = [
        kinds.get(label, "any") if by_name else described[index]["type"] if index < len(described) else "any"
        for index, label in enumerate(columns)
    ]
    row = st.tuples(*map(cells, judged)).map(list)
    rows = draw(st.lists(row, max_size=10))
    if rows and draw(st.integers(0, 2)) == 0:  # uniqueness and keys need lines that come back
        rows = [*rows, *draw(st.lists(st.sampled_from(rows), max_size=3))]
    return schema, columns, rows


_PIECES = [
    "a", "1", "é", "", ",", ",", ",", ",", '"', '"x"', '""', "\n", "\n", "\n", "\r\n", " ", "2024-01-05", "1.5", ",,\n", "un",
    "true",
]  # fmt: skip
_PIECES += ['"a\nb"', '"a,b"', "\r", "deux"]


@st.composite
def texts(draw: st.DrawFn) -> tuple[dict[str, Any], str]:
    """A schema of one to three fields, and the text of a CSV file that is far from always one."""
    names = ["un", "deux", "trois"][: draw(st.integers(1, 3))]
    schema: dict[str, Any] = {"fields": [draw(fields(name)) for name in names]}
    if draw(st.integers(0, 3)) == 0:
        schema["missingValues"] = draw(st.sampled_from(MISSING))
    if draw(st.integers(0, 3)) == 0:
        schema["fieldsMatch"] = draw(st.sampled_from(["equal", "subset", "superset", "partial"]))
    if draw(st.integers(0, 3)) == 0 and schema["fields"][0]["type"] in HASHED:
        schema["primaryKey"] = ["un"]
    plain = ",".join(names)
    header = draw(st.sampled_from([f"{plain}\n", f"{plain}\r\n", '"un",deux\n', "", "un,un\n", "\n", " un ,deux\n", "deux,un\n", ",un\n"]))
    return schema, header + "".join(draw(st.lists(st.sampled_from(_PIECES), max_size=40)))
