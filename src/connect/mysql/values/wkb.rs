//! Converts the server's geometries to well-known text.
use std::fmt::Write;

/// The maximum nesting of collections.
const DEPTH: usize = 16;

/// Converts a stored geometry, which is a 4-byte SRID followed by well-known binary. A non-zero SRID is prepended, as
/// in `SRID=4326;`. `None` if the format is unknown.
pub(super) fn text(stored: &[u8]) -> Option<String> {
    let (system, rest) = stored.split_first_chunk::<4>()?;
    let mut bytes = GeometryBytes { rest, little: true };
    let mut out = match u32::from_le_bytes(*system) {
        0 => String::new(),
        system => format!("SRID={system};"),
    };
    bytes.geometry(&mut out, DEPTH, true)?;
    bytes.rest.is_empty().then_some(out)
}

struct GeometryBytes<'a> {
    rest: &'a [u8],
    little: bool,
}

impl GeometryBytes<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*head)
    }

    fn count(&mut self) -> Option<u32> {
        let bytes = self.take()?;
        Some(if self.little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn number(&mut self) -> Option<f64> {
        let bytes = self.take()?;
        Some(if self.little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
    }

    fn geometry(&mut self, out: &mut String, depth: usize, named: bool) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        self.little = self.take::<1>()? == [1];
        let kind = self.count()?;
        let name = ["POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON"];
        let name = name.get(kind.checked_sub(1)? as usize).copied().unwrap_or("GEOMETRYCOLLECTION");
        if named {
            out.push_str(name);
        }
        match kind {
            1 => {
                out.push('(');
                self.point(out)?;
                out.push(')');
                Some(())
            }
            2 => self.list(out, Self::point),
            3 => self.list(out, |bytes, out| bytes.list(out, Self::point)),
            4..=6 => self.list(out, |bytes, out| bytes.geometry(out, depth, false)),
            7 => self.list(out, |bytes, out| bytes.geometry(out, depth, true)),
            _ => None,
        }
    }

    fn point(&mut self, out: &mut String) -> Option<()> {
        write!(out, "{} {}", self.number()?, self.number()?).ok()
    }

    fn list(&mut self, out: &mut String, item: impl Fn(&mut Self, &mut String) -> Option<()>) -> Option<()> {
        let count = self.count()?;
        if count == 0 {
            out.push_str(" EMPTY");
            return Some(());
        }
        for i in 0..count {
            out.push(if i == 0 { '(' } else { ',' });
            item(self, out)?;
        }
        out.push(')');
        Some(())
    }
}
