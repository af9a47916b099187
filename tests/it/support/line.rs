//! A line to a server that can be cut for a while: what was sent waits in it, and arrives later.
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};

pub struct Line {
    pub port: u16,
    stalls: watch::Sender<bool>,
}

impl Line {
    /// Opens a line to a port of this machine.
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (stalls, stalled) = watch::channel(false);
        let own = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let stalled = stalled.clone();
                tokio::spawn(async move {
                    let Ok(far) = TcpStream::connect(("127.0.0.1", port)).await else { return };
                    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                    tokio::join!(carry(near_in, far_out, stalled.clone()), carry(far_in, near_out, stalled));
                });
            }
        });
        Self { port: own, stalls }
    }

    /// Holds everything back from now on, or lets it pass again.
    pub fn stall(&self, stalls: bool) {
        self.stalls.send_replace(stalls);
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut stalled: watch::Receiver<bool>) {
    let mut piece = vec![0; 16 << 10];
    while let Ok(read @ 1..) = from.read(&mut piece).await {
        if stalled.wait_for(|stalled| !stalled).await.is_err() || to.write_all(&piece[..read]).await.is_err() {
            return;
        }
    }
    let _ = to.shutdown().await;
}
