use super::{House, TENANT, object};
use crate::support::authority::{Authority, Issued};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// Starts a server with a certificate from `authority`; if `mutual`, it accepts only clients with such a certificate.
/// Returns its port.
pub async fn serve(authority: &Authority, name: &str, mutual: bool) -> u16 {
    let party = authority.issue(name, &[name]);
    let provider = Arc::new(ring::default_provider());
    let builder =
        ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().unwrap();
    let builder = if mutual {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.certificate.as_bytes()).unwrap()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        builder.with_client_cert_verifier(verifier)
    } else {
        builder.with_no_client_auth()
    };
    let chain = vec![CertificateDer::from_pem_slice(party.certificate.as_bytes()).unwrap()];
    let config = builder.with_single_cert(chain, PrivateKeyDer::from_pem_slice(party.key.as_bytes()).unwrap()).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}").await;
                let _ = stream.shutdown().await;
            });
        }
    });
    port
}

#[tokio::test]
async fn certificates_are_verified_and_presented_as_configured() {
    let (house, authority, other) = (House::new(), Authority::new(), Authority::new());
    let (open, mutual) = (serve(&authority, "127.0.0.1", false).await, serve(&authority, "127.0.0.1", true).await);
    let elsewhere = serve(&authority, "other.example", false).await;
    let (mine, foreign) = (authority.issue("me", &["me"]), other.issue("me", &["me"]));
    let ca = json!({"sslCa": authority.certificate});
    let with =
        |party: &Issued| json!({"sslCa": authority.certificate, "sslCert": party.certificate, "sslKey": party.key});
    for (port, more, expected) in [
        (open, ca.clone(), None),
        (open, json!({}), Some("TLS: ")),
        (open, json!({"sslCa": other.certificate}), Some("TLS: ")),
        (elsewhere, ca.clone(), Some("TLS: ")),
        (mutual, with(&mine), None),
        (mutual, ca.clone(), Some("")),
        (mutual, with(&foreign), Some("")),
        (open, json!({"sslCa": "no PEM"}), Some("options.sslCa: ")),
        (open, json!({"sslCert": mine.certificate}), Some("options.sslKey: ")),
        (open, json!({"sslCert": mine.certificate, "sslKey": foreign.key}), Some("options.sslKey: ")),
    ] {
        let mut options = object(json!({"baseUrl": format!("https://127.0.0.1:{port}/")}));
        options.extend(object(more));
        let report = house.queries.test(TENANT, "restapi", &options).await.unwrap();
        let error: Value = report.error.into();
        match expected {
            None => assert!(report.ok, "{error}"),
            Some(expected) => {
                let error = error.as_str().unwrap();
                assert!(error.starts_with(expected) && !error.contains("PRIVATE KEY"), "{error}");
            }
        }
    }
}
