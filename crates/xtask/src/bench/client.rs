use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use crate::failure::{Failure, Result};

/// One connection that is kept alive. One request at a time.
pub(crate) struct Connection {
    stream: TcpStream,
    /// How long an answer is; all are alike.
    answer: usize,
    buffer: Vec<u8>,
}

/// Requests of a target with all these keys.
pub(crate) fn requests(target: &str, keys: &[String]) -> Vec<Vec<u8>> {
    let request = |key: &String| {
        format!(
            "GET {target} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\
             User-Agent: xtask\r\nAuthorization: Bearer {key}\r\n\r\n"
        )
    };
    keys.iter().map(|key| request(key).into_bytes()).collect()
}

impl Connection {
    /// Connects, and learns from a first answer how long answers are.
    pub(crate) fn open(address: SocketAddr, request: &[u8]) -> Result<Self> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.write_all(request)?;
        let mut buffer = vec![0; 4096];
        let mut read = 0;
        let answer = loop {
            let more = stream.read(&mut buffer[read..])?;
            read += more;
            if let Some(length) = length(&buffer[..read]) {
                break length;
            }
            if more == 0 {
                return Err(Failure::new("the server closed the connection"));
            }
        };
        while read < answer {
            read += stream.read(&mut buffer[read..])?;
        }
        buffer.truncate(answer);
        Ok(Self { stream, answer, buffer })
    }

    pub(crate) fn send(&mut self, request: &[u8]) -> Result<()> {
        Ok(self.stream.write_all(request)?)
    }

    /// Reads one answer, which must be a good one.
    pub(crate) fn receive(&mut self) -> Result<()> {
        self.stream.read_exact(&mut self.buffer[..self.answer])?;
        if self.buffer.starts_with(b"HTTP/1.1 200 ") {
            Ok(())
        } else {
            Err(Failure::new(String::from_utf8_lossy(&self.buffer).into_owned()))
        }
    }
}

/// How long the answer is that begins so, once its head is there.
fn length(answer: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(answer).ok()?;
    let (head, _) = text.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    Some(head.len() + 4 + length.parse::<usize>().ok()?)
}
