//! Determines from a statement's text whether it uses the session's state. Connections are shared by many queries, and
//! one must not see what another left in the session.
use super::{
    SqlDialect,
    quoting::{is_word, quoted},
};

/// How to isolate a statement's session from others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::connect) enum SessionIsolation {
    /// The statement neither changes nor reads the session's state.
    #[default]
    Shared,
    /// It calls functions that may do so: the session is reset afterwards.
    Reset,
    /// It does so: it gets a new connection, which is closed afterwards.
    Own,
}

/// Statements that only work on data, apart from the functions in them.
const DATA: [&str; 12] = [
    "select", "with", "values", "table", "insert", "update", "delete", "merge", "replace", "explain", "describe",
    "desc",
];
/// Functions and words that set or read the state of a session.
const STATE: [&str; 12] = [
    "set_config",
    "lastval",
    "currval",
    "lo_open",
    "lo_create",
    "sql_calc_found_rows",
    "found_rows",
    "row_count",
    "last_insert_id",
    "get_lock",
    "release_lock",
    "release_all_locks",
];
/// Prefixes of more such functions.
const STATES: [&str; 4] = ["pg_advisory", "pg_try_advisory", "pg_temp", "dblink"];
/// Words that may precede a parenthesis without being a function call.
const KEYWORDS: &str = " all and any array as between bigint binary bit by case char character check conflict cube date \
    datetime dec decimal distinct double else except exists filter float from grouping having in int integer intersect \
    interval is join key lateral like ilike limit nchar not numeric offset on only or over overlaps partition primary \
    recursive references returning rollup row select set sets signed similar smallint some then time timestamp tinyint \
    union unique unsigned using values varbit varchar varying when where window with within zone ";
/// Common built-in functions that do not use the session's state. Any other function may be user-defined and do
/// anything.
const FUNCTIONS: &str = " abs acos age array_agg array_append array_length array_position array_remove array_to_json \
    array_to_string ascii asin atan atan2 avg bit_and bit_length bit_or bool_and bool_or btrim cardinality cast ceil \
    ceiling char_length character_length chr coalesce concat concat_ws connection_id convert cos count cume_dist curdate \
    current_database current_date current_schema current_setting current_time current_timestamp current_user curtime \
    database date date_add date_bin date_format date_part date_sub date_trunc datediff day dayname dayofmonth dayofweek \
    dayofyear decode degrees dense_rank div elt encode every exp extract field find_in_set first_value floor format \
    from_unixtime gen_random_uuid generate_series greatest group_concat hex hour if ifnull initcap instr isnull json_agg \
    json_array json_array_elements json_array_length json_arrayagg json_build_array json_build_object json_contains \
    json_each json_extract json_length json_object json_object_agg json_objectagg json_table json_unquote json_valid \
    json_value jsonb_agg jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array \
    jsonb_build_object jsonb_each jsonb_each_text jsonb_object_agg jsonb_object_keys jsonb_path_exists jsonb_path_query \
    jsonb_set jsonb_strip_nulls jsonb_to_recordset jsonb_typeof justify_interval lag last_day last_value lcase lead least \
    left length ln localtime localtimestamp locate log log10 log2 lower lpad ltrim make_date make_interval make_timestamp \
    max md5 mid min minute mod mode month monthname nextval now nth_value ntile nullif octet_length overlay percent_rank \
    percentile_cont percentile_disc pg_backend_pid pg_sleep pi plainto_tsquery position pow power quarter quote \
    quote_ident quote_literal radians rand random rank regexp_like regexp_match regexp_matches regexp_replace \
    regexp_split_to_array regexp_split_to_table regexp_substr repeat replace reverse right round row_number row_to_json \
    rpad rtrim second sign sin sleep split_part sqrt starts_with statement_timestamp stddev str_to_date strcmp string_agg \
    string_to_array strpos substr substring substring_index sum sysdate tan timestampadd timestampdiff to_char to_date \
    to_json to_jsonb to_number to_timestamp to_tsquery to_tsvector trim trunc truncate ts_headline ts_rank ucase \
    unix_timestamp unnest upper user utc_timestamp uuid var_pop variance version websearch_to_tsquery week weekday \
    width_bucket year yearweek ";

impl SessionIsolation {
    /// Analyses a text and its [`super::words`]. Also returns the functions that it calls, except the common ones.
    pub fn of(text: &str, words: &[String], dialect: SqlDialect) -> (Self, Vec<String>) {
        let verb = words.first().map_or("", String::as_str);
        let shows = verb == "show" && dialect == SqlDialect::Mysql;
        let states = |word: &String| {
            let word = word.to_ascii_lowercase();
            let reports = shows && matches!(&*word, "warnings" | "errors");
            reports || word == "/*!" || STATE.contains(&&*word) || STATES.iter().any(|state| word.starts_with(state))
        };
        // `select … into` creates a table or sets variables
        let inserts = |word: &str| {
            let before = ["insert", "merge", "replace", "ignore", "delayed", "low_priority", "high_priority"];
            before.contains(&word)
        };
        let into = words.windows(2).any(|pair| pair[1] == "into" && !inserts(&pair[0]));
        if into || !(shows || DATA.contains(&verb)) || words.iter().any(states) {
            return (Self::Own, Vec::new());
        }
        let scanned = scan(text, dialect);
        let session = match scanned.calls.as_slice() {
            _ if scanned.variable => Self::Own,
            [] => Self::Shared,
            _ => Self::Reset,
        };
        (session, scanned.calls)
    }
}

struct Scanned {
    /// The called functions, in lower case and without their schema, except the common ones.
    calls: Vec<String>,
    /// Whether the text mentions a session variable of `MySQL`.
    variable: bool,
}

fn scan(sql: &str, dialect: SqlDialect) -> Scanned {
    let mut found = Scanned { calls: Vec::new(), variable: false };
    // the name that would be called if a parenthesis followed, and the word before it
    let (mut name, mut before, mut at) = (String::new(), String::new(), 0);
    while let Some(first) = sql[at..].chars().next() {
        let is_word = |c: char| is_word(c, dialect);
        if let Some(length) = quoted(sql, at, dialect) {
            let piece = &sql[at..at + length];
            if piece.starts_with('`') || (dialect != SqlDialect::Mysql && piece.starts_with('"')) {
                // a quoted name may be a user-defined function
                let inner = piece.trim_matches(['`', '"']).to_lowercase();
                next(&mut name, &mut before, format!("\"{inner}"));
            } else if piece.starts_with(['\'', '"']) {
                name.clear();
            }
            at += length;
        } else if is_word(first) {
            let length = sql[at..].find(|c| !is_word(c)).unwrap_or(sql.len() - at);
            next(&mut name, &mut before, sql[at..at + length].to_lowercase());
            at += length;
        } else {
            match first {
                '(' if !name.is_empty() => {
                    // `into t (a)`, `with t (a) as` and `as t (a)` are not function calls
                    let names =
                        matches!(before.as_str(), "into" | "with" | "recursive" | "as" | "table" | "references");
                    let known = |list: &str| list.contains(&format!(" {name} "));
                    if !names && !known(KEYWORDS) && !known(FUNCTIONS) {
                        let last = name.rsplit('.').next().unwrap_or(&name);
                        found.calls.push(last.trim_start_matches('"').to_owned());
                    }
                    name.clear();
                    before.clear();
                }
                '.' => {
                    // the name continues after the dot
                    let rest = sql[at + 1..].trim_start();
                    if rest.starts_with(|c: char| is_word(c) || c == '"' || c == '`') {
                        name = format!("{name}.");
                    }
                }
                '@' if dialect == SqlDialect::Mysql => found.variable = true,
                c if c.is_whitespace() => {}
                _ => {
                    name.clear();
                    before.clear();
                }
            }
            at += first.len_utf8();
        }
    }
    found
}

/// Adds the next word; it continues a name that ends with a dot.
fn next(name: &mut String, before: &mut String, word: String) {
    if name.ends_with('.') {
        name.push_str(&word);
    } else {
        *before = std::mem::replace(name, word);
    }
}

#[cfg(test)]
mod tests {
    use super::SessionIsolation;
    use crate::connect::sql::{SqlDialect, words};

    #[test]
    fn sessions_are_isolated_by_what_statements_may_leave_in_them() {
        use SessionIsolation::{Own, Reset, Shared};
        for (sql, postgres, mysql) in [
            ("select id, name from item where id = 1", Shared, Shared),
            ("select count(*), lower(name) from item where id in (1, 2) group by 2", Shared, Shared),
            ("with recursive n(i) as (select 1 union all select i + 1 from n) select * from n", Shared, Shared),
            ("insert into t (a, b) values (1, 'f(x)')", Shared, Shared),
            ("insert into s.t (a) select cast(a as decimal(10, 2)) from u -- g()", Shared, Shared),
            ("update t set a = coalesce(a, 1) where b between (1) and (2)", Shared, Shared),
            ("select sum(a) over (partition by b) from (select 1 a, 2 b) t", Shared, Shared),
            ("select mine(1)", Reset, Reset),
            ("select s.mine (1)", Reset, Reset),
            ("select s.lower(1)", Reset, Reset),
            ("explain analyze select mine()", Reset, Reset),
            ("insert into t (a) values (mine())", Reset, Reset),
            ("select set_config('a.b', 'c', false)", Own, Own),
            ("select pg_try_advisory_lock(1)", Own, Own),
            ("select 1 into temp table t", Own, Own),
            ("select 1 into t", Own, Own),
            ("with a as (insert into t values (1) returning b) select * into temp u from a", Own, Own),
            ("set a = 1", Own, Own),
            ("create temp table t (a int)", Own, Own),
            ("do $$ begin end $$", Own, Own),
            ("listen x", Own, Own),
            ("call p()", Own, Own),
            ("select last_insert_id()", Own, Own),
            ("insert into t (a) values (last_insert_id())", Own, Own),
            ("", Own, Own),
        ] {
            for (dialect, expected) in [(SqlDialect::Postgresql, postgres), (SqlDialect::Mysql, mysql)] {
                assert_eq!(SessionIsolation::of(sql, &words(sql, dialect), dialect).0, expected, "{dialect:?}: {sql}");
            }
        }
        for (sql, dialect, expected) in [
            ("select \"lower\"('A'), \"Mine\"(1)", SqlDialect::Postgresql, Reset),
            ("select a @> b from t", SqlDialect::Postgresql, Shared),
            ("select @a := 1", SqlDialect::Mysql, Own),
            ("select 'a@b'", SqlDialect::Mysql, Shared),
            ("show warnings", SqlDialect::Mysql, Own),
            ("show tables", SqlDialect::Mysql, Shared),
            ("select 1 /*! , set_config() */", SqlDialect::Mysql, Own),
        ] {
            assert_eq!(SessionIsolation::of(sql, &words(sql, dialect), dialect).0, expected, "{sql}");
        }
    }
}
