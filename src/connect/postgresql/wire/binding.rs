//! Channel binding, which ties authentication to its TLS connection by a digest of the server's certificate (RFC 5929,
//! `tls-server-end-point`).
use ring::digest::{Algorithm, SHA256, SHA384, SHA512, digest};

/// Returns the digest of a certificate, with the hash of its signature algorithm. `None` if RFC 5929 defines no hash
/// for it, as for Ed25519.
pub(super) fn end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    Some(digest(algorithm(certificate)?, certificate).as_ref().to_vec())
}

/// Returns the hash of the signature algorithm. MD5 and SHA-1 are replaced by SHA-256, as RFC 5929 requires.
fn algorithm(certificate: &[u8]) -> Option<&'static Algorithm> {
    // a certificate is a sequence of its content, the algorithm and the signature; the algorithm is a sequence that
    // starts with its OID
    let (_, certificate, _) = element(certificate)?;
    let (_, _, rest) = element(certificate)?;
    let (_, identifier, _) = element(rest)?;
    let (_, name, parameters) = element(identifier)?;
    match name {
        // 1.2.840.113549.1.1.x: RSA
        [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, kind] => match kind {
            4 | 5 | 11 => Some(&SHA256),
            12 => Some(&SHA384),
            13 => Some(&SHA512),
            10 => pss(parameters),
            _ => None,
        },
        // 1.2.840.10045.4.1 and .4.3.x: ECDSA
        [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 1] | [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2] => Some(&SHA256),
        [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 3] => Some(&SHA384),
        [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 4] => Some(&SHA512),
        _ => None,
    }
}

/// Returns the hash in the parameters of RSASSA-PSS; the default is SHA-1.
fn pss(parameters: &[u8]) -> Option<&'static Algorithm> {
    let (_, parameters, _) = element(parameters)?;
    let Some((0xA0, tagged, _)) = element(parameters) else { return Some(&SHA256) };
    let (_, identifier, _) = element(tagged)?;
    let (_, name, _) = element(identifier)?;
    match name {
        [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1] => Some(&SHA256),
        [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2] => Some(&SHA384),
        [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3] => Some(&SHA512),
        _ => None,
    }
}

/// Splits off the first DER element: its tag, its content, and the remaining bytes.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
        if digits.len() > size_of::<u32>() {
            return None;
        }
        (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
    };
    let (inside, after) = rest.split_at_checked(length)?;
    Some((tag, inside, after))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{end_point, pss};
    use proptest::prelude::*;
    use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};
    use ring::digest::SHA384;

    #[test]
    fn the_digest_uses_the_hash_of_the_signature() {
        for (algorithm, length) in [
            (&PKCS_ECDSA_P256_SHA256, Some(32)),
            (&PKCS_ECDSA_P384_SHA384, Some(48)),
            // RFC 5929 defines no hash for Ed25519
            (&PKCS_ED25519, None),
        ] {
            let key = KeyPair::generate_for(algorithm).unwrap();
            let certificate = CertificateParams::new(vec!["h".to_owned()]).unwrap().self_signed(&key).unwrap();
            assert_eq!(end_point(certificate.der()).map(|digest| digest.len()), length);
        }
        let sha384 = [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2];
        let named = [&[0x30, 15, 0xA0, 13, 0x30, 11, 6, 9][..], &sha384].concat();
        assert_eq!(pss(&named), Some(&SHA384));
    }

    proptest! {
        #[test]
        fn parsing_arbitrary_bytes_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = end_point(&bytes);
        }
    }
}
