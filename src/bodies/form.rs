//! Forms: names and values, URL-encoded or multipart. The values of a name that occurs several times become a list.
use super::{BrokenCoding, FormEvent, FormParser, Media, PartHead, UnpackFailure, decode};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use encoding_rs::{Encoding, UTF_8};
use serde_json::{Map, Value, json};

/// The maximum number of parts of a form.
const PARTS: usize = 1000;

/// Parses `a=1&b=x+y`. The encoding is `encoding`, or else the one that the form's own `_charset_` or `charset` field
/// names, or else UTF-8.
pub fn fields(body: &[u8], encoding: Option<&'static Encoding>) -> Map<String, Value> {
    let pairs: Vec<(Vec<u8>, Vec<u8>)> = pairs(body).collect();
    let own = || {
        let named = |name: &[u8]| {
            let (_, value) = pairs.iter().find(|(known, _)| known == name)?;
            Encoding::for_label(value)
        };
        // a field named `charset` may mean something else: it counts only if a value is not UTF-8
        let is_other = || pairs.iter().any(|(_, value)| std::str::from_utf8(value).is_err());
        named(b"_charset_").or_else(|| named(b"charset").filter(|_| is_other()))
    };
    let encoding = encoding.or_else(own).unwrap_or(UTF_8);
    let text = |bytes: &[u8]| encoding.decode_without_bom_handling(bytes).0.into_owned();
    let mut fields = Map::new();
    for (name, value) in &pairs {
        add(&mut fields, text(name), text(value).into());
    }
    fields
}

/// Yields names and values as bytes, in order.
pub fn pairs(body: &[u8]) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let end = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        (unescaped(&pair[..end]), unescaped(pair.get(end + 1..).unwrap_or_default()))
    })
}

fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let digits = text.get(at + 1..at + 3).filter(|_| byte == b'%');
        if let Some([decoded]) = digits.and_then(|digits| hex::decode(digits).ok()).as_deref() {
            out.push(*decoded);
            at += 3;
        } else {
            out.push(if byte == b'+' { b' ' } else { byte });
            at += 1;
        }
    }
    out
}

/// Parses a complete `multipart/form-data` body (RFC 7578). A field becomes its text. A file, or a field that is not
/// text, becomes `{filename, contentType, base64}`, the shape in which our own requests send files.
///
/// # Errors
/// Why the body is not such a form, as the end of a sentence about the body.
pub fn parts(body: &[u8], media: &Media) -> Result<Map<String, Value>, String> {
    let mut parts = FormParser::new(media).map_err(|BrokenCoding(why)| why.to_owned())?;
    let mut read: Vec<(PartHead, Vec<u8>)> = Vec::new();
    let mut take = |event: FormEvent<'_>| {
        match event {
            FormEvent::Head(_) if read.len() == PARTS => return Err(format!("has more than {PARTS} parts")),
            FormEvent::Head(head) => read.push((head, Vec::new())),
            FormEvent::Data(bytes) => {
                if let Some((_, data)) = read.last_mut() {
                    data.extend_from_slice(bytes);
                }
            }
        }
        Ok(())
    };
    let pushed = parts.push(body, &mut take).map_err(|failed| match failed {
        UnpackFailure::Broken(BrokenCoding(why)) => why.to_owned(),
        UnpackFailure::Taker(why) => why,
    });
    pushed.and_then(|()| parts.finish().map_err(|BrokenCoding(why)| why.to_owned()))?;
    let mut fields = Map::new();
    for (head, data) in read {
        add(&mut fields, head.name, value(head.file_name, head.kind, data));
    }
    Ok(fields)
}

fn value(file_name: Option<String>, kind: Option<String>, bytes: Vec<u8>) -> Value {
    let media = Media::parse(kind.as_deref().unwrap_or_default());
    let bytes = match file_name {
        Some(_) => bytes,
        None => match decode(&media, bytes) {
            Ok(text) => return text.into(),
            Err(bytes) => bytes,
        },
    };
    let kind = kind.unwrap_or_else(|| "application/octet-stream".to_owned());
    match file_name {
        Some(name) => json!({"filename": name, "contentType": kind, "base64": BASE64.encode(bytes)}),
        None => json!({"contentType": kind, "base64": BASE64.encode(bytes)}),
    }
}

fn add(fields: &mut Map<String, Value>, name: String, value: Value) {
    match fields.get_mut(&name) {
        None => drop(fields.insert(name, value)),
        Some(Value::Array(all)) => all.push(value),
        Some(one) => *one = json!([one.take(), value]),
    }
}
