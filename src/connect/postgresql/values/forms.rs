//! Selects the wire format of values. Parameters are sent as text, so that the server converts them to the types that
//! the statement needs. Results are requested in binary for types whose binary form is fully supported.
use super::{exact::units, literal::text_of};
use crate::connect::postgresql::wire::{BoundParameter, WireFormat};
use postgres_types::{Kind, Type};
use serde_json::Value;

/// Returns the format to request for each column.
pub fn formats(fields: &[Type], records: bool) -> Vec<WireFormat> {
    let format = |kind: &Type| if is_exact(kind, records) { WireFormat::Binary } else { WireFormat::Text };
    fields.iter().map(format).collect()
}

/// Encodes a value for a parameter of type `kind`.
pub fn bound(kind: &Type, value: &Value, cents: Option<u8>) -> BoundParameter {
    if *kind == Type::MONEY
        && let Some(digits) = cents
        && let Value::String(_) | Value::Number(_) = value
        && let Some(units) = units(&text_of(kind, value).unwrap_or_default(), digits)
    {
        // as text, it would have to use the separators of the server's locale
        return (WireFormat::Binary, Some(units.to_be_bytes().to_vec()));
    }
    (WireFormat::Text, text_of(kind, value).map(String::into_bytes))
}

/// Returns whether every value of a type can be decoded from binary. `records` tells whether rows without a declared
/// type may be tried in binary.
pub(super) fn is_exact(kind: &Type, records: bool) -> bool {
    match *kind {
        Type::RECORD | Type::RECORD_ARRAY => records,
        Type::INT2_VECTOR | Type::OID_VECTOR => true,
        _ => match kind.kind() {
            Kind::Domain(inner) | Kind::Array(inner) | Kind::Range(inner) | Kind::Multirange(inner) => {
                is_exact(inner, records)
            }
            Kind::Composite(fields) => fields.iter().all(|field| is_exact(field.type_(), records)),
            Kind::Enum(_) => true,
            _ => EXACT.contains(kind),
        },
    }
}

/// Returns whether decoding a type requires the number of decimal places of `money`.
pub fn has_money(kind: &Type) -> bool {
    match kind.kind() {
        Kind::Domain(inner) | Kind::Array(inner) | Kind::Range(inner) | Kind::Multirange(inner) => has_money(inner),
        Kind::Composite(fields) => fields.iter().any(|field| has_money(field.type_())),
        _ => *kind == Type::MONEY,
    }
}

/// The simple types that `Reader::binary` decodes.
static EXACT: [Type; 50] = [
    Type::BOOL,
    Type::INT2,
    Type::INT4,
    Type::INT8,
    Type::OID,
    Type::XID,
    Type::CID,
    Type::XID8,
    Type::FLOAT4,
    Type::FLOAT8,
    Type::NUMERIC,
    Type::MONEY,
    Type::TEXT,
    Type::VARCHAR,
    Type::BPCHAR,
    Type::NAME,
    Type::UNKNOWN,
    Type::XML,
    Type::CHAR,
    Type::JSON,
    Type::JSONB,
    Type::UUID,
    Type::BYTEA,
    Type::DATE,
    Type::TIME,
    Type::TIMETZ,
    Type::TIMESTAMP,
    Type::TIMESTAMPTZ,
    Type::INTERVAL,
    Type::INET,
    Type::CIDR,
    Type::MACADDR,
    Type::MACADDR8,
    Type::BIT,
    Type::VARBIT,
    Type::PG_LSN,
    Type::VOID,
    Type::POINT,
    Type::LSEG,
    Type::BOX,
    Type::LINE,
    Type::CIRCLE,
    Type::POLYGON,
    Type::PATH,
    Type::TS_VECTOR,
    Type::TSQUERY,
    Type::TID,
    Type::PG_SNAPSHOT,
    Type::TXID_SNAPSHOT,
    Type::REFCURSOR,
];
