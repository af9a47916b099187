//! Values that attackers send to inject statements.

#[rustfmt::skip]
const FIXED: &[&str] = &[
    // Classic: break out of a quoted string.
    "' OR '1'='1", "' OR '1'='1' --", "' OR 1=1 --", "' OR 1=1#", "' OR 1=1/*", "' OR ''='", "' OR 'x' LIKE 'x",
    "' OR TRUE --", "' OR NOT FALSE --", "' AND 1=0 UNION SELECT 'x' --", "') OR ('1'='1", "') OR 1=1 --",
    "')) OR ((1=1", "'))) OR 1=1 --", "\" OR \"1\"=\"1", "\" OR 1=1 --", "\") OR (\"1\"=\"1", "` OR 1=1 --", "'='",
    "'-'", "'+'", "'*'", "'&'", "'^'", "'|'", "'||'", "' <> '", "' IS NOT NULL --", "' BETWEEN 'a' AND 'z",
    "' IN (SELECT name FROM victim) --", "' UNION SELECT name FROM victim --", "' UNION SELECT id FROM victim --",
    "' UNION ALL SELECT NULL --", "' UNION ALL SELECT NULL, NULL --", "' UNION SELECT value FROM secret --",
    "' INTERSECT SELECT name FROM victim --", "' EXCEPT SELECT 'first' --", "' HAVING 1=1 --", "' GROUP BY id --",
    "' ORDER BY 9 --", "' LIMIT 1 --", "' RETURNING * --", "admin'--", "admin' #", "admin'/*",
    "admin' or '1'='1'/*", "'||(SELECT name FROM victim LIMIT 1)||'", "'||(SELECT value FROM secret)||'",
    "' AND (SELECT count(*) FROM secret) > 0 --", "' AND EXISTS (SELECT 1 FROM secret) --",
    "' AND substr((SELECT value FROM secret), 1, 1) = 'h' --",
    "' AND ascii(substring((SELECT value FROM secret), 1, 1)) > 64 --",
    "' AND 1=(CASE WHEN (1=1) THEN 1 ELSE 1/0 END) --", "' OR id IS NOT NULL OR '",
    // Stacked: a second statement.
    "'; DROP TABLE victim; --", "'; DROP TABLE victim CASCADE; --", "\"; DROP TABLE victim; --",
    "); DROP TABLE victim; --", "'); DROP TABLE victim; --", "')); DROP TABLE victim; --", "1; DROP TABLE victim",
    "1; DROP TABLE victim; --", "'; DELETE FROM victim; --", "'; DELETE FROM victim WHERE '1'='1",
    "'; UPDATE victim SET name = 'pwned'; --", "'; UPDATE victim SET name = 'pwned' WHERE 'x'='x",
    "'; INSERT INTO victim VALUES (99, 'pwned'); --", "'; TRUNCATE victim; --",
    "'; ALTER TABLE victim ADD COLUMN pwned text; --", "'; ALTER TABLE victim RENAME TO gone; --",
    "'; CREATE TABLE pwned (a int); --", "'; CREATE INDEX pwned ON victim (name); --",
    "'; CREATE VIEW pwned AS SELECT * FROM secret; --",
    "'; CREATE FUNCTION pwned() RETURNS int LANGUAGE sql AS 'select 1'; --", "'; GRANT ALL ON victim TO PUBLIC; --",
    "'; COMMIT; DROP TABLE victim; --", "'; ROLLBACK; DROP TABLE victim; --",
    "'; COMMIT; BEGIN; DROP TABLE victim; --", "'; BEGIN; DROP TABLE victim; COMMIT; --",
    "'; END; DROP TABLE victim; --", "'; SET SESSION AUTHORIZATION DEFAULT; --",
    "'; RESET ALL; DROP TABLE victim; --", "'; VACUUM; --", "'; ANALYZE; --", "'; EXEC xp_cmdshell('id'); --",
    "'; SHUTDOWN; --", "'; ATTACH DATABASE 'pwned.db' AS pwned; --", "'; PRAGMA user_version = 99; --",
    "'; PRAGMA writable_schema = 1; --", "'; COPY victim TO PROGRAM 'touch pwned'; --",
    "'; COPY victim FROM '/etc/passwd'; --", "'; DO $$ BEGIN DROP TABLE victim; END $$; --",
    "'; PREPARE x AS DROP TABLE victim; EXECUTE x; --", "'; LISTEN pwned; NOTIFY pwned; --",
    "'; LOCK TABLE victim; --", "'; WITH x AS (DELETE FROM victim RETURNING *) SELECT * FROM x; --",
    ";DROP TABLE victim", ";;;DROP TABLE victim;;;",
    // Comments.
    "--", "-- ", "#", "/*", "*/", "/**/", "*/ DROP TABLE victim; /*", "/* ' */ OR 1=1 --", "'/*",
    "'/**/OR/**/1=1--", "1/**/OR/**/1=1", "/*!50000 DROP TABLE victim */", "/*! OR 1=1 */",
    "'/*!50000UNION*//*!50000SELECT*/name FROM victim --", "/* /* nested */ DROP TABLE victim; */", "'--/**/'",
    "';--",
    // All kinds of backslashes and quotes.
    "\\", "\\\\", "\\'", "\\\\'", "\\\\\\'", "\\\"", "\\'; DROP TABLE victim; --", "\\\\'; DROP TABLE victim; --",
    "\\' OR 1=1 --", "E'\\''; DROP TABLE victim; --", "E'\\047'", "\\x27 OR 1=1 --", "\\u0027 OR 1=1 --",
    "\\047 OR 1=1 --", "'", "''", "\"", "\"\"", "\"\"\"", "`", "``", "[", "]", "[victim]", "'\"`", "\"'`", "N'x",
    "X'27'", "B'1'", "U&'7'", "U&\"7\"", "_utf8'x'", "q'[x]'",
    // Dollar quotes and placeholders.
    "$", "$$", "$$$$", "$$; DROP TABLE victim; $$", "$x$; DROP TABLE victim; $x$", "$x$", "$_$' OR 1=1 --", "$1",
    "$2", "$1; DROP TABLE victim", "$0", "$99999", "?", "??", "?1", "?2", "?99999", ":name", ":1", "@name",
    "@@version", "%s", "%(name)s", "%d", "#{name}", "${name}",
    // Numbers and words.
    "0", "1", "-1", "1 OR 1=1", "1) OR (1=1", "1 AND SLEEP(1)", "1 UNION SELECT id FROM victim",
    "1, (SELECT value FROM secret)", "1e309", "-1e309", "9223372036854775808", "0x27", "0x31204f5220313d31", "1/0",
    "1;", "1--", "1'", "NaN", "Infinity", "NULL", "null", "true", "false", "DEFAULT", "CURRENT_USER", "id", "name",
    "id DESC", "id; DROP TABLE victim", "(SELECT 1)", "(CASE WHEN 1=1 THEN id ELSE name END)", "CHR(39)||'x'",
    "CHAR(39)", "pg_sleep(10)", "'; SELECT pg_sleep(10); --", "'||pg_sleep(10)||'", "randomblob(1000000000)",
    "load_extension('x')", "lo_import('/etc/passwd')", "version()",
    // Patterns.
    "%", "_", "%%", "%'", "%' OR '1'='1", "%'; DROP TABLE victim; --", "_____", "f%", "[a-z]%", "^.*$", "(.*)+",
    // JSON, arrays and paths.
    "{}", "[]", "{\"a\": 1}", "{\"a\": \"' OR 1=1 --\"}", "[\"' OR 1=1 --\"]", "\"},\"b\":{\"", "$.a",
    "$.a' OR '1'='1", "$[*]", "$.** ? (@ > 0)", "$.a\"; DROP TABLE victim; --", "{a,b}", "{\"a\",\"b\"}",
    "{a,NULL}", "{a},{b}", "{\"a\\\"},{\\\"b\"}", "(1,x)", "(1,\"x\")", "[1,2)", "a.b.c",
    // Nested templates.
    "{{ params.name }}", "{{params.name}}", "{{ ident(params.name) }}", "{{ array(params.names) }}",
    "{{ params.names }}", "{{ params['name'] }}", "{{ params.constructor }}", "{{ params.__proto__ }}", "{{", "}}",
    "{{{{", "}}}}", "{{ }}", "}}; DROP TABLE victim; {{", "{{ '}}' }}", "{{ 7 * 7 }}", "${7*7}", "<%= 7 * 7 %>",
    "{% raw %}",
    // Encodings that some layer may decode.
    "%27", "%27%20OR%201=1%20--", "%2527", "%00", "%00' OR 1=1 --", "&#39; OR 1=1 --", "&apos;", "&quot;", "+ADw-",
    "%bf%27 OR 1=1 --", "%c0%a7",
    // Unicode and control characters.
    "\u{2019}; DROP TABLE victim; --", "\u{ff07} OR 1=1", "\u{02bc} OR 1=1", "\u{02b9} OR 1=1 --",
    "\u{2032} OR 1=1 --", "\u{00b4} OR 1=1 --", "\u{201c} OR 1=1 --", "\u{ff02} OR 1=1 --",
    "\u{ff1b} DROP TABLE victim", "\u{037e} DROP TABLE victim", "\u{a5}' OR 1=1 --", "\u{20a9}' OR 1=1 --",
    "\u{bf}\u{27} OR 1=1 --", "\u{bf5c}' OR 1=1 --", "\u{feff}' OR 1=1 --", "'\u{200b}OR\u{200b}1=1 --",
    "'\u{a0}OR\u{a0}1=1\u{a0}--", "'\u{2028}OR 1=1 --", "\u{202e}--1=1 RO '", "a\u{301}'\u{301}",
    "\u{1d4b3}'\u{1f4a5}", "\u{fffd}' OR 1=1 --", "\u{10ffff}'", "\u{e000}'", "\n'; DROP TABLE victim; --\n",
    "\r\nGO\r\nDROP TABLE victim", "'\r\nOR\r\n1=1\r\n--", "\t'\t", "'\u{b}OR\u{b}1=1 --", "'\u{c}OR\u{c}1=1 --",
    "\u{1}'", "\u{8}'\u{8}", "\u{1a}' OR 1=1 --", "\u{1b}[2J'", "\u{7f}'", "\u{85}' OR 1=1 --",
    "-- \n DROP TABLE victim", "/*\n*/ DROP TABLE victim",
    // NUL: a database may either refuse it or store it.
    "\0", "\0' OR 1=1 --", "'\0 OR 1=1 --", "first\0'; DROP TABLE victim; --", "a\0b",
];

/// Returns all payloads without duplicates; the last ones are long.
pub fn payloads() -> Vec<String> {
    let long = [
        "'".repeat(9_999),
        "\\".repeat(9_999),
        format!("{}' OR 1=1 --", "x".repeat(65_535)),
        format!("'{} OR 1=1 --", " ".repeat(65_536)),
        "(".repeat(5_000),
        "/*".repeat(5_000),
        "{{".repeat(5_000),
        "𝒳'".repeat(10_000),
    ];
    FIXED.iter().map(|payload| (*payload).to_owned()).chain(long).collect()
}

#[test]
fn there_are_at_least_300_distinct_payloads() {
    let all = payloads();
    let distinct: std::collections::HashSet<_> = all.iter().collect();
    assert!(distinct.len() == all.len() && all.len() >= 300, "{} of {}", distinct.len(), all.len());
}
