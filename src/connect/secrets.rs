//! Which options are secret, by their schema: taken out before storing, put back before connecting.
use serde_json::{Map, Value};

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
    use super::{merge, split};
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
}
