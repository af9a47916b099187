//! TLS connections: verifies the server's certificate as libpq's `sslmode` defines, and sends the client certificate.
use crate::{Error, Result};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
};
use schemars::JsonSchema;
use serde::Deserialize;
use std::{error::Error as StdError, io, sync::Arc};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// A connection, encrypted or not.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Encrypts a connection to `host`.
///
/// # Errors
/// The error of the TLS library.
pub async fn encrypt(config: &Arc<ClientConfig>, host: &str, tcp: TcpStream) -> io::Result<TlsStream<TcpStream>> {
    let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = ServerName::try_from(bare).map_err(io::Error::other)?;
    TlsConnector::from(Arc::clone(config)).connect(name, tcp).await
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SslMode {
    Disable,
    /// Use TLS if the server supports it.
    #[default]
    Prefer,
    /// Require TLS without verifying the certificate. With a CA certificate, the same as `verify-ca`.
    Require,
    /// Require TLS and a certificate from a trusted authority.
    VerifyCa,
    /// Require TLS and a trusted certificate that matches the host name.
    VerifyFull,
}

impl SslMode {
    /// Parses libpq's name of a mode.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "disable" => Self::Disable,
            "allow" | "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => return None,
        })
    }
}

/// The options `sslMode`, `sslCa`, `sslCert` and `sslKey` of a datasource, with certificates and keys as PEM.
#[derive(Clone, Copy, Default)]
pub struct TlsOptions<'a> {
    pub mode: SslMode,
    /// CA certificates to trust instead of the public ones.
    pub ca: Option<&'a str>,
    /// The client certificate and its key.
    pub cert: Option<&'a str>,
    pub key: Option<&'a str>,
}

/// How the server's certificate is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateCheck {
    Nothing,
    Authority,
    Full,
}

impl TlsOptions<'_> {
    pub fn check(&self) -> CertificateCheck {
        match self.mode {
            SslMode::VerifyFull => CertificateCheck::Full,
            SslMode::VerifyCa => CertificateCheck::Authority,
            SslMode::Require if given(self.ca).is_some() => CertificateCheck::Authority,
            SslMode::Require | SslMode::Prefer | SslMode::Disable => CertificateCheck::Nothing,
        }
    }
}

/// Creates the TLS configuration.
///
/// # Errors
/// `Invalid` if an option is not valid PEM, or if the client certificate and key are not given together.
pub fn config(wanted: TlsOptions<'_>) -> Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let own = given(wanted.ca);
    let roots = Arc::new(match own {
        Some(pem) => authorities(pem)?,
        None => webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect(),
    });
    let inner =
        WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider)).build().map_err(Error::internal)?;
    let verifier = Verifier { inner, check: wanted.check(), provider: Arc::clone(&provider) };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Error::internal)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    match (given(wanted.cert), given(wanted.key)) {
        (None, None) => Ok(builder.with_no_client_auth()),
        (Some(cert), Some(key)) => {
            let chain = certificates("sslCert", cert)?;
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
                .map_err(|_| invalid("sslKey", "must be a PEM-encoded private key"))?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|_| invalid("sslKey", "does not match the client certificate"))
        }
        (None, Some(_)) => Err(invalid("sslCert", "is required with a client key")),
        (Some(_), None) => Err(invalid("sslKey", "is required with a client certificate")),
    }
}

/// Returns whether an error is a TLS error, possibly nested in I/O errors.
pub fn is_cause(cause: &(dyn StdError + 'static)) -> bool {
    cause.is::<rustls::Error>()
        || cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref).is_some_and(|inner| is_cause(inner))
}

/// Returns an option's value unless it is blank.
pub fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

fn invalid(option: &str, message: &str) -> Error {
    Error::invalid(format!("options.{option}"), message)
}

fn certificates(option: &str, pem: &str) -> Result<Vec<CertificateDer<'static>>> {
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| invalid(option, "must be PEM-encoded certificates"))?;
    if found.is_empty() {
        return Err(invalid(option, "must be PEM-encoded certificates"));
    }
    Ok(found)
}

fn authorities(pem: &str) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates("sslCa", pem)? {
        roots.add(certificate).map_err(|_| invalid("sslCa", "contains a certificate that cannot be read"))?;
    }
    Ok(roots)
}

#[derive(Debug)]
struct Verifier {
    inner: Arc<WebPkiServerVerifier>,
    check: CertificateCheck,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.check == CertificateCheck::Nothing {
            return Ok(ServerCertVerified::assertion());
        }
        let verified = self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match verified {
            // the name is checked last, so everything else was valid
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.check == CertificateCheck::Authority => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
