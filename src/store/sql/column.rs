//! Values of columns, as the engine has them.

/// The value of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SqlColumn<'r> {
    Null,
    Integer(i64),
    Text(&'r [u8]),
    Bytes(&'r [u8]),
    /// A value of a type that the store does not use.
    Other,
}

impl<'r> SqlColumn<'r> {
    /// # Errors
    /// Why it is no text.
    #[inline]
    pub fn text(self) -> Result<&'r str, &'static str> {
        match self {
            Self::Text(text) => std::str::from_utf8(text).map_err(|_| "the text is not UTF-8"),
            _ => Err("it is not a text"),
        }
    }
}
