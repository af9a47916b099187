//! Which options are secret, by their schema: taken out before storing, put back before connecting.
use base64::{
    Engine,
    engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD},
};
use serde_json::{Map, Value};
use url::form_urlencoded::byte_serialize;

/// The shortest text that is taken out: a shorter one is in every other word.
const SHORTEST: usize = 4;

/// What stands in a secret's place.
const HIDDEN: &str = "•••";
/// What stands at the end of a text that was cut, and how much of a secret may be before it.
const CUT: char = '…';
const LONGEST_HALF: usize = 1000;

/// Takes secrets out of what others said, in every form in which they may come back.
#[derive(Clone, Debug, Default)]
pub struct Scrubber(Vec<String>);

impl Scrubber {
    /// For the secrets among a datasource's options.
    pub fn of(schema: &Value, options: &Map<String, Value>) -> Self {
        let secrets = split(schema, options.clone()).1;
        Self::new(secrets.values().filter_map(Value::as_str))
    }

    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let secrets = secrets.into_iter().map(str::trim).filter(|secret| secret.len() >= SHORTEST);
        let mut forms: Vec<String> = secrets.flat_map(forms).collect();
        // the longer first: a shorter one may be a part of it
        forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        forms.dedup();
        Self(forms)
    }

    /// Whether there is nothing to take out.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Cleans every text in `value`, names of fields among them.
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

    /// A text that was cut in the middle of a secret, without the secret's beginning.
    fn without_half<'a>(&self, text: &'a str) -> Option<&'a str> {
        let half = |secret: &String| {
            let ends = secret.char_indices().map(|(at, _)| at).filter(|at| *at >= SHORTEST).take(LONGEST_HALF);
            ends.filter_map(|at| text.strip_suffix(&secret[..at])).min_by_key(|rest| rest.len())
        };
        self.0.iter().filter_map(half).min_by_key(|rest| rest.len())
    }
}

/// A secret as it is, inside JSON, inside an address, and as base64.
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

/// Percent-encoding with small letters, as some servers write it.
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

/// Takes the secret options out. The keys are JSON pointers without the leading slash (`auth/token`).
pub fn split(schema: &Value, mut options: Map<String, Value>) -> (Map<String, Value>, Map<String, Value>) {
    let mut secrets = Map::new();
    for path in paths(schema) {
        if let Some(value) = take(&mut options, &path)
            && !value.is_null()
        {
            secrets.insert(pointer(&path), value);
        }
    }
    (options, secrets)
}

/// Puts secrets back where [`split`] took them from. One whose place is gone or taken is left out.
pub fn merge(mut options: Map<String, Value>, secrets: Map<String, Value>) -> Map<String, Value> {
    for (pointer, secret) in secrets {
        let mut keys: Vec<String> = pointer.split('/').map(unescape).collect();
        let Some(last) = keys.pop() else { continue };
        let parent =
            keys.iter().try_fold(&mut options, |object, key| object.get_mut(key).and_then(Value::as_object_mut));
        if let Some(parent) = parent {
            parent.entry(last).or_insert(secret);
        }
    }
    options
}

/// Every `writeOnly` leaf of the schema, in any branch of it; arrays have none.
fn paths(schema: &Value) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    collect(schema, &mut Vec::new(), &mut found);
    found.sort();
    found.dedup();
    found
}

fn collect(schema: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    if schema.get("writeOnly") == Some(&Value::Bool(true)) {
        found.push(path.clone());
        return;
    }
    for keyword in ["oneOf", "anyOf", "allOf"] {
        for branch in schema.get(keyword).and_then(Value::as_array).into_iter().flatten() {
            collect(branch, path, found);
        }
    }
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        path.push(name.clone());
        collect(property, path, found);
        path.pop();
    }
}

fn take(options: &mut Map<String, Value>, path: &[String]) -> Option<Value> {
    let (last, parents) = path.split_last()?;
    let parent = parents.iter().try_fold(options, |object, key| object.get_mut(key).and_then(Value::as_object_mut))?;
    parent.shift_remove(last)
}

fn pointer(path: &[String]) -> String {
    let escaped = path.iter().map(|key| key.replace('~', "~0").replace('/', "~1"));
    escaped.collect::<Vec<_>>().join("/")
}

fn unescape(key: &str) -> String {
    key.replace("~1", "/").replace("~0", "~")
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
    fn secrets_are_found_in_every_branch_and_go_back() {
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
        // the object that held it is gone, or the option has a new value
        let merged = merge(object(json!({"password": "new"})), secrets);
        assert_eq!(Value::from(merged), json!({"password": "new"}));
    }

    #[test]
    fn secrets_are_taken_out_in_every_form() {
        let scrubber = Scrubber::new(["p\"/w d", "abc"]);
        for text in ["p\"/w d", r#"p\"/w d"#, "p%22%2Fw+d", "p%22%2Fw%20d", "p%22%2fw%20d", "cCIvdyBk"] {
            assert_eq!(scrubber.clean(&format!("<{text}>")), "<•••>", "{text}");
        }
        assert_eq!(scrubber.clean("a… and p\"/w … (line 1)"), "a… and •••… (line 1)");
        assert_eq!(scrubber.clean("it is p\"/…"), "it is p\"/…");
        assert_eq!(scrubber.clean("abc is too short to be one"), "abc is too short to be one");
    }
}
