//! Finds the rows of a JSON document: examines every array in it, and keeps none.
use crate::{Error, Result};
use std::io::{self, BufRead, BufReader, Read};

/// How deep arrays are searched for, and how many are remembered.
const DEPTH: usize = 8;
const ARRAYS: usize = 200;
/// The maximum length of a name on the path to the rows.
const NAME: usize = 500;

/// An array that is nested only in objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonArray {
    pub path: Vec<String>,
    pub items: u64,
    /// How many of its items are objects.
    pub objects: u64,
}

/// The structure of a document.
#[derive(Debug, Default)]
pub struct JsonStructure {
    /// In the order in which they end.
    pub arrays: Vec<JsonArray>,
    /// Whether the document is an object, and whether that object has a field that is neither an object nor an array.
    pub is_object: bool,
    pub has_values: bool,
    /// Whether another object follows the first, as in JSON Lines.
    pub is_lines: bool,
}

impl JsonStructure {
    /// Reads one document, up to the start of the next one in JSON Lines.
    pub fn of(text: Box<dyn Read>, go_on: &dyn Fn() -> Result<()>) -> Result<Self> {
        let mut input = BufReader::with_capacity(64 << 10, text);
        let mut skim = Skim::default();
        loop {
            go_on()?;
            let bytes = match input.fill_buf() {
                Ok(bytes) => bytes,
                // reading the rows reports the position
                Err(error) if error.kind() == io::ErrorKind::InvalidData => break,
                Err(error) => return Err(error.into()),
            };
            let length = bytes.len();
            if length == 0 || !bytes.iter().all(|byte| skim.observe(*byte)) {
                break;
            }
            input.consume(length);
        }
        Ok(skim.shape)
    }

    /// Returns the arrays that may hold the rows, the most likely first: arrays with objects in them, ordered by depth.
    pub fn candidates(&self) -> Vec<&JsonArray> {
        let mut found: Vec<&JsonArray> = self.arrays.iter().filter(|array| array.objects > 0).collect();
        found.sort_by_key(|array| array.path.len());
        found
    }

    /// Returns the path to the rows: the first array of objects, or the document itself.
    ///
    /// # Errors
    /// If the document is an object of only objects and empty arrays: it may be one row, or a response without rows.
    pub fn rows(&self) -> Result<Vec<String>> {
        if !self.is_object {
            return Ok(Vec::new());
        }
        if let Some(first) = self.candidates().first() {
            return Ok(first.path.clone());
        }
        match self.arrays.iter().find(|array| array.items == 0) {
            Some(empty) if !self.has_values => Err(Error::datasource(format!(
                "the document has no array of rows, and {} is empty: enter the path to the rows in `path`",
                written(&empty.path)
            ))),
            _ => Ok(Vec::new()),
        }
    }
}

/// Formats a path as people enter it: `result.items`, or a JSON pointer if a name contains a dot or a slash.
pub fn written(path: &[String]) -> String {
    if path.iter().all(|name| !name.is_empty() && !name.contains(['.', '/', '~'])) {
        return path.join(".");
    }
    let pointer: Vec<String> = path.iter().map(|name| name.replace('~', "~0").replace('/', "~1")).collect();
    format!("/{}", pointer.join("/"))
}

/// Parses a path that somebody entered.
pub fn parsed(path: &str) -> Vec<String> {
    match path.strip_prefix('/') {
        Some(pointer) => pointer.split('/').map(|name| name.replace("~1", "/").replace("~0", "~")).collect(),
        None => path.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect(),
    }
}

/// Follows a document byte by byte, without validating it.
#[derive(Default)]
struct Skim {
    shape: JsonStructure,
    /// The outermost open containers, and how many are open in all.
    open: Vec<Open>,
    depth: usize,
    place: ScanState,
    /// The name that is being read, if it is short enough.
    name: Vec<u8>,
    began: bool,
}

struct Open {
    is_array: bool,
    items: u64,
    objects: u64,
    /// Whether a name comes next.
    wants_name: bool,
    /// The last name that was read.
    name: Option<String>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum ScanState {
    #[default]
    Between,
    Scalar,
    /// In a string, and after a backslash in one.
    Text,
    Escape,
}

impl Skim {
    /// Takes the next byte. Returns false when no more bytes are required.
    fn observe(&mut self, byte: u8) -> bool {
        match (self.place, byte) {
            (ScanState::Text, b'\\') => self.text(byte, ScanState::Escape),
            (ScanState::Text, b'"') => self.end_text(),
            (ScanState::Text | ScanState::Escape, _) => self.text(byte, ScanState::Text),
            (_, b' ' | b'\t' | b'\r' | b'\n') => self.place = ScanState::Between,
            _ if self.began && self.depth == 0 && self.place == ScanState::Between => {
                self.shape.is_lines = self.shape.is_object && byte == b'{';
                return false;
            }
            (_, b'{' | b'[') => self.begin(byte == b'['),
            (_, b'}' | b']') => self.end(),
            (_, b',') => {
                self.place = ScanState::Between;
                if let Some(open) = self.inner() {
                    open.wants_name = !open.is_array;
                }
            }
            (_, b':') => {
                self.place = ScanState::Between;
                if let Some(open) = self.inner() {
                    open.wants_name = false;
                }
            }
            (ScanState::Between, b'"') => {
                self.place = ScanState::Text;
                self.name.clear();
                if self.inner().is_none_or(|open| !open.wants_name) {
                    self.value(false);
                }
            }
            (ScanState::Between, _) => {
                self.place = ScanState::Scalar;
                self.value(false);
            }
            (ScanState::Scalar, _) => {}
        }
        true
    }

    /// Returns the innermost container, if it is one of those that are tracked.
    fn inner(&mut self) -> Option<&mut Open> {
        if self.depth == self.open.len() { self.open.last_mut() } else { None }
    }

    fn text(&mut self, byte: u8, next: ScanState) {
        if self.name.len() <= NAME {
            self.name.push(byte);
        }
        self.place = next;
    }

    fn end_text(&mut self) {
        self.place = ScanState::Between;
        let name = std::mem::take(&mut self.name);
        let Some(open) = self.inner().filter(|open| open.wants_name) else { return };
        let quoted = [b"\"", name.as_slice(), b"\""].concat();
        open.name = if name.len() > NAME { None } else { serde_json::from_slice(&quoted).ok() };
        open.wants_name = false;
    }

    /// Counts a value that begins.
    fn value(&mut self, is_object: bool) {
        let at_top = self.depth == 1;
        self.began = true;
        let Some(open) = self.inner() else { return };
        open.items += 1;
        open.objects += u64::from(is_object);
        let is_array = open.is_array;
        self.shape.has_values |= at_top && !is_array && self.place != ScanState::Between;
    }

    fn begin(&mut self, is_array: bool) {
        self.place = ScanState::Between;
        if !self.began {
            self.shape.is_object = !is_array;
        }
        self.value(!is_array);
        if self.depth == self.open.len() && self.depth < DEPTH {
            self.open.push(Open { is_array, items: 0, objects: 0, wants_name: !is_array, name: None });
        }
        self.depth += 1;
    }

    fn end(&mut self) {
        self.place = ScanState::Between;
        if self.depth == self.open.len()
            && let Some(ended) = self.open.pop()
        {
            let names: Option<Vec<String>> =
                self.open.iter().map(|open| if open.is_array { None } else { open.name.clone() }).collect();
            let is_known = self.shape.arrays.len() < ARRAYS;
            if let Some(path) = names.filter(|_| ended.is_array && is_known) {
                self.shape.arrays.push(JsonArray { path, items: ended.items, objects: ended.objects });
            }
        }
        self.depth = self.depth.saturating_sub(1);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{JsonStructure, parsed, written};

    fn shape(text: &str) -> JsonStructure {
        JsonStructure::of(Box::new(std::io::Cursor::new(text.to_owned())), &|| Ok(())).unwrap()
    }

    #[test]
    fn the_first_array_of_objects_holds_the_rows() {
        for (text, path) in [
            (r#"[{"a":1}]"#, ""),
            (r#"{"errors":[],"data":[{"a":1}]}"#, "data"),
            (r#"{"tags":["x"],"rows":[{"a":1}]}"#, "rows"),
            (r#"{"a":{"deep":[{"x":1}]},"rows":[{"y":[{"z":1}]}]}"#, "rows"),
            (r#"{"a":{"b":{"c":[{"x":"]}"}]}}}"#, "a.b.c"),
            (r#"{"a":1,"b":2}"#, ""),
            ("{\n \"a\": 1,\n \"tags\": []\n}\n", ""),
            (r#"{"a.b":[{"x":1}]}"#, "/a.b"),
            (r#"{"a\"\u00e9":[{"x":1}]}"#, "a\"é"),
        ] {
            assert_eq!(written(&shape(text).rows().unwrap()), path, "{text}");
        }
        for text in [r#"{"a":{"b":[]}}"#, r#"{"errors":[],"data":[]}"#] {
            assert!(shape(text).rows().unwrap_err().to_string().contains("`path`"), "{text}");
        }
    }

    #[test]
    fn json_lines_are_distinguished_from_one_object() {
        for (text, is_lines) in [
            ("{\"a\":1}\n{\"a\":2}\n", true),
            ("{\"a\":1}\n\n", false),
            ("{\n\"a\":1}\n", false),
            ("{\"a\":\"}\"}\n{\"a\": \n", true),
            ("[1]\n{\"a\":1}", false),
        ] {
            assert_eq!(shape(text).is_lines, is_lines, "{text}");
        }
    }

    #[test]
    fn paths_are_read_as_they_are_written() {
        for names in [vec!["a", "b"], vec!["a.b", "c/d", "~"], vec![""]] {
            let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
            assert_eq!(parsed(&written(&names)), names);
        }
        assert!(parsed("").is_empty());
    }

    #[test]
    fn depth_takes_no_memory() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(shape(&deep).arrays.len() <= 1);
    }
}
