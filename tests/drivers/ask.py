"""Sends the same queries to a server with Python's drivers, and compares the results with ours.

Reads {"kind", "port", "password", "database", "questions": [{"sql", "ours"}]} from standard input, and writes a list of
{"same", "theirs"}. Two results are the same if they are equal in a normalized form.
"""
import base64, datetime, decimal, ipaddress, json, re, sys, uuid

INPUT = json.load(sys.stdin)
UTC = datetime.timezone.utc


def number(value):
    """Returns the same text for all spellings of a number, or None if the value is not a number."""
    text = str(value)
    if text in ("NaN", "Infinity", "-Infinity"):
        return text
    if not re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", text):
        return None
    sign, digits, exponent = decimal.Decimal(text).as_tuple()
    whole = "".join(map(str, digits)).lstrip("0")
    short = whole.rstrip("0")
    return f"{'-' if sign and short else ''}{short or '0'}e{exponent + len(whole) - len(short) if short else 0}"


def text(value):
    """Normalizes numbers, and removes trailing zeros of fractions of a second from times."""
    as_number = number(value)
    if as_number is not None:
        return as_number
    return re.sub(r"(:\d\d\.\d*?)0+(?!\d)", lambda found: found.group(1).rstrip("."), value)


def hours(delta):
    micros = round(delta / datetime.timedelta(microseconds=1))
    sign, micros = ("-" if micros < 0 else ""), abs(micros)
    seconds, micros = divmod(micros, 1_000_000)
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}" + (f".{micros:06}" if micros else "")


def normalize(value, ours):
    if value is None or isinstance(value, bool):
        return int(value) if ours and isinstance(value, bool) and INPUT["kind"] == "mysql" else value
    if isinstance(value, (int, float, decimal.Decimal)):
        return number({"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}.get(str(value).lower(), value))
    if isinstance(value, (bytes, bytearray, memoryview)):
        raw = bytes(value)
        return "\\x" + raw.hex() if INPUT["kind"] == "postgresql" else base64.b64encode(raw).decode()
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            return text(value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z")
        return text(value.isoformat())
    if isinstance(value, (datetime.date, datetime.time)):
        return text(value.isoformat())
    if isinstance(value, datetime.timedelta):
        return text(hours(value))
    if isinstance(value, (list, tuple)):
        return [normalize(item, ours) for item in value]
    if isinstance(value, dict):
        return {name: normalize(item, ours) for name, item in value.items()}
    if isinstance(value, (uuid.UUID, ipaddress._IPAddressBase)):
        return str(value)
    return text(str(value))


def postgresql():
    import psycopg

    connection = psycopg.connect(
        host="127.0.0.1", port=INPUT["port"], user="admin", password=INPUT["password"], dbname=INPUT["database"],
        autocommit=True, options="-c timezone=UTC",
    )

    def one(sql):
        with connection.cursor() as cursor:
            return cursor.execute(sql, prepare=False).fetchone()[0]

    return one


def mysql():
    import pymysql

    connection = pymysql.connect(
        host="127.0.0.1", port=INPUT["port"], user="admin", password=INPUT["password"].encode(), database=INPUT["database"],
        charset="utf8mb4", init_command="set time_zone = '+00:00'",
    )

    def one(sql):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]

    return one


one = {"postgresql": postgresql, "mysql": mysql}[INPUT["kind"]]()
answers = []
for question in INPUT["questions"]:
    try:
        theirs = normalize(one(question["sql"]), False)
    except Exception as error:  # a value that a driver cannot read is a difference too
        theirs = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
    answers.append({"same": theirs == normalize(question["ours"], True), "theirs": json.dumps(theirs, ensure_ascii=False)})
json.dump(answers, sys.stdout)
