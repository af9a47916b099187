"""Reads the corpus with pandas, openpyxl and DuckDB, and compares the results with the tables that we expect.

    python compare.py CORPUS

If another reader has a different result, `differences.json` explains why ours is right. Fails if a difference is not
listed, or if a listed difference does not occur. Each reader gets the options of the case.
"""
import datetime, json, math, pathlib, resource, sys, warnings

import duckdb, openpyxl, pandas

warnings.simplefilter("ignore")
# a reader that creates a cell for every gap must not use all memory of the machine
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
SIGNS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "point": ".", "space": " ", "apostrophe": "'"}
ENCODINGS = {"latin1": "cp1252"}


def same(ours, theirs):
    if theirs is None or theirs == "" or isinstance(theirs, float) and math.isnan(theirs) or theirs is pandas.NaT or theirs is pandas.NA:
        return ours in (None, "")
    if ours is None:
        return False
    if isinstance(ours, bool):
        return str(theirs).lower() in (("true", "1", "yes") if ours else ("false", "0", "no"))
    if isinstance(ours, (int, float)):
        try:
            return not isinstance(theirs, bool) and float(theirs) == ours
        except (TypeError, ValueError):
            return False
    if isinstance(theirs, datetime.timedelta):
        seconds = round(theirs.total_seconds())
        sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
        return ours == f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if isinstance(theirs, datetime.datetime):
        if theirs.tzinfo:
            theirs = theirs.astimezone(datetime.timezone.utc).replace(tzinfo=None)
        plain = ours.replace(" ", "T").removesuffix("Z")
        texts = {theirs.isoformat(), theirs.isoformat(timespec="minutes"), theirs.isoformat(timespec="milliseconds")}
        return plain in texts or theirs.time() == datetime.time() and plain == theirs.date().isoformat()
    if isinstance(theirs, (datetime.date, datetime.time)):
        return ours == theirs.isoformat()
    if isinstance(theirs, (dict, list)):
        return json.loads(ours) == theirs
    return str(theirs) == ours


def of_pandas(file, options):
    if file.suffix in (".json", ".ndjson"):
        if options.get("path"):
            return None
        frame = pandas.read_json(file, lines=file.suffix == ".ndjson", dtype=False, convert_dates=False)
    elif file.suffix in (".csv", ".tsv"):
        quote = options.get("quote")
        args = {"sep": SIGNS.get(options.get("delimiter"), "\t" if options.get("format") == "tsv" else ","), "engine": "python", "dtype": str,
               "keep_default_na": False, "header": 0 if options.get("header", True) else None, "skiprows": options.get("skipRows", 0),
               "encoding": ENCODINGS.get(options.get("encoding"), options.get("encoding", "utf-8"))}
        if quote == "none":
            args["quoting"] = 3
        frame = pandas.read_csv(file, **args)
        for sign, option in (("thousands", "thousands"), ("decimal", "decimal")):
            if option in options:
                separator = SIGNS[options[option]]
                frame = frame.map(lambda text: text.replace(separator, "" if sign == "thousands" else "."))
    else:
        return None
    return frame.astype(object).where(frame.notna(), None).values.tolist()


def of_duckdb(file, options):
    if file.suffix in (".json", ".ndjson"):
        if options.get("path"):
            return None
        return [list(row) for row in duckdb.sql(f"select * from read_json_auto('{file}')").fetchall()]
    if file.suffix not in (".csv", ".tsv"):
        return None
    args = ["header = true" if options.get("header", True) else "header = false"]
    if options.get("delimiter") in SIGNS:
        args.append(f"delim = '{SIGNS[options['delimiter']]}'")
    if options.get("skipRows"):
        args.append(f"skip = {options['skipRows']}")
    if options.get("decimal") == "comma":
        args.append("decimal_separator = ','")
    if options.get("thousands") in ("comma", "point"):
        args.append(f"thousands = '{SIGNS[options['thousands']]}'")
    if options.get("encoding") in ("latin1", "utf-16le"):
        args.append("encoding = 'latin-1'")
    if options.get("nulls"):
        args.append(f"nullstr = {options['nulls'] + ['']}")
    return [list(row) for row in duckdb.sql(f"select * from read_csv('{file}', {', '.join(args)})").fetchall()]


def of_openpyxl(file, options):
    if file.suffix != ".xlsx":
        return None
    book = openpyxl.load_workbook(file, data_only=True)
    sheet = book[options["sheet"]] if "sheet" in options else next(sheet for sheet in book.worksheets if sheet.sheet_state == "visible")
    if sheet.max_row * sheet.max_column > 100_000:
        raise MemoryError("too many empty cells")
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()][options.get("skipRows", 0):]
    rows = [row for row in rows if any(value is not None for value in row)]
    return rows[1 if options.get("header", True) else 0:]


def differs(expected, theirs):
    if expected.get("refused"):
        return "we refuse it"
    ours = expected["rows"]
    if len(ours) != len(theirs):
        return f"{len(theirs)} rows instead of {len(ours)}"
    for at, (one, other) in enumerate(zip(ours, theirs), 1):
        if len(other) != len(one):
            return f"row {at} has {len(other)} values instead of {len(one)}"
        for left, right in zip(one, other):
            if not same(left, right):
                return f"row {at}: {right!r} instead of {left!r}"
    return None


def main(corpus):
    listed = json.loads((pathlib.Path(__file__).parent / "differences.json").read_text())
    reasons, known = listed["reasons"], listed["files"]
    found, compared = {}, 0
    for description in sorted(corpus.glob("*/*.json")):
        file = corpus / description.relative_to(corpus).with_suffix("")
        if not file.exists() or not file.is_file() or file.suffix == "":
            continue
        expected = json.loads(description.read_text())
        for name, reader in (("pandas", of_pandas), ("duckdb", of_duckdb), ("openpyxl", of_openpyxl)):
            try:
                theirs = reader(file, expected["options"])
                if theirs is None:
                    continue
                difference = differs(expected, theirs)
            except Exception as error:
                difference = None if expected.get("refused") else f"refused: {type(error).__name__}: {error}".splitlines()[0][:120]
            compared += 1
            if difference:
                found[(str(file.relative_to(corpus)), name)] = difference
    wrong = [f"{file}, {name}: {difference}" for (file, name), difference in found.items() if known.get(file, {}).get(name) not in reasons]
    wrong += [f"{file}, {name}: listed, but there is no difference" for file, names in known.items() for name in names if (file, name) not in found]
    print(f"{compared} readings, {len(found)} differences, {len(wrong)} not explained")
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)


main(pathlib.Path(sys.argv[1]))
