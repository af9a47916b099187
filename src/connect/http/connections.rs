//! Connections to other servers: opened under the guard, kept for later requests, and guarded against floods of interim
//! responses, which would block other tasks.
use super::to_error;
use crate::{Error, Result, connect::Guard, error::DatasourceProblem};
use hyper::{Request, ext::on_informational};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::{
    client::legacy::{
        Client,
        connect::{HttpConnector, dns::Name},
    },
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use reqwest::{
    Body, Response,
    header::{ACCEPT, ACCEPT_ENCODING, HeaderValue, USER_AGENT},
};
use rustls::ClientConfig;
use std::{
    error::Error as StdError,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
    vec,
};
use tokio::{net::TcpStream, sync::Notify, task::coop, time::timeout};
use tower::Service;
use url::Url;

/// The time limit for opening a connection, including TLS.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an idle connection is kept for the next request.
const IDLE: Duration = Duration::from_mins(1);
/// How often a silent connection is probed.
const PROBE: Duration = Duration::from_secs(15);
/// The maximum size of a response's head, and how much of a body is read at once, in bytes.
const HEAD: usize = 256 << 10;
/// How many interim responses (1xx) may precede the final one.
const INTERIM: usize = 32;

type Failure = Box<dyn StdError + Send + Sync>;

/// The connections of one client.
#[derive(Clone)]
pub(super) struct Connections(Client<HttpDialer, Body>);

impl Connections {
    pub fn new(guard: Guard, tls: ClientConfig) -> Self {
        let mut plain = HttpConnector::new_with_resolver(Resolver(guard));
        // the layer above adds TLS
        plain.enforce_http(false);
        plain.set_nodelay(true);
        plain.set_keepalive(Some(PROBE));
        plain.set_keepalive_interval(Some(PROBE));
        plain.set_keepalive_retries(Some(3));
        let client = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .http1_max_buf_size(HEAD)
            .build(HttpDialer(HttpsConnector::from((plain, tls))));
        Self(client)
    }

    /// Sends a request and waits for the head of its response. `request` has neither its URL nor common headers yet.
    ///
    /// # Errors
    /// `Datasource`, also if there are too many interim responses.
    pub async fn send(&self, url: &Url, mut request: Request<Body>) -> Result<Response> {
        let mut address = url.clone();
        address.set_fragment(None);
        *request.uri_mut() =
            address.as_str().parse().map_err(|_| Error::datasource("HTTP: the request's URL is too long"))?;
        let agent = HeaderValue::from_static(concat!("jet-admin/", env!("CARGO_PKG_VERSION")));
        request.headers_mut().entry(USER_AGENT).or_insert(agent);
        request.headers_mut().entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        // what `bodies` can decompress
        request.headers_mut().entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static("gzip, deflate"));
        let flood = count_interim(&mut request);
        tokio::select! {
            biased;
            () = flood.notified() => Err(Error::Datasource(Box::new(DatasourceProblem {
                message: format!("HTTP: the server sent more than {INTERIM} interim responses (1xx) but no final one"),
                ..DatasourceProblem::default()
            }))),
            answer = self.0.request(request) => match answer {
                Ok(answer) => Ok(answer.map(Body::wrap).into()),
                Err(error) => Err(to_error(&error, error.is_connect())),
            },
        }
    }
}

/// Notifies when too many interim responses have arrived. They are read in one go as long as they keep coming.
/// Therefore each uses up a part of the scheduler's budget of its connection, and one too many uses up the rest: other
/// tasks run before more is read.
fn count_interim<B>(request: &mut Request<B>) -> Arc<Notify> {
    let flood = Arc::new(Notify::new());
    let (seen, notice) = (AtomicUsize::new(0), Arc::clone(&flood));
    on_informational(request, move |_| {
        let mut context = Context::from_waker(Waker::noop());
        let too_many = seen.fetch_add(1, Ordering::Relaxed) >= INTERIM;
        if too_many {
            notice.notify_one();
        }
        while let Poll::Ready(step) = coop::poll_proceed(&mut context) {
            step.made_progress();
            if !too_many {
                break;
            }
        }
    });
    flood
}

/// Opens connections within the time limit.
#[derive(Clone)]
struct HttpDialer(HttpsConnector<HttpConnector<Resolver>>);

impl Service<hyper::Uri> for HttpDialer {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Failure>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, address: hyper::Uri) -> Self::Future {
        let dialling = self.0.call(address);
        Box::pin(async move {
            let late =
                |_| io::Error::new(io::ErrorKind::TimedOut, format!("no connection within {} s", CONNECT.as_secs()));
            timeout(CONNECT, dialling).await.map_err(late)?
        })
    }
}

/// Resolves names under the guard.
#[derive(Clone)]
struct Resolver(Guard);

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Failure>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let guard = self.0.clone();
        Box::pin(async move {
            // the port does not matter here: requests to our own ports use connections that reach no private address
            Ok(guard.resolve(name.as_str(), 0).await?.into_iter())
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Connections, HEAD, INTERIM};
    use crate::{
        Error, Result,
        connect::{
            Guard,
            network::tls::{self, TlsOptions},
        },
    };
    use hyper::Request;
    use reqwest::{Body, Response};
    use std::{
        io::{Read, Write},
        net::TcpListener,
        thread,
    };
    use url::Url;

    const HINT: &[u8] = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";

    /// Sends a request to a server that responds with `pieces`, on its own thread. Also returns how many bytes the
    /// server could send until they ended or the client hung up.
    async fn ask(pieces: impl Iterator<Item = Vec<u8>> + Send + 'static) -> (Result<Response>, usize) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let server = thread::spawn(move || {
            let (mut connection, _) = listener.accept().unwrap();
            let _ = connection.read(&mut [0; 4096]).unwrap();
            let mut sent = 0;
            for piece in pieces {
                if connection.write_all(&piece).is_err() {
                    break;
                }
                sent += piece.len();
            }
            sent
        });
        let connections = Connections::new(Guard::new(true, []), tls::config(TlsOptions::default()).unwrap());
        let answer = connections.send(&url, Request::new(Body::default())).await;
        while !server.is_finished() {
            tokio::task::yield_now().await;
        }
        (answer, server.join().unwrap())
    }

    #[tokio::test]
    async fn endless_interim_responses_are_cut_off_at_the_next_turn() {
        // what one turn would read without the limit, on the only thread of this test
        let turn = 128 * HEAD / HINT.len();
        let (answer, sent) = ask(std::iter::repeat_n(HINT.to_vec(), 2 * turn)).await;
        let Err(Error::Datasource(problem)) = answer else { panic!("{answer:?}") };
        assert!(problem.message.contains("more than 32 interim responses"), "{}", problem.message);
        assert!(sent < 128 * HEAD, "the server could send {sent} bytes");
    }

    #[tokio::test]
    async fn an_endless_head_is_cut_off() {
        let line = format!("X-A: {}\r\n", "y".repeat(8000)).into_bytes();
        let head = std::iter::once(b"HTTP/1.1 200 OK\r\n".to_vec());
        let (answer, _) = ask(head.chain(std::iter::repeat(line))).await;
        assert!(matches!(answer, Err(Error::Datasource(_))), "{answer:?}");
    }

    #[tokio::test]
    async fn the_response_after_a_few_interim_ones_is_returned() {
        let last = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".to_vec();
        let (answer, _) = ask(std::iter::once(HINT.repeat(INTERIM)).chain([last])).await;
        assert_eq!(answer.unwrap().status(), 204);
    }
}
