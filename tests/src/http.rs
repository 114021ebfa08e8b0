//! Plain HTTP, and streams of server-sent events.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::program::Server;

/// Longest wait for an answer or an event that must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// An answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Status line and headers, in lower case.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }
}

/// Sends a request to `host:port` with these further headers (`Name: value`) and reads the answer.
pub(crate) async fn exchange(
    authority: &str,
    method: &str,
    path: &str,
    headers: &[&str],
    body: &str,
) -> Answer {
    let exchange = async {
        let mut stream = request(authority, method, path, headers, body).await;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        answer
    };
    let answer = timeout(PATIENCE, exchange).await.expect("an answer in time");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Answer {
        status: status.expect("a status"),
        head: head.to_lowercase(),
        body: body.to_owned(),
    }
}

async fn request(authority: &str, method: &str, path: &str, headers: &[&str], body: &str) -> TcpStream {
    let connecting = TcpStream::connect(authority);
    let mut stream = connecting.await.expect("the server accepts");
    let headers: String = headers.iter().map(|header| [header, "\r\n"].concat()).collect();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.expect("a request");
    stream
}

impl Server {
    /// Sends a request with these further headers (`Name: value`) and reads the answer.
    pub async fn http(&self, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
        exchange(self.authority(), method, path, headers, body).await
    }

    /// Opens a stream of server-sent events.
    pub async fn events(&self, path: &str, headers: &[&str]) -> EventStream {
        let stream = request(self.authority(), "GET", path, headers, "").await;
        EventStream {
            lines: BufReader::new(stream).lines(),
        }
    }
}

/// Server-sent events as they come.
#[derive(Debug)]
pub struct EventStream {
    lines: Lines<BufReader<TcpStream>>,
}

impl EventStream {
    /// Name (`message` if it has none) and data of the next event, which must come.
    pub async fn next(&mut self) -> (String, Value) {
        let mut name = "message".to_owned();
        loop {
            let line = timeout(PATIENCE, self.lines.next_line()).await;
            let line = line.expect("an event in time").expect("a connection");
            let line = line.expect("the stream goes on");
            if let Some(of) = line.strip_prefix("event: ") {
                of.clone_into(&mut name);
            } else if let Some(data) = line.strip_prefix("data: ") {
                return (name, serde_json::from_str(data).expect("events are JSON"));
            }
        }
    }

    /// Passes over events up to one of the wire of this type.
    pub async fn expect(&mut self, kind: &str) -> Value {
        loop {
            let (name, event) = self.next().await;
            assert_ne!(name, "ended", "no {kind} came");
            if event["type"] == kind {
                return event;
            }
        }
    }
}
