//! Formats types without a JSON equivalent like the server's text: geometric types, text search, row locations and
//! snapshots.
use super::bytes::{DecodeProblem, ValueBytes};
use postgres_types::Type;

/// The maximum nesting of a `tsquery`.
const DEPTH: usize = 500;

/// Returns the text of a value; `None` for other types.
pub(super) fn text(kind: &Type, raw: &[u8]) -> Result<Option<String>, DecodeProblem> {
    let mut bytes = ValueBytes(raw);
    Ok(Some(match *kind {
        Type::POINT => point(&mut bytes)?,
        Type::LSEG => format!("[{}]", points(&mut bytes, 2)?),
        Type::BOX => points(&mut bytes, 2)?,
        Type::LINE => {
            format!("{{{},{},{}}}", number(&mut bytes)?, number(&mut bytes)?, number(&mut bytes)?)
        }
        Type::CIRCLE => format!("<{},{}>", point(&mut bytes)?, number(&mut bytes)?),
        Type::POLYGON => {
            let count = bytes.i32()?;
            format!("({})", points(&mut bytes, count)?)
        }
        Type::PATH => {
            let [closed] = bytes.take()?;
            let count = bytes.i32()?;
            let inside = points(&mut bytes, count)?;
            if closed == 0 { format!("[{inside}]") } else { format!("({inside})") }
        }
        Type::TS_VECTOR => vector(&mut bytes)?,
        Type::TSQUERY => match bytes.i32()? {
            0 => String::new(),
            _ => search(&mut bytes, 0)?,
        },
        Type::TID => format!("({},{})", bytes.i32()?.cast_unsigned(), bytes.i16()?.cast_unsigned()),
        Type::PG_SNAPSHOT | Type::TXID_SNAPSHOT => {
            let count = bytes.i32()?;
            let (low, high) = (bytes.i64()?, bytes.i64()?);
            let running: Result<Vec<String>, DecodeProblem> =
                (0..count).map(|_| Ok(bytes.i64()?.to_string())).collect();
            format!("{low}:{high}:{}", running?.join(","))
        }
        _ => return Ok(None),
    }))
}

fn number(bytes: &mut ValueBytes<'_>) -> Result<String, DecodeProblem> {
    bytes.take().map(f64::from_be_bytes).map(|number| number.to_string())
}

fn point(bytes: &mut ValueBytes<'_>) -> Result<String, DecodeProblem> {
    Ok(format!("({},{})", number(bytes)?, number(bytes)?))
}

fn points(bytes: &mut ValueBytes<'_>, count: i32) -> Result<String, DecodeProblem> {
    let all: Result<Vec<String>, DecodeProblem> = (0..count).map(|_| point(bytes)).collect();
    Ok(all?.join(","))
}

/// Quotes a lexeme; quotes and backslashes are doubled.
fn word(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

fn vector(bytes: &mut ValueBytes<'_>) -> Result<String, DecodeProblem> {
    let mut words = Vec::new();
    for _ in 0..bytes.i32()? {
        let text = word(&bytes.until_nul()?);
        let mut places = Vec::new();
        for _ in 0..bytes.i16()?.cast_unsigned() {
            let place = bytes.i16()?.cast_unsigned();
            let weight = ["", "C", "B", "A"][usize::from(place >> 14)];
            places.push(format!("{}{weight}", place & 0x3FFF));
        }
        let colon = if places.is_empty() { "" } else { ":" };
        words.push(format!("{text}{colon}{}", places.join(",")));
    }
    Ok(words.join(" "))
}

/// Decodes a `tsquery`, which is in prefix notation with the right operand first.
fn search(bytes: &mut ValueBytes<'_>, depth: usize) -> Result<String, DecodeProblem> {
    if depth > DEPTH {
        return Err("the tsquery is nested too deeply".into());
    }
    if bytes.take::<1>()? == [1] {
        let [weights, prefix] = bytes.take()?;
        let text = word(&bytes.until_nul()?);
        let mut flags = String::from(if prefix == 0 { "" } else { "*" });
        flags.extend(
            [(8, 'A'), (4, 'B'), (2, 'C'), (1, 'D')].iter().filter(|(bit, _)| weights & bit != 0).map(|(_, c)| c),
        );
        return Ok(if flags.is_empty() { text } else { format!("{text}:{flags}") });
    }
    let [operator] = bytes.take()?;
    if operator == 1 {
        return Ok(format!("!( {} )", search(bytes, depth + 1)?));
    }
    let sign = match operator {
        2 => "&".to_owned(),
        3 => "|".to_owned(),
        4 => format!("<{}>", bytes.i16()?),
        _ => return Err("the tsquery has an unknown operator".into()),
    };
    let right = search(bytes, depth + 1)?;
    let left = search(bytes, depth + 1)?;
    Ok(format!("( {left} {sign} {right} )"))
}
