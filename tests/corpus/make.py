"""Writes the corpus: small files in every format, each with a `.json` file that describes the expected table.

    python3 tests/corpus/make.py

Uses only the standard library and always writes the same bytes. A case is a file, the options of the datasource, and
the expected result: `columns` and `rows` of the table `data`, or `refused`, a part of the error. `suggests` names
options that the preview must suggest, and `notes` contains parts of the notes on the table or a column.
"""
import json, pathlib, shutil, zipfile, io

HERE = pathlib.Path(__file__).parent
COUNT = 0


def case(path, content, columns=None, rows=None, refused=None, options=None, suggests=None, notes=None):
    global COUNT
    COUNT += 1
    file = HERE / path
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    expected = {"options": options or {}}
    if refused is not None:
        expected["refused"] = refused
    else:
        expected["columns"] = columns.split("|")
        expected["rows"] = rows
    if suggests:
        expected["suggests"] = suggests
    if notes:
        expected["notes"] = notes
    lines = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in expected.items() if key != "rows"]
    if "rows" in expected:
        rows = ",\n".join("    " + json.dumps(row, ensure_ascii=False) for row in expected["rows"])
        lines.append('  "rows": [' + (f"\n{rows}\n  ]" if rows else "]"))
    (HERE / (path + ".json")).write_text("{\n" + ",\n".join(lines) + "\n}\n")


# ---------------------------------------------------------------- types of CSV
case("csv/types.csv", "id,name,price,paid,day,at\n1,Lamp,9.5,true,2026-01-31,2026-01-31T10:00:00Z\n2,Chair,10,false,,2026-02-01 09:30\n",
     "id integer|name text|price real|paid boolean|day date|at datetime",
     [[1, "Lamp", 9.5, True, "2026-01-31", "2026-01-31T10:00:00Z"], [2, "Chair", 10.0, False, None, "2026-02-01 09:30"]])
case("csv/leading-zeros.csv", "zip\n01234\n99999\n", "zip text", [["01234"], ["99999"]], notes=["1 of 2 values is not an integer: line 2 (01234)"])
case("csv/floats-17-digits.csv", "lat,lon\n48.858370000000004,2.294481\n40.7,-73.9\n0.30000000000000004,1.5\n", "lat real|lon real",
     [[48.858370000000004, 2.294481], [40.7, -73.9], [0.30000000000000004, 1.5]])
case("csv/floats-of-python.csv", "x\n1e-05\n1e+16\n10.0\n0.1\n5e-324\n", "x real", [[1e-05], [1e16], [10.0], [0.1], [5e-324]])
case("csv/floats-of-c.csv", "x\n0.10000000000000001\n1.000000000000000056e-01\n", "x real", [[0.1], [0.1]])
case("csv/decimals-beyond-doubles.csv", "x\n0.1234567890123456789\n1.5\n", "x text", [["0.1234567890123456789"], ["1.5"]])
case("csv/overflow.csv", "x\n1.5e999\n", "x text", [["1.5e999"]])
case("csv/ids-beyond-2-53.csv", "id\n9007199254740993\n1\n", "id integer", [["9007199254740993"], [1]])
case("csv/ids-beyond-64-bits.csv", "id\n12345678901234567890\n7\n", "id text", [["12345678901234567890"], ["7"]])
case("csv/large-id-beside-decimal.csv", "x\n9007199254740993\n1.5\n", "x text", [["9007199254740993"], ["1.5"]])
case("csv/plus-signs.csv", "phone\n+49123\n+1555\n", "phone text", [["+49123"], ["+1555"]])
case("csv/spaces-around-numbers.csv", "a,b\n1, 2\n3, 4\n", "a integer|b text", [[1, " 2"], [3, " 4"]], suggests=["trim"])
case("csv/spaces-trimmed.csv", "a,b,c\n1, 2 , x \n3, 4 ,\n", "a integer|b integer|c text", [[1, 2, "x"], [3, 4, None]], options={"trim": True})
case("csv/minus-zero.csv", "x\n-0\n1\n", "x text", [["-0"], ["1"]])
case("csv/product-codes.csv", "code\n12E3\n45E7\n", "code text", [["12E3"], ["45E7"]])
case("csv/versions.csv", "version\n1.9\n1.10\n1.1\n", "version text", [["1.9"], ["1.10"], ["1.1"]], notes=["Some values would be written differently as real (1.10, line 3)"])
case("csv/prices.csv", "price\n9.50\n10.00\n3\n", "price real", [[9.5], [10.0], [3.0]])
case("csv/not-a-number.csv", "x\n1\nNaN\n3\n", "x text", [["1"], ["NaN"], ["3"]], suggests=["nulls"], notes=["1 of 3 values is not an integer: line 3 (NaN)"])
case("csv/null-spellings.csv", "x,y\n1,NULL\nN/A,2\n3,\\N\n", "x text|y text", [["1", "NULL"], ["N/A", "2"], ["3", "\\N"]], suggests=["nulls"])
case("csv/null-spellings-declared.csv", "x,y\n1,NULL\nN/A,2\n3,\\N\n", "x integer|y integer", [[1, None], [None, 2], [3, None]], options={"nulls": ["NULL", "N/A", "\\N"]})
case("csv/null-and-empty.csv", 'a,b\n,""\n1,x\n', "a integer|b text", [[None, ""], [1, "x"]])
case("csv/quoted-empty-numbers.csv", '"a","b"\n"1",""\n"","2"\n', "a integer|b integer", [[1, None], [None, 2]])
case("csv/booleans.csv", "x,y\ntrue,TRUE\nfalse,0\n", "x boolean|y text", [[True, "TRUE"], [False, "0"]])
case("csv/yes-and-no-declared.csv", "x\nyes\nno\n", "x boolean", [[True], [False]], options={"columns": [{"name": "x", "type": "boolean"}]})
case("csv/mixed-dates.csv", "d\n2026-01-31\n31.01.2026\n", "d text", [["2026-01-31"], ["31.01.2026"]])
case("csv/dates-and-times.csv", "d\n2026-01-31\n2026-01-31 10:00\n", "d text", [["2026-01-31"], ["2026-01-31 10:00"]])
case("csv/no-such-day.csv", "d\n2026-02-30\n2026-02-28\n", "d text", [["2026-02-30"], ["2026-02-28"]], notes=["1 of 2 values is not a date: line 2 (2026-02-30)"])
case("csv/dates-day-first.csv", "d\n31.01.2026\n01.02.2026\n", "d text", [["31.01.2026"], ["01.02.2026"]], suggests=["dateOrder"])
case("csv/dates-day-first-declared.csv", "d,t\n31.01.2026,31/1/2026 9:05\n01.02.2026,1/2/2026 23:59:59\n", "d date|t datetime",
     [["2026-01-31", "2026-01-31T09:05:00"], ["2026-02-01", "2026-02-01T23:59:59"]], options={"dateOrder": "dmy"})
case("csv/dates-month-first-declared.csv", "d\n1/31/2026\n2/1/2026\n", "d date", [["2026-01-31"], ["2026-02-01"]], options={"dateOrder": "mdy"})
case("csv/dates-of-two-digits.csv", "d\n31.01.26\n", "d text", [["31.01.26"]], options={"dateOrder": "dmy"})
case("csv/decimal-commas.csv", "a;b\n12,50;x\n1,00;y\n", "a text|b text", [["12,50", "x"], ["1,00", "y"]], suggests=["decimal"])
case("csv/decimal-commas-declared.csv", "a;b\n1.234,50;x\n1,00;y\n", "a real|b text", [[1234.5, "x"], [1.0, "y"]], options={"decimal": "comma", "thousands": "point"})
case("csv/thousands-of-commas.csv", 'a,b\n"1,234",x\n"12,345,678",y\n', "a text|b text", [["1,234", "x"], ["12,345,678", "y"]], suggests=["thousands"])
case("csv/thousands-of-commas-declared.csv", 'a,b\n"1,234.5",x\n"12,345,678.25",y\n', "a real|b text", [[1234.5, "x"], [12345678.25, "y"]], options={"thousands": "comma"})
case("csv/thousands-of-spaces-declared.csv", "a;b\n1\u202f234,5;x\n12\u00a0345;y\n", "a real|b text", [[1234.5, "x"], [12345.0, "y"]], options={"thousands": "space", "decimal": "comma"})
case("csv/wrong-groups.csv", "a;b\n1.23;x\n12.34.56;y\n", "a text|b text", [["1.23", "x"], ["12.34.56", "y"]], options={"decimal": "comma", "thousands": "point"})
case("csv/types-declared.csv", "zip,n,x,d\n01234,007,+1.5,2026-01-31\n", "zip text|n integer|x real|d datetime", [["01234", 7, 1.5, "2026-01-31T00:00:00"]],
     options={"columns": [{"name": "zip", "type": "text"}, {"name": "n", "type": "integer"}, {"name": "x", "type": "real"}, {"name": "d", "type": "datetime"}]})
case("csv/text-declared.csv", "n\n1\n2\n", "n text", [["1"], ["2"]], options={"columns": [{"name": "n", "type": "text"}]})
case("csv/declared-type-does-not-fit.csv", "id,n\n1,5\n2,n/a\n", refused='line 3, column n: "n/a" is not of the type integer', options={"columns": [{"name": "n", "type": "integer"}]})
case("csv/declared-number-is-not-exact.csv", "n\n0.1234567890123456789\n", refused="line 2, column n", options={"columns": [{"name": "n", "type": "real"}]})
case("csv/declared-column-is-missing.csv", "a,b\n1,2\n", refused="the file has no column c: it has a, b", options={"columns": [{"name": "c", "type": "text"}]})
case("csv/exceptions.csv", "x\n" + "".join(f"{i}\n" for i in range(1, 11)) + "n/k\n12\nunknown\n", "x text", [[str(i)] for i in range(1, 11)] + [["n/k"], ["12"], ["unknown"]],
     notes=["2 of 13 values are not integers: line 12 (n/k), line 14 (unknown)"])
case("csv/times-stay-text.csv", "t\n10:00\n", "t text", [["10:00"]])
case("csv/times-declared.csv", "t,d\n10:00,26:30:00\n", "t time|d duration", [["10:00", "26:30:00"]], options={"columns": [{"name": "t", "type": "time"}, {"name": "d", "type": "duration"}]})
case("csv/json-declared.csv", 'j\n"{""a"": 1}"\n', "j json", [['{"a": 1}']], options={"columns": [{"name": "j", "type": "json"}]})
case("csv/arabic-digits.csv", "x\n١٢\n", "x text", [["١٢"]])
case("csv/hexadecimal.csv", "x\n0x1F\n1_000\n", "x text", [["0x1F"], ["1_000"]])
case("csv/signs-alone.csv", "x,y\n-,.5\n1,1.\n", "x text|y text", [["-", ".5"], ["1", "1."]])

# ---------------------------------------------------------------- the dialect of CSV
case("csv/delimiter-in-header.csv", "id;Betrag, netto, EUR\n1;2\n3;4\n", "id integer|Betrag, netto, EUR integer", [[1, 2], [3, 4]])
case("csv/decimal-commas-without-header.csv", "12,50;3,20\n1,00;2,00\n7,25;8,75\n", "column_1 text|column_2 text",
     [["12,50", "3,20"], ["1,00", "2,00"], ["7,25", "8,75"]], options={"header": False})
case("csv/tabs.csv", "a\tb\n1\tx, y\n2\tz, w\n", "a integer|b text", [[1, "x, y"], [2, "z, w"]])
case("csv/pipes.csv", "a|b\n1|x\n", "a integer|b text", [[1, "x"]])
case("csv/names-with-commas.csv", "name;city\nDoe, John;Berlin\nRoe, Jane;Paris\n", "name text|city text", [["Doe, John", "Berlin"], ["Roe, Jane", "Paris"]])
case("csv/delimiter-chosen.csv", "a;b,c\n1;2,3\n", "a;b text|c integer", [["1;2", 3]], options={"delimiter": "comma"})
case("csv/delimiter-only-late.csv", "a,b\n" + "1,2\n" * 300 + "3,x;y;z\n", "a integer|b text", [[1, "2"]] * 300 + [[3, "x;y;z"]])
case("csv/no-delimiter.csv", "word\nalpha\nbeta\n", "word text", [["alpha"], ["beta"]])
case("csv/one-column-with-commas.csv", "note\nhello, world\nbye\n", refused="line 3 has 1 fields" if False else "fields, but the first line", suggests=["raggedRows"])
case("csv/one-value-a-line.csv", "note\nhello, world\nbye\n", "note text", [["hello, world"], ["bye"]], options={"delimiter": "none"})
case("csv/sep-line.csv", "sep=;\r\nid;name\r\n1;a\r\n2;b\r\n", "id integer|name text", [[1, "a"], [2, "b"]])
case("csv/sep-line-quoted.csv", '"sep=;"\r\nid;name\r\n1;a\r\n', "id integer|name text", [[1, "a"]])
case("csv/sep-line-odd-sign.csv", "sep=^\nid^name\n1^a,b\n", "id integer|name text", [[1, "a,b"]])
case("csv/sep-line-comma.csv", "sep=,\nid,name\n1,a;b\n", "id integer|name text", [[1, "a;b"]])
case("csv/quotes.csv", 'a,b\n"x, ""y""",1\n"two\nlines",2\n', "a text|b integer", [['x, "y"', 1], ["two\nlines", 2]], notes=["1 row has a value with line breaks (line 3)"])
case("csv/quote-never-closed.csv", 'id,name\n1,"abc\n2,def\n3,ghi\n', refused="line 2 opens a quote in field 2 that is never closed", suggests=["quote"])
case("csv/quote-closed-too-late.csv", 'id,name\n1,"abc\n2,def\n3,"ghi"\n', refused="line 2 has text after the closing quote of field 2")
case("csv/quote-with-text-behind.csv", 'id,name\n1,"Foo" Bar\n', refused="line 2 has text after the closing quote", suggests=["quote"])
case("csv/quote-as-text.csv", 'id,name\n1,"Foo" Bar\n2,5" pipe\n', "id integer|name text", [[1, '"Foo" Bar'], [2, '5" pipe']], options={"quote": "none"})
case("csv/inches.csv", 'id,name\n1,5" pipe\n2,3" pipe\n', "id integer|name text", [[1, '5" pipe'], [2, '3" pipe']])
case("csv/quote-of-backslashes.csv", 'id,name\n1,"say \\"hi, you\\""\n2,"a\\\\b"\n', "id integer|name text", [[1, 'say "hi, you"'], [2, "a\\b"]])
case("csv/single-quotes.csv", "id,name\n1,'a, b'\n2,'it''s'\n", "id integer|name text", [[1, "a, b"], [2, "it's"]])
case("csv/apostrophes.csv", "id,name\n1,'tis\n2,o'clock\n", "id integer|name text", [[1, "'tis"], [2, "o'clock"]])
case("csv/too-few-fields.csv", "a,b\n1,2\n3\n", refused="line 3 has 1 fields, but the first line has 2", suggests=["raggedRows"])
case("csv/too-many-fields.csv", "a,b\n1,2,3\n", refused="line 2 has 3 fields, but the first line has 2")
case("csv/ragged-filled.csv", "a,b\n1\n2,x,more\n", "a integer|b text|column_3 text", [[1, None, None], [2, "x", "more"]], options={"raggedRows": "fill"})
case("csv/title-above.csv", "Report of May\n\nid,name,n\n1,a,5\n2,b,6\n", refused="fields, but the first line", suggests=["skipRows"])
case("csv/title-padded.csv", "Report of May;;\nid;name;n\n1;a;5\n2;b;6\n", "Report of May text|column_2 text|column_3 text",
     [["id", "name", "n"], ["1", "a", "5"], ["2", "b", "6"]], suggests=["skipRows"])
case("csv/title-padded-skipped.csv", "Report of May;;\nid;name;n\n1;a;5\n2;b;6\n", "id integer|name text|n integer",
     [[1, "a", 5], [2, "b", 6]], options={"skipRows": 1})
case("csv/title-skipped.csv", "Report of \"May\n\nid,name\n1,a\n", "id integer|name text", [[1, "a"]], options={"skipRows": 2})
case("csv/no-header.csv", "a,1\nb,2\n", "column_1 text|column_2 integer", [["a", 1], ["b", 2]], options={"header": False})
case("csv/header-forgotten.csv", "2026-01-01,5\n2026-01-02,6\n", "2026-01-01 date|5 integer", [["2026-01-02", 6]], suggests=["header"])
case("csv/header-as-values.csv", "id,n\n1,2\n", "column_1 text|column_2 text", [["id", "n"], ["1", "2"]], options={"header": False}, suggests=["header"])
case("csv/header-duplicate.csv", "id,ID,id\n1,2,3\n", "id integer|ID_2 integer|id_3 integer", [[1, 2, 3]], notes=["Column 2 was renamed to ID_2"])
case("csv/header-empty.csv", "id,,x\n1,2,3\n", "id integer|column_2 integer|x integer", [[1, 2, 3]], notes=["Column 2 has no name"])
case("csv/trailing-delimiter.csv", "id,x,\n1,2,\n", "id integer|x integer", [[1, 2]])
case("csv/only-a-header.csv", "id,name\n", "id text|name text", [])
case("csv/blank-lines.csv", "id,x\n1,2\n\n\n3,4\n\n", "id integer|x integer", [[1, 2], [3, 4]], notes=["2 empty lines were skipped"])
case("csv/blank-lines-in-one-column.csv", "x\n1\n\n3\n\n", "x integer", [[1], [None], [3]])
case("csv/carriage-returns.csv", "id,x\r1,a\r2,b\r", "id integer|x text", [[1, "a"], [2, "b"]])
case("csv/mixed-line-ends.csv", "id,x\r\n1,a\n2,b\r3,c", "id integer|x text", [[1, "a"], [2, "b"], [3, "c"]])
case("csv/line-end-in-quotes.csv", 'id,x\r\n1,"a\r\nb"\r\n', "id integer|x text", [[1, "a\r\nb"]])
case("csv/formula-text.csv", "x\n=1+1\n@SUM(A1)\n", "x text", [["=1+1"], ["@SUM(A1)"]])
case("csv/nul.csv", "x,y\na\0b,1\n", "x text|y integer", [["a\0b", 1]])
case("tsv/plain.tsv", "a\tb\n1\tx\n", "a integer|b text", [[1, "x"]], options={"format": "tsv"})
case("tsv/commas.tsv", "a\tb\n1,5\tx\n2,5\ty\n", "a text|b text", [["1,5", "x"], ["2,5", "y"]], options={"format": "tsv"}, suggests=["decimal"])
case("tsv/quotes.tsv", 'a\tb\n"x\ty"\t1\n', "a text|b integer", [["x\ty", 1]], options={"format": "tsv"})

# ---------------------------------------------------------------- encodings
TEXT = "Straße;n\nKöln;1\n"
TABLE = ("Straße text|n integer", [["Köln", 1]])
case("encoding/utf-8.csv", TEXT, *TABLE)
case("encoding/utf-8-bom.csv", b"\xef\xbb\xbf" + TEXT.encode(), *TABLE)
case("encoding/utf-16le-bom.csv", b"\xff\xfe" + TEXT.encode("utf-16-le"), *TABLE)
case("encoding/utf-16be-bom.csv", b"\xfe\xff" + TEXT.encode("utf-16-be"), *TABLE)
case("encoding/utf-16le.csv", TEXT.encode("utf-16-le"), *TABLE)
case("encoding/windows-1252.csv", TEXT.encode("cp1252"), refused="line 1 is not UTF-8: select the encoding", suggests=["encoding"])
case("encoding/windows-1252-declared.csv", "x;y\n€;ü\n".encode("cp1252"), "x text|y text", [["€", "ü"]], options={"encoding": "latin1"})
case("encoding/windows-1251.csv", "город;сумма\nМосква;1\nСанкт-Петербург;2\n".encode("cp1251"), refused="windows-1251", suggests=["encoding"])
case("encoding/windows-1251-declared.csv", "город;n\nМосква;1\n".encode("cp1251"), "город text|n integer", [["Москва", 1]], options={"encoding": "windows-1251"})
case("encoding/windows-1250-declared.csv", "miasto;n\nŁódź;1\n".encode("cp1250"), "miasto text|n integer", [["Łódź", 1]], options={"encoding": "windows-1250"})
case("encoding/shift-jis-declared.csv", "都市,n\n東京,1\n".encode("shift_jis"), "都市 text|n integer", [["東京", 1]], options={"encoding": "shift_jis"})
case("encoding/not-shift-jis.csv", b"a,b\n\xff\xff,1\n", refused="is not shift_jis", options={"encoding": "shift_jis"})
case("encoding/one-wrong-byte.csv", b"a,b\n1,x\n2,\xff\n", refused="line 3 is not UTF-8")
case("encoding/utf-8-declared-and-wrong.csv", b"a,b\n1,x\n2,\xff\n", refused="line 3 is not UTF-8", options={"encoding": "utf-8"})
case("encoding/cut-character.csv", "a\nü\n".encode()[:-2], refused="line 2 is not UTF-8")
case("encoding/json-bom.json", b"\xef\xbb\xbf" + b'[{"a":1}]', "a integer", [[1]])
case("encoding/json-utf-16.json", b"\xff\xfe" + '[{"a":"ü"}]'.encode("utf-16-le"), "a text", [["ü"]])

# ---------------------------------------------------------------- JSON
case("json/array.json", '[{"id":1,"tag":"007","on":true,"deep":{"a":[1.10]},"day":"2026-01-31"},{"id":2,"more":1.5,"deep":null}]',
     "id integer|tag text|on boolean|deep json|day date|more real", [[1, "007", True, '{"a":[1.10]}', "2026-01-31", None], [2, None, None, None, None, 1.5]])
case("json/large-integers.json", '[{"a":9007199254740993,"b":12345678901234567890},{"a":1,"b":2}]', "a integer|b text", [["9007199254740993", "12345678901234567890"], [1, "2"]])
case("json/long-decimals.json", '[{"a":0.30000000000000004,"b":0.1234567890123456789}]', "a real|b text", [[0.30000000000000004, "0.1234567890123456789"]])
case("json/padded-decimals.json", '[{"a":1.10},{"a":1.9},{"a":1E5}]', "a real", [[1.1], [1.9], [100000.0]])
case("json/numbers-and-texts.json", '[{"a":1},{"a":2},{"a":"x"}]', "a text", [["1"], ["2"], ["x"]], notes=["1 of 3 values is not an integer: row 3 (x)"])
case("json/texts-of-digits.json", '[{"a":"1"},{"a":"2"}]', "a text", [["1"], ["2"]])
case("json/errors-before-data.json", '{"errors":[],"data":[{"a":1}]}', "a integer", [[1]])
case("json/tags-before-rows.json", '{"tags":["x"],"rows":[{"a":1}]}', "a integer", [[1]])
case("json/two-arrays.json", '{"first":[{"a":1}],"second":[{"b":2}]}', "a integer", [[1]], suggests=["path"])
case("json/deep-rows.json", '{"result":{"page":1,"items":[{"a":1}]}}', "a integer", [[1]])
case("json/path.json", '{"tags":["a"],"result":{"other":[{"x":1}],"items":[{"a":1}]}}', "a integer", [[1]], options={"path": "result.items"})
case("json/pointer.json", '{"result.all":{"items":[{"a":1}]}}', "a integer", [[1]], options={"path": "/result.all/items"})
case("json/path-missing.json", '{"a":{"b":[]}}', refused="the document has no array at a.c", options={"path": "a.c"})
case("json/empty-answer.json", '{"errors":[],"data":[]}', refused="enter the path to the rows in `path`")
case("json/empty-array.json", '{"errors":[],"data":[]}', "column_1 text", [], options={"path": "data"})
case("json/one-object.json", '{"a":1,"b":[1,2]}', "a integer|b json", [[1, "[1,2]"]])
case("json/one-object-on-lines.json", '{\n "a": 1,\n "b": "x"\n}\n', "a integer|b text", [[1, "x"]])
case("json/half-emoji.json", '[{"id":1,"t":"cut \\ud83d"},{"id":2,"t":"\\udc00 \\ud83d\\ude00 \\\\ud83d"}]', "id integer|t text", [[1, "cut \ufffd"], [2, "\ufffd 😀 \\ud83d"]])
case("json/half-emoji-in-name.json", '[{"a\\ud83d":1}]', "a\ufffd integer", [[1]])
case("json/duplicate-field.json", '[{"a":1},{"a":2,"a":3}]', refused='row 2 has the field "a" twice')
case("json/same-name-escaped.json", '[{"a":2,"\\u0061":3}]', refused='row 1 has the field "a" twice')
case("json/duplicate-in-a-value.json", '[{"a":{"b":1,"b":2}}]', "a json", [['{"b":1,"b":2}']])
case("json/nan.json", '[{"a":1},{"a":NaN}]', refused="line 1 column 15")
case("json/trailing-comma.json", '[{"a":1},]', refused="the JSON is malformed")
case("json/cut-off.json", '[{"a":1},{"a":', refused="the JSON is malformed")
case("json/text-behind.json", '[{"a":1}] x', refused="trailing characters")
case("json/not-an-object.json", '[{"a":1},2]', refused="expected an object")
case("json/names-by-case.json", '[{"id":1,"ID":2}]', "id integer|ID_2 integer", [[1, 2]])
case("json/times.json", '[{"at":"2026-01-31T10:00:00Z"}]', "at datetime", [["2026-01-31T10:00:00Z"]])
case("json/declared.json", '[{"a":"1","b":5}]', "a integer|b text", [[1, "5"]], options={"columns": [{"name": "a", "type": "integer"}, {"name": "b", "type": "text"}]})
case("json/control-characters.json", '[{"a":"\\u0000\\u001f\\n"}]', "a text", [["\0\x1f\n"]])
case("ndjson/lines.ndjson", '{"a":1}\n\n{"a":2,"b":"x"}\n', "a integer|b text", [[1, None], [2, "x"]])
case("ndjson/crlf.ndjson", '{"a":1}\r\n{"a":2}', "a integer", [[1], [2]])
case("ndjson/bad-line.ndjson", '{"a":1}\n{"a": \n{"a":3}\n', refused="line 2 is not an object")
case("ndjson/not-an-object.ndjson", '{"a":1}\n[1]\n', refused="line 2 is not an object", options={"format": "jsonl"})
case("ndjson/nan.ndjson", '{"a":1}\n{"a":NaN}\n', refused="line 2 is not an object")
case("ndjson/duplicate-field.ndjson", '{"a":1}\n{"b":1,"b":2}\n', refused='line 2 has the field "b" twice')
case("ndjson/half-emoji.ndjson", '{"a":"\\ud83d"}\n{"a":"x"}\n', "a text", [["\ufffd"], ["x"]])
case("ndjson/arrays.ndjson", '{"a":[{"b":1}]}\n{"a":[]}\n', "a json", [['[{"b":1}]'], ["[]"]])
case("ndjson/one-line.ndjson", '{"a":[{"b":1}]}\n', "a json", [['[{"b":1}]']], options={"format": "jsonl"})
case("ndjson/types-change.ndjson", '{"a":1}\n{"a":1.5}\n{"a":true}\n', "a text", [["1"], ["1.5"], ["true"]])


# ---------------------------------------------------------------- workbooks
def xlsx(sheets, formats=(), shared=(), since_1904=False, prefix=""):
    """Builds a workbook.

    sheets: [(name, state, XML inside <worksheet>)]; formats: the format codes of styles 1, 2, …; shared: the XML of the
    shared strings.
    """
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    parts = {}
    types = "".join(f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>' for i in range(1, len(sheets) + 1))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts["[Content_Types].xml"] = f'{head}<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="{kind}.sharedStrings+xml"/>{types}</Types>'
    parts["_rels/.rels"] = f'{head}<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    listed = "".join(f'<sheet name="{name}" sheetId="{i}"{f" state=" + chr(34) + state + chr(34) if state else ""} r:id="rId{i}"/>' for i, (name, state, _) in enumerate(sheets, 1))
    parts["xl/workbook.xml"] = f'{head}<workbook xmlns="{main}" xmlns:r="{office}">{"<workbookPr date1904=" + chr(34) + "1" + chr(34) + "/>" if since_1904 else ""}<sheets>{listed}</sheets></workbook>'
    n = len(sheets)
    related = "".join(f'<Relationship Id="rId{i}" Type="{office}/worksheet" Target="worksheets/sheet{i}.xml"/>' for i in range(1, n + 1))
    parts["xl/_rels/workbook.xml.rels"] = f'{head}<Relationships xmlns="{package}/relationships">{related}<Relationship Id="rId{n + 1}" Type="{office}/styles" Target="styles.xml"/><Relationship Id="rId{n + 2}" Type="{office}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    codes = "".join(f'<numFmt numFmtId="{164 + i}" formatCode="{code}"/>' for i, code in enumerate(formats))
    xfs = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>' + "".join(f'<xf numFmtId="{164 + i}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>' for i in range(len(formats)))
    codes = f'<numFmts count="{len(formats)}">{codes}</numFmts>' if formats else ""
    parts["xl/styles.xml"] = f'{head}<styleSheet xmlns="{main}">{codes}<fonts count="1"><font><sz val="11"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="{len(formats) + 1}">{xfs}</cellXfs></styleSheet>'
    parts["xl/sharedStrings.xml"] = f'{head}<sst xmlns="{main}" count="{len(shared)}" uniqueCount="{len(shared)}">{"".join(shared)}</sst>'
    for i, (_, _, xml) in enumerate(sheets, 1):
        parts[f"xl/worksheets/sheet{i}.xml"] = f'{head}<worksheet xmlns="{main}">{xml}</worksheet>'
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def rows(*rows, after="", first=1):
    """A cell is None, a text, a number, (number, style), a boolean, or its own XML with `{ref}` for its reference."""
    made = []
    for r, row in enumerate(rows, first):
        cells = []
        for c, value in enumerate(row):
            ref = f"{chr(65 + c)}{r}"
            if value is None:
                continue
            if isinstance(value, bool):
                cells.append(f'<c r="{ref}" t="b"><v>{int(value)}</v></c>')
            elif isinstance(value, tuple):
                cells.append(f'<c r="{ref}" s="{value[1]}"><v>{value[0]}</v></c>')
            elif isinstance(value, (int, float)):
                cells.append(f'<c r="{ref}"><v>{value}</v></c>')
            elif value.startswith("<c"):
                cells.append(value.replace("{ref}", ref))
            else:
                cells.append(f'<c r="{ref}" t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>')
        made.append(f'<row r="{r}">{"".join(cells)}</row>')
    return f"<sheetData>{''.join(made)}</sheetData>{after}"


def sheet(*table, formats=(), shared=(), since_1904=False, after=""):
    return xlsx([("Sheet1", "", rows(*table, after=after))], formats, shared, since_1904)


def error(code):
    return f'<c r="{{ref}}" t="e"><v>{code}</v></c>'


DATE, MOMENT, CLOCK, SPAN = "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "hh:mm:ss", "[h]:mm:ss"
case("xlsx/types.xlsx", sheet(["id", "x", "paid", "code", "day", "at"], [1, 1.25, True, "007", (46053, 1), (46053.4375, 2)], [2, 3, False, "x", (46054, 1), (46054.5, 2)], formats=[DATE, MOMENT]),
     "id integer|x real|paid boolean|code text|day date|at datetime", [[1, 1.25, True, "007", "2026-01-31", "2026-01-31T10:30:00"], [2, 3.0, False, "x", "2026-02-01", "2026-02-01T12:00:00"]])
case("xlsx/midnight.xlsx", sheet(["at"], [(45000.5, 1)], [(45001, 1)], [(45002.25, 1)], formats=[MOMENT]), "at datetime", [["2023-03-15T12:00:00"], ["2023-03-16T00:00:00"], ["2023-03-17T06:00:00"]])
case("xlsx/only-midnights.xlsx", sheet(["at"], [(45000, 1)], [(45001, 1)], formats=[MOMENT]), "at datetime", [["2023-03-15T00:00:00"], ["2023-03-16T00:00:00"]])
case("xlsx/dates-and-times.xlsx", sheet(["at"], [(45000, 1)], [(45001.5, 2)], formats=[DATE, MOMENT]), "at datetime", [["2023-03-15T00:00:00"], ["2023-03-16T12:00:00"]])
case("xlsx/time-behind-a-date.xlsx", sheet(["d"], [(45000.5, 1)], [(45001, 1)], formats=[DATE]), "d datetime", [["2023-03-15T12:00:00"], ["2023-03-16T00:00:00"]])
case("xlsx/times-of-day.xlsx", sheet(["t"], [(0, 1)], [(0.375, 1)], [(0.430555555555556, 1)], formats=[CLOCK]), "t time", [["00:00:00"], ["09:00:00"], ["10:20:00"]])
case("xlsx/durations.xlsx", sheet(["t"], [(1.104166666666667, 1)], [(0.5, 1)], [(-0.25, 1)], formats=[SPAN]), "t duration", [["26:30:00"], ["12:00:00"], ["-6:00:00"]])
case("xlsx/thousandths.xlsx", sheet(["t"], [(45000.0000057870370370, 1)], formats=["yyyy-mm-dd hh:mm:ss.000"]), "t datetime", [["2023-03-15T00:00:00.500"]])
case("xlsx/since-1904.xlsx", sheet(["d"], [(0, 1)], [(43538, 1)], formats=[DATE], since_1904=True), "d date", [["1904-01-01"], ["2023-03-15"]])
case("xlsx/first-days.xlsx", sheet(["d"], [(1, 1)], [(59, 1)], [(61, 1)], formats=[DATE]), "d date", [["1900-01-01"], ["1900-02-28"], ["1900-03-01"]])
case("xlsx/29-february-1900.xlsx", sheet(["d"], [(60, 1)], [(61, 1)], formats=[DATE]), "d text", [["1900-02-29"], ["1900-03-01"]], notes=["1 of 2 values is not a date: row 2 (1900-02-29)"])
case("xlsx/negative-dates.xlsx", sheet(["d"], [(-1, 1)], formats=[DATE]), "d integer", [[-1]])
case("xlsx/built-in-formats.xlsx", xlsx([("S", "", rows(["d"], [(45000, 1)]))], ["[$-409]d\\-mmm\\-yy;@"]), "d date", [["2023-03-15"]])
case("xlsx/formats-without-dates.xlsx", sheet(["a", "b", "c"], [(1.5, 1), (2.5, 2), (3, 3)], formats=["#,##0.00 &quot;days&quot;", "0.00E+00", "[Red]0"]), "a real|b real|c integer", [[1.5, 2.5, 3]])
case("xlsx/hidden-first.xlsx", xlsx([("cfg", "hidden", rows(["k"], ["secret"])), ("Orders", "", rows(["id"], [1], [2]))]), "id integer", [[1], [2]])
case("xlsx/very-hidden-first.xlsx", xlsx([("cfg", "veryHidden", rows(["k"], ["secret"])), ("Orders", "", rows(["id"], [1]))]), "id integer", [[1]])
case("xlsx/sheet-chosen.xlsx", xlsx([("One", "", rows(["a"], [1])), ("Two &amp; a half", "", rows(["b"], [2]))]), "b integer", [[2]], options={"sheet": "Two & a half"})
case("xlsx/sheet-missing.xlsx", xlsx([("One", "", rows(["a"], [1]))]), refused="the workbook has no sheet Nope: it has One", options={"sheet": "Nope"})
case("xlsx/phantom-cells.xlsx", xlsx([("S", "", '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="XFD1" s="1"/></row><row r="2"><c r="A2"><v>7</v></c></row><row r="1048576"><c r="B1048576" s="1"/></row></sheetData>')], ["0.00"]), "id integer", [[7]])
case("xlsx/far-value.xlsx", xlsx([("S", "", '<sheetData><row r="1"><c r="XFD1"><v>1</v></c></row></sheetData>')]), refused="more than 1000 columns")
case("xlsx/gap-of-rows.xlsx", xlsx([("S", "", '<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>2</v></c></row></sheetData>')]), "column_1 integer", [[1], [2]], options={"header": False})
case("xlsx/table-further-down.xlsx", xlsx([("S", "", '<sheetData><row r="4"><c r="C4" t="inlineStr"><is><t>id</t></is></c></row><row r="5"><c r="C5"><v>7</v></c></row></sheetData>')]), "id integer", [[7]])
case("xlsx/title-skipped.xlsx", sheet(["Report"], ["id", "n"], [1, 2]), "id integer|n integer", [[1, 2]], options={"skipRows": 1})
case("xlsx/errors.xlsx", sheet(["a", "b"], [1, 2], [error("#DIV/0!"), 3], [4, error("#N/A")]), "a integer|b integer", [[1, 2], [None, 3], [4, None]], notes=["1 cell has an error instead of a value: row 3 (#DIV/0!)"])
case("xlsx/errors-among-texts.xlsx", sheet(["a"], ["x"], [error("#REF!")]), "a text", [["x"], ["#REF!"]])
case("xlsx/errors-declared.xlsx", sheet(["a"], [1], [error("#N/A")]), refused='row 3, column a: "#N/A" is not of the type integer', options={"columns": [{"name": "a", "type": "integer"}]})
case("xlsx/errors-as-missing.xlsx", sheet(["a"], [1], [error("#N/A")]), "a integer", [[1], [None]], options={"nulls": ["#N/A"], "columns": [{"name": "a", "type": "integer"}]})
case("xlsx/formulas.xlsx", sheet(["a", "b", "c"], ['<c r="{ref}"><f>1+1</f><v>2</v></c>', '<c r="{ref}" t="str"><f>"x"</f><v>x</v></c>', '<c r="{ref}" t="str"><f>""</f><v></v></c>']), "a integer|b text|c text", [[2, "x", None]])
case("xlsx/formula-without-result.xlsx", sheet(["a", "b"], [1, '<c r="{ref}"><f>A2+1</f></c>']), refused="row 2, cell B2: has a formula without a result")
case("xlsx/formula-with-empty-result.xlsx", sheet(["a", "b"], [1, '<c r="{ref}"><f>A2+1</f><v/></c>']), refused="row 2, cell B2: has a formula without a result")
case("xlsx/merged.xlsx", sheet(["a", "b"], ["x", 1], [None, 2], ["y", 3], after='<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>'), "a text|b integer", [["x", 1], [None, 2], ["y", 3]],
     notes=["1 range of cells is merged (A2:A3)"], suggests=["mergedCells"])
case("xlsx/merged-repeated.xlsx", sheet(["a", "b"], ["x", 1], [None, 2], ["y", 3], after='<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>'), "a text|b integer", [["x", 1], ["x", 2], ["y", 3]], options={"mergedCells": "repeat"})
case("xlsx/shared-strings.xlsx", sheet(['<c r="{ref}" t="s"><v>0</v></c>', '<c r="{ref}" t="s"><v>1</v></c>'], ['<c r="{ref}" t="s"><v>2</v></c>', '<c r="{ref}" t="s"><v>3</v></c>'],
     shared=["<si><t>a</t></si>", "<si><r><t>b </t></r><r><rPr><b/></rPr><t>bold</t></r></si>", "<si><t>東京</t><rPh sb=\"0\" eb=\"2\"><t>トウキョウ</t></rPh></si>", "<si><t xml:space=\"preserve\"> &amp;&lt;&#233;_x000D_\n</t></si>"]),
     "a text|b bold text", [["東京", " &<é\r\n"]])
case("xlsx/shared-string-missing.xlsx", sheet(["a"], ['<c r="{ref}" t="s"><v>7</v></c>']), refused="row 2, cell A2")
case("xlsx/numbers-exact.xlsx", sheet(["a", "b", "c"], [0.30000000000000004, 9007199254740991, '<c r="{ref}"><v>1E-3</v></c>']), "a real|b integer|c real", [[0.30000000000000004, 9007199254740991, 0.001]])
case("xlsx/numbers-and-texts.xlsx", sheet(["a"], [1], [2], ["n/a"]), "a text", [["1"], ["2"], ["n/a"]], notes=["1 of 3 values is not an integer: row 4 (n/a)"])
case("xlsx/texts-of-digits.xlsx", sheet(["zip"], ["01234"], ["99999"]), "zip text", [["01234"], ["99999"]])
case("xlsx/dates-as-text.xlsx", sheet(["d"], ["2026-01-31"], ["2026-02-01"]), "d date", [["2026-01-31"], ["2026-02-01"]])
case("xlsx/dates-of-iso.xlsx", sheet(["d"], ['<c r="{ref}" t="d"><v>2026-01-31</v></c>'], ['<c r="{ref}" t="d"><v>2026-02-01T00:00:00</v></c>']), "d datetime", [["2026-01-31T00:00:00"], ["2026-02-01T00:00:00"]])
case("xlsx/header-of-numbers.xlsx", sheet(["region", 2025, 2026], ["EU", 1, 2]), "region text|2025 integer|2026 integer", [["EU", 1, 2]])
case("xlsx/empty-sheet.xlsx", xlsx([("S", "", "<sheetData/>")]), "column_1 text", [])
case("xlsx/cells-without-places.xlsx", xlsx([("S", "", '<sheetData><row><c t="inlineStr"><is><t>a</t></is></c><c t="inlineStr"><is><t>b</t></is></c></row><row><c><v>1</v></c><c><v>2</v></c></row></sheetData>')]), "a integer|b integer", [[1, 2]])
case("xlsx/declared.xlsx", sheet(["n", "d"], [1234, (45000, 1)], formats=[DATE]), "n text|d text", [["1234", "2023-03-15"]], options={"columns": [{"name": "n", "type": "text"}, {"name": "d", "type": "text"}]})
case("xlsx/not-a-workbook.xlsx", b"a,b\n1,2\n", refused="this is not an XLSX file", options={"format": "xlsx"})
case("xlsx/older-workbook.xls", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), refused="save older Excel files as .xlsx")
case("xlsx/cut-off.xlsx", sheet(["a"], [1])[:300], refused="the workbook is damaged")

print(COUNT, "files")
