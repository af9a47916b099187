//! Reads the XML of workbooks, limited to what they use.
use crate::{Error, Result};
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use std::{borrow::Cow, io::BufRead};

/// The next event in a part. Names come without prefixes.
pub enum XmlEvent {
    Start(Tag),
    End(Vec<u8>),
    /// Text, decoded.
    Text(String),
    Done,
}

/// A tag that opens an element.
pub struct Tag(BytesStart<'static>);

impl Tag {
    pub fn name(&self) -> &[u8] {
        self.0.local_name().into_inner()
    }

    /// Returns the value of an attribute. Prefixes of attribute names are ignored.
    pub fn attribute(&self, name: &str) -> Result<Option<String>> {
        for attribute in self.0.attributes() {
            let attribute = attribute.map_err(|error| damaged(&error))?;
            if attribute.key.local_name().as_ref() == name.as_bytes() {
                let text = std::str::from_utf8(&attribute.value).map_err(|error| damaged(&error))?;
                let value = quick_xml::escape::unescape(text).map_err(|error| damaged(&error))?;
                return Ok(Some(value.into_owned()));
            }
        }
        Ok(None)
    }
}

/// Reads a part as a stream.
pub struct XmlReader<R> {
    reader: Reader<R>,
    buffer: Vec<u8>,
}

impl<R: BufRead> XmlReader<R> {
    pub fn new(part: R) -> Self {
        let mut reader = Reader::from_reader(part);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, buffer: Vec::new() }
    }

    pub fn next(&mut self) -> Result<XmlEvent> {
        loop {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer).map_err(|error| damaged(&error))?;
            return Ok(match event {
                Event::Start(tag) => XmlEvent::Start(Tag(tag.into_owned())),
                Event::End(tag) => XmlEvent::End(tag.local_name().into_inner().to_vec()),
                Event::Text(text) => {
                    XmlEvent::Text(text.xml10_content().map_err(|error| damaged(&error))?.into_owned())
                }
                Event::CData(text) => XmlEvent::Text(text.decode().map_err(|error| damaged(&error))?.into_owned()),
                Event::GeneralRef(entity) => {
                    if let Some(character) = entity.resolve_char_ref().map_err(|error| damaged(&error))? {
                        return Ok(XmlEvent::Text(character.into()));
                    }
                    let name = entity.decode().map_err(|error| damaged(&error))?;
                    let known = quick_xml::escape::resolve_predefined_entity(&name);
                    XmlEvent::Text(known.ok_or_else(|| damaged(&format!("unknown entity {name}")))?.to_owned())
                }
                Event::Eof => XmlEvent::Done,
                _ => continue,
            });
        }
    }
}

pub fn damaged(error: &dyn std::fmt::Display) -> Error {
    Error::datasource(format!("the workbook is damaged: {error}"))
}

/// Resolves the escapes that workbooks use in text: `_x000D_` is a carriage return, `_x005F_` an underscore.
pub fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains("_x") {
        return text.into();
    }
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        made.push_str(&rest[..at]);
        rest = &rest[at..];
        let code = rest.get(2..6).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = code.filter(|_| rest.as_bytes().get(6) == Some(&b'_'));
        let unit = code.and_then(|code| u32::from_str_radix(code, 16).ok());
        if let Some(character) = unit.and_then(char::from_u32) {
            made.push(character);
            rest = &rest[7..];
        } else {
            made.push_str("_x");
            rest = &rest[2..];
        }
    }
    made.push_str(rest);
    made.into()
}

#[cfg(test)]
mod tests {
    use super::unescaped;

    #[test]
    fn escapes_of_spreadsheets_are_resolved() {
        for (text, plain) in [
            ("a_x000D_\nb", "a\r\nb"),
            ("_x005F_x000D_", "_x000D_"),
            ("_x00e9_", "é"),
            ("_x12_ _xZZZZ_ _x", "_x12_ _xZZZZ_ _x"),
            ("_xD83D_", "_xD83D_"),
            ("plain", "plain"),
        ] {
            assert_eq!(unescaped(text), plain);
        }
    }
}
