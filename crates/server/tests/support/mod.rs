//! A server on a free port of this machine, and a client for it.
// Every test file uses a part of this, and a failed expectation here fails the test.
#![allow(dead_code, clippy::expect_used)]

#[path = "../../../engine/tests/support/providers.rs"]
mod providers;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bedside_conversation::consultation::{Protocol, RedFlags};
use bedside_conversation::{Safety, SessionFunctions};
use bedside_engine::{Profile, Profiles, SessionLimits};
use bedside_protocol::{ServerVad, TurnDetection};
use bedside_server::{Access, App, HandshakeRate, Settings, bind, serve};
use futures::{SinkExt, StreamExt};
use providers::Script;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue, Response};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tokio_util::sync::CancellationToken;

pub(crate) const KEY: &str = "a-key-for-these-tests";

/// Nothing here takes longer than this unless it hangs.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) app: App,
    pub(crate) shutdown: CancellationToken,
    pub(crate) served: JoinHandle<()>,
}

pub(crate) struct Options {
    pub(crate) keys: Vec<String>,
    pub(crate) origins: Vec<String>,
    pub(crate) capacity: usize,
    pub(crate) limits: SessionLimits,
    pub(crate) handshakes: HandshakeRate,
    pub(crate) drain: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            keys: vec![KEY.to_owned()],
            origins: Vec::new(),
            capacity: 10,
            limits: SessionLimits::default(),
            handshakes: HandshakeRate::default(),
            drain: Duration::from_secs(5),
        }
    }
}

fn profile(name: &str) -> Profile {
    let script = Arc::new(Script {
        answer: "Where does it hurt?",
        transcript: "Ouch.",
        ..Script::default()
    });
    let protocol = Protocol::general_intake().expect("the embedded protocol");
    Profile {
        name: name.to_owned(),
        protocol: protocol.id.clone(),
        turn_detection: TurnDetection::ServerVad(ServerVad::default()),
        safety: Arc::new(Safety {
            emergency_sentence: protocol.emergency_sentence("en").to_owned(),
            red_flags: RedFlags::new(&protocol),
        }),
        chat: script.clone(),
        transcriber: script.clone(),
        synthesizer: script.clone(),
        detector: script.clone(),
        judge: script,
        vitals: None,
        instructions: String::new(),
        functions: SessionFunctions::default(),
        tools: Vec::new(),
        currency: "USD".to_owned(),
        echoes: false,
    }
}

impl Server {
    pub(crate) fn start(options: Options) -> Self {
        let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let settings = Settings {
            access: Access::new(address, options.keys, options.origins).expect("a safe configuration"),
            capacity: options.capacity.into(),
            limits: options.limits,
            handshakes: options.handshakes,
        };
        let app = App::new(settings, Profiles::new(profile("intake"), [profile("follow-up")]));
        app.set_ready(true);
        let shutdown = CancellationToken::new();
        let served = tokio::spawn(serve(listener, app.clone(), shutdown.clone(), options.drain));
        Self {
            address,
            app,
            shutdown,
            served,
        }
    }

    /// Opens a session: `path` and query, and headers.
    pub(crate) async fn connect(&self, path: &str, headers: &[(&str, &str)]) -> Result<Socket, Error> {
        let url = format!("ws://{}{path}", self.address);
        let mut request = url.into_client_request()?;
        for (name, value) in headers {
            let name: HeaderName = name.parse().expect("a header name");
            request
                .headers_mut()
                .insert(name, HeaderValue::from_str(value).expect("a header value"));
        }
        let connected = tokio::time::timeout(PATIENCE, connect_async(request))
            .await
            .expect("an answer");
        connected.map(|(socket, response)| Socket { socket, response })
    }

    pub(crate) async fn enter(&self) -> Socket {
        let bearer = format!("Bearer {KEY}");
        self.connect("/v1/realtime", &[("authorization", &bearer)])
            .await
            .expect("a session")
    }

    /// Why a handshake is refused: status, error code, and the named header.
    pub(crate) async fn refusal(&self, path: &str, headers: &[(&str, &str)]) -> Refused {
        match self.connect(path, headers).await {
            Err(Error::Http(response)) => {
                let body = response.body().as_deref().unwrap_or_default();
                let body: Value = serde_json::from_slice(body).expect("a JSON body");
                Refused {
                    status: response.status().as_u16(),
                    code: body["error"]["code"].as_str().unwrap_or_default().to_owned(),
                    retry_after: response.headers().contains_key("retry-after"),
                }
            }
            Err(error) => panic!("not an HTTP answer: {error}"),
            Ok(_) => panic!("not refused"),
        }
    }

    /// Asks for an ephemeral key with a body that never ends; returns the status, once the connection is closed.
    pub(crate) async fn unfinished_post(&self, headers: &str) -> u16 {
        let exchange = async {
            let mut stream = TcpStream::connect(self.address).await?;
            let head = format!(
                "POST /v1/realtime/client_secrets HTTP/1.1\r\nHost: {}\r\nContent-Length: 9\r\n{headers}\r\n{{",
                self.address
            );
            stream.write_all(head.as_bytes()).await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await?;
            std::io::Result::Ok(answer)
        };
        let answer = tokio::time::timeout(PATIENCE, exchange).await;
        status(&answer.expect("an answer").expect("a connection"))
    }

    /// A plain HTTP exchange: status and body.
    pub(crate) async fn http(&self, method: &str, path: &str, headers: &str, body: &str) -> (u16, String) {
        let exchange = async {
            let mut stream = TcpStream::connect(self.address).await?;
            let request = format!(
                "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}",
                self.address,
                body.len()
            );
            stream.write_all(request.as_bytes()).await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await?;
            std::io::Result::Ok(answer)
        };
        let answer = tokio::time::timeout(PATIENCE, exchange)
            .await
            .expect("an answer")
            .expect("a connection");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        (status(head), body.to_owned())
    }
}

/// The status of an HTTP answer.
fn status(answer: &str) -> u16 {
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.expect("a status")
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) retry_after: bool,
}

impl Refused {
    pub(crate) fn is(&self, status: u16, code: &str) -> bool {
        (self.status, self.code.as_str()) == (status, code)
    }
}

pub(crate) struct Socket {
    pub(crate) socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) response: Response<Option<Vec<u8>>>,
}

impl Socket {
    pub(crate) async fn send(&mut self, event: Value) {
        self.socket
            .send(Message::text(event.to_string()))
            .await
            .expect("the session lives");
    }

    /// Waits for an event of this type.
    pub(crate) async fn expect(&mut self, kind: &str) -> Value {
        let wait = async {
            while let Some(Ok(message)) = self.socket.next().await {
                let Message::Text(text) = message else { continue };
                let event: Value = serde_json::from_str(&text).expect("JSON");
                if event["type"] == kind {
                    return event;
                }
            }
            panic!("closed before {kind}");
        };
        tokio::time::timeout(PATIENCE, wait).await.expect(kind)
    }

    /// The code with which the server closes.
    pub(crate) async fn close_code(&mut self) -> Option<u16> {
        let wait = async {
            while let Some(Ok(message)) = self.socket.next().await {
                if let Message::Close(frame) = message {
                    return frame.map(|frame| frame.code.into());
                }
            }
            None
        };
        tokio::time::timeout(PATIENCE, wait).await.expect("a close")
    }
}
