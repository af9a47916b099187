use super::{House, TENANT, object};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair};
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

pub struct Party {
    cert: String,
    key: String,
}

pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    fn issue(&self, name: &str, usage: ExtendedKeyUsagePurpose) -> Party {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.extended_key_usages = vec![usage];
        let key = KeyPair::generate().unwrap();
        Party { cert: params.signed_by(&key, &self.0).unwrap().pem(), key: key.serialize_pem() }
    }
}

/// A server with a certificate of `authority`'s that lets in only clients which have one too, when `mutual`.
pub async fn serve(authority: &Authority, name: &str, mutual: bool) -> u16 {
    let party = authority.issue(name, ExtendedKeyUsagePurpose::ServerAuth);
    let provider = Arc::new(ring::default_provider());
    let builder =
        ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().unwrap();
    let builder = if mutual {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        builder.with_client_cert_verifier(verifier)
    } else {
        builder.with_no_client_auth()
    };
    let chain = vec![CertificateDer::from_pem_slice(party.cert.as_bytes()).unwrap()];
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
async fn certificates_are_verified_and_shown_as_asked() {
    let (house, authority, other) = (House::new(), Authority::new(), Authority::new());
    let (open, mutual) = (serve(&authority, "127.0.0.1", false).await, serve(&authority, "127.0.0.1", true).await);
    let elsewhere = serve(&authority, "other.example", false).await;
    let (mine, foreign) = (
        authority.issue("me", ExtendedKeyUsagePurpose::ClientAuth),
        other.issue("me", ExtendedKeyUsagePurpose::ClientAuth),
    );
    let ca = json!({"sslCa": authority.pem()});
    let with = |party: &Party| json!({"sslCa": authority.pem(), "sslCert": party.cert, "sslKey": party.key});
    for (port, more, said) in [
        (open, ca.clone(), None),
        (open, json!({}), Some("TLS: ")),
        (open, json!({"sslCa": other.pem()}), Some("TLS: ")),
        (elsewhere, ca.clone(), Some("TLS: ")),
        (mutual, with(&mine), None),
        (mutual, ca.clone(), Some("")),
        (mutual, with(&foreign), Some("")),
        (open, json!({"sslCa": "no PEM"}), Some("options.sslCa: ")),
        (open, json!({"sslCert": mine.cert}), Some("options.sslKey: ")),
        (open, json!({"sslCert": mine.cert, "sslKey": foreign.key}), Some("options.sslKey: ")),
    ] {
        let mut options = object(json!({"baseUrl": format!("https://127.0.0.1:{port}/")}));
        options.extend(object(more));
        let report = house.queries.test(TENANT, "restapi", &options).await.unwrap();
        let error: Value = report.error.into();
        match said {
            None => assert!(report.ok, "{error}"),
            Some(said) => {
                let error = error.as_str().unwrap();
                assert!(error.starts_with(said) && !error.contains("PRIVATE KEY"), "{error}");
            }
        }
    }
}
