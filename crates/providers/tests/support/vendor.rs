//! A vendor's server in the test's own process: it keeps what it was asked and answers as it is told.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use futures::stream;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// How a request is answered.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// By a whole body.
    Whole(u16, String),
    /// By pieces of a body that ends.
    Pieces(Vec<String>),
    /// By pieces, and then the connection is cut.
    Cut(Vec<String>),
    /// By pieces, and then nothing more.
    Stall(Vec<String>),
    /// Never.
    Silence,
}

/// What was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: serde_json::Value,
}

#[derive(Debug, Default)]
struct Inner {
    answers: Mutex<VecDeque<Answer>>,
    asked: Mutex<Vec<Asked>>,
    /// Told when the connection of a stalled answer is given up.
    left: Mutex<Option<oneshot::Sender<()>>>,
}

/// The server. It stops with the test.
#[derive(Debug, Clone)]
pub(crate) struct Vendor {
    pub(crate) address: SocketAddr,
    inner: Arc<Inner>,
}

impl Vendor {
    /// Answers so many requests, one after the other; the last answer is repeated.
    pub(crate) async fn answering(answers: impl IntoIterator<Item = Answer>) -> Self {
        let inner = Arc::new(Inner {
            answers: Mutex::new(answers.into_iter().collect()),
            ..Inner::default()
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, inner }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.inner.asked.lock().unwrap().clone()
    }

    /// Resolves when the client of the next stalled answer is gone.
    pub(crate) fn left(&self) -> oneshot::Receiver<()> {
        let (tell, left) = oneshot::channel();
        *self.inner.left.lock().unwrap() = Some(tell);
        left
    }
}

async fn answer(State(inner): State<Arc<Inner>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    inner.asked.lock().unwrap().push(Asked {
        path: uri.to_string(),
        headers,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    });
    let answer = {
        let mut answers = inner.answers.lock().unwrap();
        let next = answers.front().cloned().unwrap();
        if answers.len() > 1 {
            answers.pop_front();
        }
        next
    };
    match answer {
        Answer::Whole(status, body) => respond(status, Body::from(body)),
        Answer::Pieces(pieces) => respond(200, streamed(pieces, End::Clean)),
        Answer::Cut(pieces) => respond(200, streamed(pieces, End::Cut)),
        Answer::Stall(pieces) => {
            let left = inner.left.lock().unwrap().take();
            respond(200, streamed(pieces, End::Never(left)))
        }
        Answer::Silence => std::future::pending().await,
    }
}

fn respond(status: u16, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

enum End {
    Clean,
    Cut,
    Never(Option<oneshot::Sender<()>>),
}

/// Each piece goes out on its own.
fn streamed(pieces: Vec<String>, end: End) -> Body {
    let state = (VecDeque::from(pieces), end);
    Body::from_stream(stream::unfold(state, |(mut pieces, end)| async move {
        // What went before is sent by now.
        tokio::task::yield_now().await;
        if let Some(piece) = pieces.pop_front() {
            return Some((Ok(piece), (pieces, end)));
        }
        match &end {
            End::Clean => None,
            End::Cut => Some((Err(std::io::Error::other("cut")), (pieces, End::Clean))),
            End::Never(_) => std::future::pending().await,
        }
    }))
}
