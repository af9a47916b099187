//! The cryptography of tokens: an implementation of the traits of `jsonwebtoken` with ring, whose private key
//! operations take constant time.
//!
//! Tokens are signed with RS256. Verification supports the algorithms that issuers use. ES256 signs only in tests.
//! Shared secrets (HS256) are not accepted.
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{Error, ErrorKind, Result, new_error},
    jwk::{EllipticCurve, ThumbprintHash},
    signature::{self, Signer, Verifier},
};
use ring::{
    digest,
    rand::SystemRandom,
    signature::{self as ring_signature, EcdsaKeyPair, KeyPair, RsaKeyPair, RsaPublicKeyComponents, UnparsedPublicKey},
};

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory,
    verifier_factory,
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key: rsa_public,
        rsa_pub_components_from_public_key: |_| Err(new_error(ErrorKind::InvalidAlgorithm)),
        ec_pub_components_from_private_key: ec_public,
        ed_pub_components_from_private_key: |_, _| Err(new_error(ErrorKind::InvalidAlgorithm)),
        compute_digest,
    },
};

/// Installs this implementation in `jsonwebtoken`. Call it before the first token. Further calls do nothing.
pub fn install() {
    let _ = PROVIDER.install_default();
}

fn invalid<E: std::fmt::Display>(error: E) -> Error {
    new_error(ErrorKind::InvalidRsaKey(error.to_string()))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the provider's signature")]
fn signer_factory(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    match (algorithm, key.family()) {
        (Algorithm::RS256, AlgorithmFamily::Rsa) => {
            Ok(Box::new(Rs256(RsaKeyPair::from_der(key.as_bytes()).map_err(invalid)?)))
        }
        (Algorithm::ES256, AlgorithmFamily::Ec) => Ok(Box::new(Es256(ec_pair(key.as_bytes())?))),
        _ => Err(new_error(ErrorKind::InvalidAlgorithm)),
    }
}

fn ec_pair(pkcs8: &[u8]) -> Result<EcdsaKeyPair> {
    let pair = EcdsaKeyPair::from_pkcs8(&ring_signature::ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &SystemRandom::new());
    pair.map_err(|_| new_error(ErrorKind::InvalidEcdsaKey))
}

struct Rs256(RsaKeyPair);

impl Signer<Vec<u8>> for Rs256 {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, signature::Error> {
        let mut signed = vec![0; self.0.public().modulus_len()];
        let outcome = self.0.sign(&ring_signature::RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signed);
        outcome.map(|()| signed).map_err(|_| signature::Error::new())
    }
}

impl JwtSigner for Rs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}

struct Es256(EcdsaKeyPair);

impl Signer<Vec<u8>> for Es256 {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, signature::Error> {
        let signed = self.0.sign(&SystemRandom::new(), message);
        signed.map(|signed| signed.as_ref().to_vec()).map_err(|_| signature::Error::new())
    }
}

impl JwtSigner for Es256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::ES256
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the provider's signature")]
fn verifier_factory(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    let family = match algorithm {
        Algorithm::RS256 | Algorithm::PS256 => AlgorithmFamily::Rsa,
        Algorithm::ES256 => AlgorithmFamily::Ec,
        _ => return Err(new_error(ErrorKind::InvalidAlgorithm)),
    };
    if key.family() != family {
        return Err(new_error(ErrorKind::InvalidKeyFormat));
    }
    Ok(Box::new(PublicKey { algorithm: *algorithm, key: key.clone() }))
}

struct PublicKey {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl Verifier<Vec<u8>> for PublicKey {
    fn verify(&self, message: &[u8], signed: &Vec<u8>) -> std::result::Result<(), signature::Error> {
        let rsa = match self.algorithm {
            Algorithm::PS256 => &ring_signature::RSA_PSS_2048_8192_SHA256,
            _ => &ring_signature::RSA_PKCS1_2048_8192_SHA256,
        };
        let verified = match (self.key.kind(), self.algorithm) {
            (DecodingKeyKind::SecretOrDer(point), Algorithm::ES256) => {
                UnparsedPublicKey::new(&ring_signature::ECDSA_P256_SHA256_FIXED, point).verify(message, signed)
            }
            (DecodingKeyKind::SecretOrDer(der), _) => UnparsedPublicKey::new(rsa, der).verify(message, signed),
            (DecodingKeyKind::RsaModulusExponent { n, e }, _) => {
                RsaPublicKeyComponents { n: positive(n), e: positive(e) }.verify(rsa, message, signed)
            }
        };
        verified.map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for PublicKey {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// Removes leading zeros from a number: some issuers publish them.
fn positive(number: &[u8]) -> &[u8] {
    &number[number.iter().position(|byte| *byte != 0).unwrap_or(0)..]
}

fn rsa_public(pkcs1: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
    let pair = RsaKeyPair::from_der(pkcs1).map_err(invalid)?;
    let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public());
    Ok((public.n, public.e))
}

fn ec_public(pkcs8: &[u8], algorithm: Algorithm) -> Result<(EllipticCurve, Vec<u8>, Vec<u8>)> {
    if algorithm != Algorithm::ES256 {
        return Err(new_error(ErrorKind::InvalidAlgorithm));
    }
    let pair = ec_pair(pkcs8)?;
    // an uncompressed point: 4, x, y
    let point = pair.public_key().as_ref();
    let (x, y) = point[1..].split_at(32);
    Ok((EllipticCurve::P256, x.to_vec(), y.to_vec()))
}

#[expect(clippy::needless_pass_by_value, reason = "the provider's signature")]
fn compute_digest(data: &[u8], hash: ThumbprintHash) -> Result<Vec<u8>> {
    let algorithm = match hash {
        ThumbprintHash::SHA256 => &digest::SHA256,
        ThumbprintHash::SHA384 => &digest::SHA384,
        ThumbprintHash::SHA512 => &digest::SHA512,
        _ => return Err(new_error(ErrorKind::InvalidAlgorithm)),
    };
    Ok(digest::digest(algorithm, data).as_ref().to_vec())
}
