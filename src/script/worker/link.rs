//! The server's side of one script worker.
use super::{
    task::ScopedJob,
    wire::{self, FrameBuilder, FrameFields, FrameKind, HEAD, ScriptOutcome},
};
use std::{
    io,
    path::Path,
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    process::{Child, Command},
};

/// The argument that starts the program as a script worker.
pub const ARGUMENT: &str = "script-worker";

/// A process that runs one job after the other. It is killed when this is dropped.
pub(super) struct Worker {
    input: Box<dyn AsyncWrite + Send + Unpin>,
    output: BufReader<Box<dyn AsyncRead + Send + Unpin>>,
    /// `None` in unit tests, where a thread takes its place.
    process: Option<Child>,
    /// Whether it has reported that it is ready.
    greeted: bool,
    /// How many jobs it has received.
    pub served: u32,
}

impl Worker {
    /// Starts `program` as a worker that shares nothing with the server but two pipes.
    pub fn spawn(program: &Path) -> io::Result<Self> {
        let mut command = Command::new(program);
        #[cfg(unix)]
        command.arg0("jet-admin").current_dir("/");
        command.arg(ARGUMENT).env_clear().kill_on_drop(true);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let pipes = process.stdin.take().zip(process.stdout.take());
        let (input, output) = pipes.ok_or_else(|| io::Error::other("a process without pipes"))?;
        Ok(Self::new(input, output, Some(process)))
    }

    pub fn new(
        input: impl AsyncWrite + Send + Unpin + 'static,
        output: impl AsyncRead + Send + Unpin + 'static,
        process: Option<Child>,
    ) -> Self {
        Self { input: Box::new(input), output: BufReader::new(Box::new(output)), process, greeted: false, served: 0 }
    }

    /// Whether it is still running, as far as is known.
    pub fn is_alive(&mut self) -> bool {
        self.process.as_mut().is_none_or(|process| matches!(process.try_wait(), Ok(None)))
    }

    /// Sends a task and waits for its outcome. `sent` is set once the worker has the whole task.
    ///
    /// # Errors
    /// If the worker has died, or violates the protocol.
    pub async fn run(&mut self, task: &Arc<ScopedJob>, sent: &mut bool) -> io::Result<ScriptOutcome> {
        self.served += 1;
        let bounds = task.job.bounds;
        let frames = task.frames().await?;
        self.input.write_all(&frames).await?;
        drop(frames);
        *sent = true;
        // a script may read a variable more than once, but must not keep the server busy that way
        let mut left = bounds.memory;
        loop {
            match self.receive(bounds.longest_outcome(task.job.programs.len())).await? {
                (FrameKind::Ready, _) if !self.greeted => self.greeted = true,
                (FrameKind::Done, payload) => return Ok(wire::read_outcome(&payload)?),
                (FrameKind::Need, payload) => {
                    let key = wire::read_key(&mut FrameFields(&payload))?;
                    let frame = task.value_frame(key).await?.ok_or(wire::InvalidFrame)?;
                    left = left.checked_sub(frame.len()).ok_or(wire::InvalidFrame)?;
                    self.input.write_all(&frame).await?;
                }
                _ => return Err(wire::InvalidFrame.into()),
            }
        }
    }

    /// Tells it that nobody waits for its job any longer, and waits until the job has ended.
    ///
    /// # Errors
    /// As for [`Worker::run`].
    pub async fn cancel(&mut self, longest: usize) -> io::Result<()> {
        self.input.write_all(&FrameBuilder::new(FrameKind::Cancel).finish()).await?;
        loop {
            match self.receive(longest).await? {
                (FrameKind::Ready, _) if !self.greeted => self.greeted = true,
                (FrameKind::Done, _) => return Ok(()),
                // it receives `Cancel` instead of the value
                (FrameKind::Need, _) => {}
                _ => return Err(wire::InvalidFrame.into()),
            }
        }
    }

    /// Waits until it can take another job. Returns how many KiB of memory it holds.
    ///
    /// # Errors
    /// As for [`Worker::run`].
    pub async fn ready(&mut self) -> io::Result<usize> {
        match self.receive(HEAD).await? {
            (FrameKind::Ready, payload) => Ok(FrameFields(&payload).number()?),
            _ => Err(wire::InvalidFrame.into()),
        }
    }

    /// Returns how it ended; kills it and returns `None` if it has not.
    pub async fn end(mut self) -> Option<ExitStatus> {
        let process = self.process.as_mut()?;
        // a worker that has closed its pipe is about to end
        let ended = tokio::time::timeout(Duration::from_millis(200), process.wait()).await;
        if ended.is_err() {
            let _ = process.kill().await;
        }
        ended.ok().and_then(Result::ok)
    }

    /// Kills it, and waits until it has ended.
    pub async fn kill(mut self) {
        if let Some(process) = &mut self.process {
            let _ = process.kill().await;
        }
    }

    async fn receive(&mut self, longest: usize) -> io::Result<(FrameKind, Vec<u8>)> {
        let mut head = [0; HEAD];
        self.output.read_exact(&mut head).await?;
        let (kind, length) = wire::head(head, longest)?;
        let mut payload = vec![0; length];
        self.output.read_exact(&mut payload).await?;
        Ok((kind, payload))
    }
}
