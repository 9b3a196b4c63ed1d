use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;

/// One connection that is kept alive. One request at a time.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// When requests are due.
pub(crate) struct Pace {
    interval: Duration,
    due: Instant,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; 8_192] })
    }

    /// Sends a request, reads its answer, and says the status.
    pub(crate) fn ask(&mut self, request: &[u8]) -> Result<u16> {
        self.stream.write_all(request)?;
        let mut read = 0;
        loop {
            let more = self.stream.read(&mut self.buffer[read..])?;
            read += more;
            if more == 0 {
                return Err("the server closed the connection".into());
            }
            if let Some((status, length)) = answer(&self.buffer[..read])
                && length <= read
            {
                return Ok(status);
            }
        }
    }
}

/// The status and the length of an answer, once its head is there.
fn answer(bytes: &[u8]) -> Option<(u16, usize)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (head, _) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    Some((status, head.len() + 4 + length.parse::<usize>().ok()?))
}

impl Pace {
    /// So many a second.
    pub(crate) fn of(rate: u32) -> Self {
        Self { interval: Duration::from_secs(1) / rate, due: Instant::now() }
    }

    /// From now on, whatever was due.
    pub(crate) fn begin(&mut self) {
        self.due = Instant::now();
    }

    /// Waits for the next request, and says since when it is under way: since it was due, where the
    /// one before took too long.
    pub(crate) fn next(&mut self) -> Instant {
        self.due += self.interval;
        let early = self.due.saturating_duration_since(Instant::now());
        if early.is_zero() {
            return self.due;
        }
        thread::sleep(early);
        Instant::now()
    }
}
