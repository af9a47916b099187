//! A caller that closes its connection at a chosen moment, or does not read the response.
use super::{Answer, Client};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpSocket, TcpStream},
};

/// The receive buffer of a caller that does not read, in bytes.
const UNREAD: u32 = 16 << 10;

/// When the connection is closed.
#[derive(Clone, Copy, Debug)]
pub enum Moment {
    AfterTheHead,
    WithinTheBody,
    /// This long after the whole request was sent.
    After(Duration),
}

impl Moment {
    /// Right after the request, or a little later: a commit takes about that long.
    pub const WHOLE: [Self; 4] = [
        Self::After(Duration::ZERO),
        Self::After(Duration::from_micros(200)),
        Self::After(Duration::from_millis(1)),
        Self::After(Duration::from_millis(2)),
    ];
}

/// A request that succeeds when it is sent unchanged.
#[derive(Clone)]
pub struct Request {
    pub client: Client,
    pub method: String,
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn new(client: &Client, method: &str, path: impl Into<String>) -> Self {
        let path = path.into();
        let path = match client.tenant {
            Some(tenant) if !path.starts_with('/') => format!("/api/v1/tenants/{tenant}/{path}"),
            _ => path,
        };
        Self { client: client.clone(), method: method.to_owned(), path, headers: Vec::new(), body: Vec::new() }
    }

    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    #[must_use]
    pub fn raw(mut self, media: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", media)
    }

    #[must_use]
    pub fn json(self, body: &serde_json::Value) -> Self {
        self.raw("application/json", body.to_string())
    }

    /// Sends the request and waits for the response.
    pub async fn send(&self) -> Answer {
        let mut call = self.client.call(self.method.parse().unwrap(), &self.path);
        let media = |name: &&str| *name == "content-type";
        for (name, value) in self.headers.iter().filter(|(name, _)| !media(name)) {
            call = call.header(name, value);
        }
        match self.headers.iter().find(|(name, _)| media(name)) {
            Some((_, media)) => call.raw(media, self.body.clone()).send().await,
            None => call.send().await,
        }
    }

    fn head(&self, address: SocketAddr) -> String {
        let Self { method, path, .. } = self;
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\n", self.body.len());
        if let Some(token) = &self.client.token {
            head.extend(["authorization: Bearer ", token, "\r\n"]);
        }
        if let Some(tenant) = &self.client.tenant {
            head.extend(["x-tenant-id: ", &tenant.to_string(), "\r\n"]);
        }
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head + "\r\n"
    }

    /// Sends the request, or only the part that `moment` allows, and closes the connection.
    pub async fn hang_up(&self, address: SocketAddr, moment: Moment) {
        let mut sent = self.head(address).into_bytes();
        sent.extend(match moment {
            Moment::AfterTheHead => &[],
            Moment::WithinTheBody => &self.body[..self.body.len() / 2],
            Moment::After(_) => &self.body[..],
        });
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        stream.write_all(&sent).await.unwrap();
        if let Moment::After(pause) = moment {
            // the runtime's timers are too coarse for this
            let start = Instant::now();
            while start.elapsed() < pause {
                tokio::task::yield_now().await;
            }
        }
    }

    /// Sends the request, and reads only the status. The system does not receive more than a few KiB of the rest.
    pub async fn leave_unread(&self, address: SocketAddr) -> (u16, impl Sized + use<>) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(UNREAD).unwrap();
        let mut stream = BufReader::with_capacity(64, socket.connect(address).await.unwrap());
        stream.write_all(&[self.head(address).as_bytes(), &self.body].concat()).await.unwrap();
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        (line.split(' ').nth(1).unwrap().parse().unwrap(), stream)
    }
}
