"""Asks a server the same questions through the drivers of Python, and says whether they answer the same.

Reads {"kind", "port", "password", "database", "questions": [{"sql", "ours"}]} from standard input; writes a list of
{"same", "theirs"}. Two answers are the same when they are equal once each is written in one plain way.
"""
import base64, datetime, decimal, ipaddress, json, re, sys, uuid

ASKED = json.load(sys.stdin)
ASKED_UTC = datetime.timezone.utc


def number(value):
    """One text for each number, however it is written; None for what is no number."""
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
    """Times without zeros at the end of a second's fraction, and numbers as such."""
    plain = number(value)
    if plain is not None:
        return plain
    return re.sub(r"(:\d\d\.\d*?)0+(?!\d)", lambda found: found.group(1).rstrip("."), value)


def hours(delta):
    micros = round(delta / datetime.timedelta(microseconds=1))
    sign, micros = ("-" if micros < 0 else ""), abs(micros)
    seconds, micros = divmod(micros, 1_000_000)
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}" + (f".{micros:06}" if micros else "")


def plain(value, ours):
    if value is None or isinstance(value, bool):
        return int(value) if ours and isinstance(value, bool) and ASKED["kind"] == "mysql" else value
    if isinstance(value, (int, float, decimal.Decimal)):
        return number({"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}.get(str(value).lower(), value))
    if isinstance(value, (bytes, bytearray, memoryview)):
        raw = bytes(value)
        return "\\x" + raw.hex() if ASKED["kind"] == "postgresql" else base64.b64encode(raw).decode()
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            return text(value.astimezone(ASKED_UTC).replace(tzinfo=None).isoformat() + "Z")
        return text(value.isoformat())
    if isinstance(value, (datetime.date, datetime.time)):
        return text(value.isoformat())
    if isinstance(value, datetime.timedelta):
        return text(hours(value))
    if isinstance(value, (list, tuple)):
        return [plain(item, ours) for item in value]
    if isinstance(value, dict):
        return {name: plain(item, ours) for name, item in value.items()}
    if isinstance(value, (uuid.UUID, ipaddress._IPAddressBase)):
        return str(value)
    return text(str(value))


def postgresql():
    import psycopg

    connection = psycopg.connect(
        host="127.0.0.1", port=ASKED["port"], user="admin", password=ASKED["password"], dbname=ASKED["database"],
        autocommit=True, options="-c timezone=UTC",
    )

    def one(sql):
        with connection.cursor() as cursor:
            return cursor.execute(sql, prepare=False).fetchone()[0]

    return one


def mysql():
    import pymysql

    connection = pymysql.connect(
        host="127.0.0.1", port=ASKED["port"], user="admin", password=ASKED["password"], database=ASKED["database"],
        charset="utf8mb4", init_command="set time_zone = '+00:00'",
    )

    def one(sql):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]

    return one


one = {"postgresql": postgresql, "mysql": mysql}[ASKED["kind"]]()
answers = []
for question in ASKED["questions"]:
    try:
        theirs = plain(one(question["sql"]), False)
    except Exception as error:  # what a driver cannot read is a difference, too
        theirs = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
    answers.append({"same": theirs == plain(question["ours"], True), "theirs": json.dumps(theirs, ensure_ascii=False)})
json.dump(answers, sys.stdout)
