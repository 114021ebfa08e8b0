//! A small HTTP server that answers as it was told, frame by frame.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// How one request is answered.
pub(crate) enum Answer {
    /// With a JSON text.
    Json {
        status: u16,
        /// `x-amzn-ErrorType`, if it is an error.
        error: Option<&'static str>,
        body: String,
    },
    /// With a stream of events.
    Stream(Vec<Step>),
    /// Never.
    Silence,
    /// By closing the connection.
    Cut,
}

/// With an error of the service.
pub(crate) fn refused(status: u16, error: &'static str) -> Answer {
    Answer::Json {
        status,
        error: Some(error),
        body: r#"{"message":"no"}"#.to_owned(),
    }
}

/// A step of a stream.
pub(crate) enum Step {
    /// Bytes, in one chunk.
    Bytes(Vec<u8>),
    /// Nothing any more.
    Stall,
    /// The connection is closed within the body.
    Cut,
}

/// A request that came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// The connection it came on, counted from 0.
    pub(crate) connection: usize,
    /// Method and path.
    pub(crate) line: String,
    /// Names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(header, _)| header == name);
        header.map(|(_, value)| value.as_str())
    }
}

pub(crate) struct Server {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

struct Shared {
    answers: Mutex<VecDeque<Answer>>,
    requests: Mutex<Vec<Request>>,
    came: Notify,
}

impl Server {
    /// Answers one request after the other; those beyond with a refusal.
    pub(crate) async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            answers: Mutex::new(answers.into_iter().collect()),
            requests: Mutex::default(),
            came: Notify::new(),
        });
        let of_task = Arc::clone(&shared);
        tokio::spawn(async move {
            for connection in 0.. {
                let (socket, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(socket, connection, Arc::clone(&of_task)));
            }
        });
        Self { url, shared }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// Waits until so many requests have come.
    pub(crate) async fn until(&self, requests: usize) {
        loop {
            let came = self.shared.came.notified();
            if self.shared.requests.lock().unwrap().len() >= requests {
                return;
            }
            came.await;
        }
    }
}

async fn serve(mut socket: TcpStream, connection: usize, shared: Arc<Shared>) {
    let mut buffer = Vec::new();
    while let Some(request) = read(&mut socket, &mut buffer, connection).await {
        shared.requests.lock().unwrap().push(request);
        let answer = shared.answers.lock().unwrap().pop_front();
        shared.came.notify_waiters();
        let answer = answer.unwrap_or_else(|| refused(403, "AccessDeniedException"));
        if !reply(&mut socket, answer).await {
            return;
        }
    }
}

/// Whether the connection goes on.
async fn reply(socket: &mut TcpStream, answer: Answer) -> bool {
    match answer {
        Answer::Cut => return false,
        Answer::Silence => std::future::pending().await,
        Answer::Json { status, error, body } => {
            let error = error.map_or(String::new(), |kind| format!("x-amzn-ErrorType: {kind}\r\n"));
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\n{error}content-length: {length}\r\n\r\n"
            );
            socket.write_all(head.as_bytes()).await.unwrap();
            socket.write_all(body.as_bytes()).await.unwrap();
        }
        Answer::Stream(steps) => {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\n\
                        transfer-encoding: chunked\r\n\r\n";
            socket.write_all(head.as_bytes()).await.unwrap();
            for step in steps {
                match step {
                    Step::Bytes(bytes) => {
                        let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
                        chunk.extend(bytes);
                        chunk.extend(b"\r\n");
                        if socket.write_all(&chunk).await.is_err() {
                            return false;
                        }
                    }
                    Step::Stall => std::future::pending().await,
                    Step::Cut => return false,
                }
            }
            return socket.write_all(b"0\r\n\r\n").await.is_ok();
        }
    }
    true
}

async fn read(socket: &mut TcpStream, buffer: &mut Vec<u8>, connection: usize) -> Option<Request> {
    let end = loop {
        if let Some(end) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break end;
        }
        if socket.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(buffer[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap().trim_end_matches(" HTTP/1.1").to_owned();
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .map_or(0, |(_, value)| value.parse().unwrap());
    let begin = end + 4;
    while buffer.len() < begin + length {
        if socket.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    let body = buffer[begin..begin + length].to_vec();
    buffer.drain(..begin + length);
    Some(Request {
        connection,
        line,
        headers,
        body,
    })
}

/// One event as a frame.
pub(crate) fn event(kind: &str, payload: &str) -> Vec<u8> {
    frame(
        &[
            (":event-type", kind),
            (":content-type", "application/json"),
            (":message-type", "event"),
        ],
        payload.as_bytes(),
    )
}

/// An exception as a frame.
pub(crate) fn exception(kind: &str, payload: &str) -> Vec<u8> {
    frame(
        &[
            (":exception-type", kind),
            (":content-type", "application/json"),
            (":message-type", "exception"),
        ],
        payload.as_bytes(),
    )
}

/// A frame of the event stream encoding: lengths, headers, payload, and checksums of the lengths and of the whole.
pub(crate) fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let mut written = Vec::new();
    for (name, value) in headers {
        written.push(name.len() as u8);
        written.extend(name.as_bytes());
        written.push(7);
        written.extend((value.len() as u16).to_be_bytes());
        written.extend(value.as_bytes());
    }
    let total = 12 + written.len() + payload.len() + 4;
    let mut frame = Vec::with_capacity(total);
    frame.extend((total as u32).to_be_bytes());
    frame.extend((written.len() as u32).to_be_bytes());
    frame.extend(crc32fast::hash(&frame).to_be_bytes());
    frame.extend(written);
    frame.extend(payload);
    frame.extend(crc32fast::hash(&frame).to_be_bytes());
    frame
}
