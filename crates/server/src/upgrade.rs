//! From an HTTP request to a WebSocket.

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Request, header};
use axum::response::Response;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::error::ApiError;
use crate::socket::Messages;

/// The subprotocol browsers name beside their key.
const SUBPROTOCOL: &str = "realtime";

/// The library's own default, 128 KiB, is zeroed on every read; a frame of audio fits in this.
const READ_BUFFER: usize = 4 * 1024;

/// Messages of one turn leave in one write up to this size.
const WRITE_BUFFER: usize = 16 * 1024;

/// The most that waits in user space for a client that does not read; beyond it the connection is given up.
const WRITE_BUFFER_LIMIT: usize = 4 * 1024 * 1024;

/// The largest message that is read at all. The sessions' own limit is lower; between the two a client learns why it
/// is closed, beyond this one it may see the connection break first.
const MESSAGE_LIMIT: usize = 16 * 1024 * 1024;

/// A handshake that asks for a WebSocket as it should.
///
/// The connection is taken back from HTTP as the plain TCP stream it is: what the web framework would put around it
/// costs every frame of audio.
pub(crate) struct Upgrade {
    connection: OnUpgrade,
    response: Response<()>,
}

impl<S: Sync> FromRequestParts<S> for Upgrade {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut request = Request::new(());
        *request.method_mut() = parts.method.clone();
        *request.version_mut() = parts.version;
        *request.headers_mut() = parts.headers.clone();
        let mut response = create_response(&request).map_err(|_| ApiError::UpgradeRequired)?;
        if offers(&parts.headers, SUBPROTOCOL) {
            let chosen = HeaderValue::from_static(SUBPROTOCOL);
            response
                .headers_mut()
                .insert(header::SEC_WEBSOCKET_PROTOCOL, chosen);
        }
        let connection = parts.extensions.remove::<OnUpgrade>();
        Ok(Self {
            connection: connection.ok_or(ApiError::UpgradeRequired)?,
            response,
        })
    }
}

impl Upgrade {
    /// The answer to the handshake, after which `talk` has the connection.
    pub(crate) fn accept<F>(self, talk: impl FnOnce(Messages) -> F + Send + 'static) -> Response
    where
        F: Future<Output = ()> + Send,
    {
        let connection = self.connection;
        tokio::spawn(async move {
            // A client that is gone before it has the answer is no news.
            let Ok(upgraded) = connection.await else {
                return;
            };
            let Some(socket) = web_socket(upgraded).await else {
                tracing::error!("a connection is not the TCP stream that was accepted");
                return;
            };
            talk(Messages::new(socket)).await;
        });
        self.response.map(|()| Body::empty())
    }
}

async fn web_socket(upgraded: Upgraded) -> Option<WebSocketStream<TcpStream>> {
    let parts = upgraded.downcast::<TokioIo<TcpStream>>().ok()?;
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(WRITE_BUFFER_LIMIT)
        .max_message_size(Some(MESSAGE_LIMIT))
        .max_frame_size(Some(MESSAGE_LIMIT));
    let (stream, read) = (parts.io.into_inner(), parts.read_buf.into());
    Some(WebSocketStream::from_partially_read(stream, read, Role::Server, Some(config)).await)
}

fn offers(headers: &HeaderMap, subprotocol: &str) -> bool {
    headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .flat_map(|offered| offered.as_bytes().split(|&byte| byte == b','))
        .any(|offered| offered.trim_ascii() == subprotocol.as_bytes())
}
