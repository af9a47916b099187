//! A port in front of a server, which can be closed, as if the server had stopped, and can swallow its responses.
use super::background::free_port;
use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

const OPEN: u8 = 0;
const CLOSED: u8 = 1;
const DEAF: u8 = 2;

pub struct Gate {
    pub port: u16,
    state: Arc<AtomicU8>,
    /// How many more connections it lets through.
    left: Arc<AtomicUsize>,
}

impl Gate {
    /// Opens a gate to a port of this machine.
    pub fn to(target: u16) -> Self {
        let port = free_port();
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let (state, left) = (Arc::new(AtomicU8::new(OPEN)), Arc::new(AtomicUsize::new(usize::MAX)));
        let (seen, allowed) = (Arc::clone(&state), Arc::clone(&left));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let used_up = allowed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
                if seen.load(Ordering::Relaxed) == CLOSED || used_up.is_err() {
                    continue;
                }
                let Ok(server) = TcpStream::connect(("127.0.0.1", target)) else { continue };
                forward(client.try_clone().unwrap(), server.try_clone().unwrap(), Arc::clone(&seen), false);
                forward(server, client, Arc::clone(&seen), true);
            }
        });
        Self { port, state, left }
    }

    /// Ends all connections, and accepts no more.
    pub fn close(&self) {
        self.state.store(CLOSED, Ordering::Relaxed);
    }

    /// Forwards requests, but no responses any more.
    pub fn swallow(&self) {
        self.state.store(DEAF, Ordering::Relaxed);
    }

    /// Lets this number of connections through, and then no more.
    pub fn let_through(&self, connections: usize) {
        self.left.store(connections, Ordering::Relaxed);
    }

    pub fn open(&self) {
        self.state.store(OPEN, Ordering::Relaxed);
        self.left.store(usize::MAX, Ordering::Relaxed);
    }
}

fn forward(mut from: TcpStream, mut to: TcpStream, state: Arc<AtomicU8>, is_response: bool) {
    from.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    thread::spawn(move || {
        let mut piece = vec![0; 64 << 10];
        loop {
            let read = from.read(&mut piece);
            let state = state.load(Ordering::Relaxed);
            match read {
                Ok(0) => break,
                _ if state == CLOSED => break,
                Ok(_) if state == DEAF && is_response => {}
                Ok(read) if to.write_all(&piece[..read]).is_ok() => {}
                Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                }
                _ => break,
            }
        }
        let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
    });
}
