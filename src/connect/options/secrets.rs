//! Splits secret options from the others by their schema, before they are stored, and merges them again before
//! connecting. In lists of names and values, entries with a sensitive name and entries marked as `secret` are secret.
use super::sensitive::is_sensitive;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD},
};
use serde_json::{Map, Value};
use std::collections::HashMap;
use url::form_urlencoded::byte_serialize;

/// The minimum length of a secret to hide: shorter ones occur in ordinary words.
const SHORTEST: usize = 4;

/// Replaces a secret.
const HIDDEN: &str = "•••";
/// Marks where a text was cut, possibly within a secret; and the maximum length of the partial secret to look for
/// before it.
const CUT: char = '…';
const LONGEST_HALF: usize = 1000;

/// Hides secrets in messages from other systems, in every encoding in which they may appear.
#[derive(Clone, Debug, Default)]
pub struct Scrubber(Vec<String>);

impl Scrubber {
    /// Creates a scrubber for the secrets among a datasource's options.
    pub fn of(schema: &Value, options: &Map<String, Value>) -> Self {
        let secrets = split(schema, options.clone()).1;
        let texts = secrets.values().filter_map(Value::as_str);
        Self::new(texts.flat_map(|text| [text, without_scheme(text)]))
    }

    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let secrets = secrets.into_iter().map(str::trim).filter(|secret| secret.len() >= SHORTEST);
        let mut forms: Vec<String> = secrets.flat_map(forms).collect();
        // longest first: a shorter one may be part of a longer one
        forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        forms.dedup();
        Self(forms)
    }

    /// Returns whether there is nothing to hide.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Hides secrets in every string of `value`, including field names.
    pub fn clean_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.clean(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.clean_value(item)),
            Value::Object(fields) => {
                let clean = |(name, mut value): (String, Value)| {
                    self.clean_value(&mut value);
                    (self.clean(&name), value)
                };
                *fields = std::mem::take(fields).into_iter().map(clean).collect();
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    pub fn clean(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for secret in self.0.iter().filter(|secret| text.contains(secret.as_str())) {
            clean = clean.replace(secret.as_str(), HIDDEN);
        }
        match clean.rsplit_once(CUT) {
            Some((before, after)) => match self.without_half(before) {
                Some(rest) => format!("{rest}{HIDDEN}{CUT}{after}"),
                None => clean,
            },
            None => clean,
        }
    }

    /// Removes the beginning of a secret from the end of a cut text. `None` if the text does not end with one.
    fn without_half<'a>(&self, text: &'a str) -> Option<&'a str> {
        let half = |secret: &String| {
            let ends = secret.char_indices().map(|(at, _)| at).filter(|at| *at >= SHORTEST).take(LONGEST_HALF);
            ends.filter_map(|at| text.strip_suffix(&secret[..at])).min_by_key(|rest| rest.len())
        };
        self.0.iter().filter_map(half).min_by_key(|rest| rest.len())
    }
}

/// Strips the authentication scheme from a header's value, because servers may echo the credential alone.
fn without_scheme(text: &str) -> &str {
    match text.split_once(' ') {
        Some((scheme, rest)) if ["basic", "bearer", "token"].contains(&&*scheme.to_ascii_lowercase()) => rest,
        _ => text,
    }
}

/// Returns a secret unchanged, JSON-escaped, URL-encoded and as base64.
fn forms(secret: &str) -> Vec<String> {
    let json = Value::from(secret).to_string();
    let form: String = byte_serialize(secret.as_bytes()).collect();
    let percent = form.replace('+', "%20");
    vec![
        secret.to_owned(),
        json[1..json.len() - 1].to_owned(),
        lower_hex(&percent),
        percent,
        form,
        BASE64.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
    ]
}

/// Converts percent-encoding to lower-case hexadecimal digits, which some servers use.
fn lower_hex(encoded: &str) -> String {
    let mut pieces = encoded.split('%');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (hex, rest) = piece.split_at(piece.len().min(2));
        text.push('%');
        text.push_str(&hex.to_ascii_lowercase());
        text.push_str(rest);
    }
    text
}

/// Splits options into those that are not secret and the secrets. The keys of the secrets are JSON pointers without the
/// leading slash (`auth/token`).
pub fn split(schema: &Value, mut options: Map<String, Value>) -> (Map<String, Value>, Map<String, Value>) {
    let mut secrets = Map::new();
    for path in paths(schema) {
        if let Some(value) = take(&mut options, &path)
            && !value.is_null()
        {
            secrets.insert(pointer(&path), value);
        }
    }
    for entry in entries(schema, &options).into_iter().filter(|entry| entry.secret && entry.has_value) {
        if let Some(fields) =
            find(&mut options, &entry.list).and_then(|list| list.get_mut(entry.index)?.as_object_mut())
            && let Some(value) = fields.shift_remove("value")
        {
            fields.insert("secret".to_owned(), true.into());
            secrets.insert(entry.pointer(), value);
        }
    }
    (options, secrets)
}

/// Inserts secrets where [`split`] removed them. A secret is dropped if its parent no longer exists or a value is
/// already set.
pub fn merge(mut options: Map<String, Value>, secrets: Map<String, Value>) -> Map<String, Value> {
    for (pointer, secret) in secrets {
        let mut keys: Vec<String> = pointer.split('/').map(unescape).collect();
        let Some(last) = keys.pop() else { continue };
        let Some((first, rest)) = keys.split_first() else {
            options.entry(last).or_insert(secret);
            continue;
        };
        let parent = rest.iter().try_fold(options.get_mut(first), |value, key| {
            Some(match value? {
                Value::Array(items) => key.parse().ok().and_then(|index: usize| items.get_mut(index)),
                value => value.get_mut(key),
            })
        });
        if let Some(Value::Object(parent)) = parent.flatten()
            && parent.get(&last).is_none_or(Value::is_null)
        {
            parent.insert(last, secret);
        }
    }
    options
}

/// An entry in a list of names and values.
pub(super) struct ListEntry {
    /// The path of the list.
    pub list: Vec<String>,
    pub index: usize,
    pub name: String,
    pub secret: bool,
    pub has_value: bool,
}

impl ListEntry {
    /// Returns the pointer of its value.
    pub fn pointer(&self) -> String {
        format!("{}/{}/value", pointer(&self.list), self.index)
    }
}

/// Returns the entries of all lists of names and values.
pub(super) fn entries(schema: &Value, options: &Map<String, Value>) -> Vec<ListEntry> {
    let mut found = Vec::new();
    for list in select(schema, None, &is_list) {
        let items =
            Value::Object(options.clone()).pointer(&format!("/{}", pointer(&list))).and_then(Value::as_array).cloned();
        for (index, item) in items.unwrap_or_default().iter().enumerate() {
            let name = item["name"].as_str().unwrap_or_default().trim().to_ascii_lowercase();
            let secret = item["secret"] == true || is_sensitive(&name);
            let has_value = !item["value"].is_null();
            found.push(ListEntry { list: list.clone(), index, name, secret, has_value });
        }
    }
    found
}

/// Returns whether a schema is that of a list of names and values.
fn is_list(schema: &Value) -> bool {
    let items = &schema["items"]["properties"];
    items["name"].is_object() && items["value"].is_object()
}

/// Returns the path of every `writeOnly` property in any branch of the schema.
fn paths(schema: &Value) -> Vec<Vec<String>> {
    select(schema, None, &|schema| schema["writeOnly"] == true)
}

/// Returns the pointers of the secrets that these options can have: of alternatives, only those of the selected branch.
pub(super) fn pointers(schema: &Value, options: &Map<String, Value>) -> Vec<String> {
    let options = Value::Object(options.clone());
    let found = select(schema, Some(&options), &|schema| schema["writeOnly"] == true);
    found.iter().map(|path| pointer(path)).collect()
}

/// Returns the pointers of the properties whose schema has `mark`.
pub(super) fn marked_with(schema: &Value, mark: &str) -> Vec<String> {
    select(schema, None, &|schema| schema[mark] == true).iter().map(|path| pointer(path)).collect()
}

/// Returns the defaults by pointer.
pub(super) fn defaults(schema: &Value) -> HashMap<String, Value> {
    let mut found = HashMap::new();
    walk(schema, None, &mut Vec::new(), &mut |path, schema| {
        if let Some(usual) = schema.get("default") {
            found.insert(pointer(path), usual.clone());
        }
        true
    });
    found
}

fn select(schema: &Value, value: Option<&Value>, wanted: &dyn Fn(&Value) -> bool) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    walk(schema, value, &mut Vec::new(), &mut |path, schema| {
        let hit = wanted(schema);
        if hit {
            found.push(path.to_vec());
        }
        !hit
    });
    found.sort();
    found.dedup();
    found
}

/// Visits a schema and its properties recursively, in every branch or only in those that match `value`. Descends while
/// `visit` returns true, but not into the items of lists.
fn walk(
    schema: &Value,
    value: Option<&Value>,
    path: &mut Vec<String>,
    visit: &mut dyn FnMut(&[String], &Value) -> bool,
) {
    if !visit(path, schema) {
        return;
    }
    for keyword in ["oneOf", "anyOf", "allOf"] {
        for branch in schema.get(keyword).and_then(Value::as_array).into_iter().flatten() {
            if value.is_none_or(|value| fits(branch, value)) {
                walk(branch, value, path, visit);
            }
        }
    }
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        path.push(name.clone());
        walk(property, value.map(|value| &value[name]), path, visit);
        path.pop();
    }
}

/// Returns whether a value matches this branch of alternatives, by the branch's `const` properties.
fn fits(branch: &Value, value: &Value) -> bool {
    let fixed = branch["properties"].as_object().into_iter().flatten();
    fixed.filter_map(|(name, schema)| Some((name, schema.get("const")?))).all(|(name, fixed)| &value[name] == fixed)
}

fn take(options: &mut Map<String, Value>, path: &[String]) -> Option<Value> {
    let (last, parents) = path.split_last()?;
    let parent = parents.iter().try_fold(options, |object, key| object.get_mut(key).and_then(Value::as_object_mut))?;
    parent.shift_remove(last)
}

fn find<'a>(options: &'a mut Map<String, Value>, path: &[String]) -> Option<&'a mut Vec<Value>> {
    let (last, parents) = path.split_last()?;
    let parent = parents.iter().try_fold(options, |object, key| object.get_mut(key).and_then(Value::as_object_mut))?;
    parent.get_mut(last)?.as_array_mut()
}

fn pointer(path: &[String]) -> String {
    path.iter().map(|key| escape(key)).collect::<Vec<_>>().join("/")
}

pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn unescape(key: &str) -> String {
    key.replace("~1", "/").replace("~0", "~")
}

/// Formats a pointer as a path for error messages: `options.headers[0].value`.
pub(super) fn at(pointer: &str) -> String {
    pointer.split('/').map(unescape).fold("options".to_owned(), |path, key| match key.parse::<usize>() {
        Ok(index) => format!("{path}[{index}]"),
        Err(_) => format!("{path}.{key}"),
    })
}

#[cfg(test)]
mod tests {
    use super::{Scrubber, merge, split};
    use serde_json::{Map, Value, json};

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(fields) => fields,
            _ => panic!("not an object"),
        }
    }

    #[test]
    fn secrets_are_split_in_every_branch_and_merged_again() {
        let schema = json!({"properties": {
            "password": {"type": "string", "writeOnly": true},
            "auth": {"oneOf": [
                {"properties": {"type": {"const": "none"}}},
                {"properties": {"type": {"const": "basic"}, "a/b": {"writeOnly": true}}},
                {"properties": {"type": {"const": "bearer"}, "token": {"writeOnly": true}}},
            ]},
        }});
        let whole = object(json!({"host": "h", "password": "p", "auth": {"type": "basic", "a/b": "s", "token": null}}));
        let (open, secrets) = split(&schema, whole);
        assert_eq!(Value::from(open.clone()), json!({"host": "h", "auth": {"type": "basic"}}));
        assert_eq!(Value::from(secrets.clone()), json!({"auth/a~1b": "s", "password": "p"}));
        let merged = merge(open, secrets.clone());
        assert_eq!(merged["auth"]["a/b"], "s");
        assert_eq!(merged["password"], "p");
        // the parent object no longer exists, or the option has a new value
        let merged = merge(object(json!({"password": "new"})), secrets);
        assert_eq!(Value::from(merged), json!({"password": "new"}));
    }

    #[test]
    fn list_entries_are_secret_by_their_name_or_when_marked() {
        let schema = json!({"properties": {"headers": {"items": {"properties": {"name": {}, "value": {}}}}}});
        let whole = object(json!({"headers": [
            {"name": "Accept", "value": "a"}, {"name": " AUTHORIZATION", "value": "Bearer b"},
            {"name": "Plain", "value": "c", "secret": true}, {"name": "X-Key"},
        ]}));
        let (open, secrets) = split(&schema, whole);
        assert_eq!(
            open["headers"],
            json!([
                {"name": "Accept", "value": "a"}, {"name": " AUTHORIZATION", "secret": true},
                {"name": "Plain", "secret": true}, {"name": "X-Key"},
            ])
        );
        assert_eq!(Value::from(secrets.clone()), json!({"headers/1/value": "Bearer b", "headers/2/value": "c"}));
        let merged = merge(open, secrets);
        assert_eq!((&merged["headers"][1]["value"], &merged["headers"][2]["value"]), (&json!("Bearer b"), &json!("c")));
        let sent = object(json!({"headers": [{"name": "Authorization", "value": "Bearer t0ken-b"}]}));
        assert_eq!(Scrubber::of(&schema, &sent).clean("it was t0ken-b"), "it was •••");
    }

    #[test]
    fn secrets_are_hidden_in_every_encoding() {
        let scrubber = Scrubber::new(["p\"/w d", "abc"]);
        for text in ["p\"/w d", r#"p\"/w d"#, "p%22%2Fw+d", "p%22%2Fw%20d", "p%22%2fw%20d", "cCIvdyBk"] {
            assert_eq!(scrubber.clean(&format!("<{text}>")), "<•••>", "{text}");
        }
        assert_eq!(scrubber.clean("a… and p\"/w … (line 1)"), "a… and •••… (line 1)");
        assert_eq!(scrubber.clean("it is p\"/…"), "it is p\"/…");
        assert_eq!(scrubber.clean("abc is too short to be one"), "abc is too short to be one");
    }
}
