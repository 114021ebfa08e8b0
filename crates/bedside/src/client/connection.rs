//! A connection to a server, in typed events.

use std::time::Duration;

use bedside_protocol::{ClientEvent, ClientEventKind, ServerEvent, ServerEventKind};
use futures::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Uri, header::AUTHORIZATION};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::failure::Failure;

/// A server must have answered the handshake, or taken a message, within this.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where to connect, and as whom.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// `ws://host:port`, with or without the path.
    pub(crate) url: String,
    /// The consultation protocol.
    pub(crate) model: Option<String>,
    /// An API key.
    pub(crate) key: Option<String>,
}

/// An open connection.
pub(crate) struct Connection {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    server: String,
}

impl Target {
    fn address(&self) -> Result<String, Failure> {
        let uri: Uri = self.url.parse().map_err(|_| self.wrong())?;
        let (Some("ws"), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(self.wrong());
        };
        let path = if uri.path() == "/" {
            "/v1/realtime"
        } else {
            uri.path()
        };
        let query = match &self.model {
            None => String::new(),
            Some(name)
                if name
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-._".contains(c)) =>
            {
                format!("?model={name}")
            }
            Some(name) => {
                return Err(Failure::usage(format_args!(
                    "--model: {name:?} is not a protocol's name"
                )));
            }
        };
        Ok(format!("ws://{authority}{path}{query}"))
    }

    fn wrong(&self) -> Failure {
        Failure::usage(format_args!(
            "--url: {:?} is not an address such as ws://127.0.0.1:8080",
            self.url
        ))
    }
}

impl Connection {
    /// Connects to `target`.
    pub(crate) async fn open(target: &Target) -> Result<Self, Failure> {
        let address = target.address()?;
        let mut request = address.into_client_request().map_err(|_| target.wrong())?;
        if let Some(key) = &target.key {
            let mut bearer = HeaderValue::try_from(format!("Bearer {key}"))
                .map_err(|_| Failure::usage("--key: not a key"))?;
            bearer.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, bearer);
        }
        let server = target.url.clone();
        let connecting = tokio::time::timeout(PATIENCE, tokio_tungstenite::connect_async(request));
        match connecting.await {
            Ok(Ok((socket, _))) => Ok(Self { socket, server }),
            Ok(Err(error)) => Err(Failure::unavailable(format_args!(
                "{server}: {}",
                refusal(&error)
            ))),
            Err(_) => Err(Failure::unavailable(format_args!("{server}: no answer"))),
        }
    }

    /// Sends an event.
    pub(crate) async fn send(&mut self, event: ClientEventKind) -> Result<(), Failure> {
        let text = serde_json::to_string(&ClientEvent::new(event)).map_err(Failure::internal)?;
        let sent = tokio::time::timeout(PATIENCE, self.socket.send(Message::text(text))).await;
        sent.is_ok_and(|sent| sent.is_ok())
            .then_some(())
            .ok_or_else(|| self.lost("the connection is lost"))
    }

    /// The next event that this client knows. Cancel-safe.
    pub(crate) async fn next(&mut self) -> Result<ServerEventKind, Failure> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    if let Ok(event) = serde_json::from_str::<ServerEvent>(&text) {
                        return Ok(event.kind);
                    }
                }
                Some(Ok(Message::Close(Some(frame)))) => {
                    return Err(self.lost(&format!("closed ({}): {}", u16::from(frame.code), frame.reason)));
                }
                Some(Ok(Message::Close(None)) | Err(_)) | None => {
                    return Err(self.lost("the connection is lost"));
                }
                Some(Ok(_)) => {}
            }
        }
    }

    /// Says goodbye.
    pub(crate) async fn close(mut self) {
        // A server that is gone already was also left.
        let _ = tokio::time::timeout(PATIENCE, self.socket.close(None)).await;
    }

    fn lost(&self, what: &str) -> Failure {
        Failure::unavailable(format_args!("{}: {what}", self.server))
    }
}

/// Why a handshake failed; a server's own words are the best explanation.
fn refusal(error: &tungstenite::Error) -> String {
    let tungstenite::Error::Http(response) = error else {
        return error.to_string();
    };
    let body: Option<serde_json::Value> = response
        .body()
        .as_ref()
        .and_then(|body| serde_json::from_slice(body).ok());
    let message = body.as_ref().and_then(|body| body["error"]["message"].as_str());
    message.map_or_else(|| response.status().to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(url: &str, model: Option<&str>) -> Result<String, Failure> {
        let (url, model) = (url.to_owned(), model.map(str::to_owned));
        Target {
            url,
            model,
            key: None,
        }
        .address()
    }

    #[test]
    fn the_path_may_be_left_out() {
        for url in [
            "ws://127.0.0.1:8080",
            "ws://127.0.0.1:8080/",
            "ws://127.0.0.1:8080/v1/realtime",
        ] {
            assert_eq!(
                address(url, None).as_deref(),
                Ok("ws://127.0.0.1:8080/v1/realtime")
            );
        }
        let named = address("ws://[::1]:80", Some("general-intake"));
        assert_eq!(
            named.as_deref(),
            Ok("ws://[::1]:80/v1/realtime?model=general-intake")
        );
    }

    #[test]
    fn other_schemes_and_odd_names_are_refused() {
        assert!(address("http://127.0.0.1:8080", None).is_err());
        assert!(address("127.0.0.1:8080", None).is_err());
        assert!(address("ws://127.0.0.1:8080", Some("a&b=c")).is_err());
    }
}
