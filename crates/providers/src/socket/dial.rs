use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bedside_conversation::io::FaultKind;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{Connector, connect_async_tls_with_config};

use super::{Socket, error_kind};

/// Zero-filled at every read: small is fast.
const READ_BUFFER: usize = 4 * 1024;

/// One write takes this much; more is written at once.
const WRITE_BUFFER: usize = 16 * 1024;

/// How a vendor is reached. It holds a key, and so has no way to be shown.
pub(crate) struct Dial {
    /// The address, with its query.
    pub(crate) url: String,
    /// Headers of the handshake.
    pub(crate) headers: Vec<(HeaderName, String)>,
    /// The largest message taken, bytes.
    pub(crate) largest: usize,
    /// Bytes that may wait to be written; past it the connection has failed.
    pub(crate) most_unsent: usize,
    /// How long it may take, from the name to the answered handshake.
    pub(crate) limit: Duration,
}

impl Dial {
    /// Connects.
    pub(crate) async fn dial(self) -> Result<Socket, FaultKind> {
        let mut request = self.url.into_client_request().map_err(|_| FaultKind::Refused)?;
        for (name, value) in self.headers {
            let mut value = HeaderValue::try_from(value).map_err(|_| FaultKind::Refused)?;
            value.set_sensitive(true);
            request.headers_mut().insert(name, value);
        }
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(WRITE_BUFFER)
            .max_write_buffer_size(self.most_unsent.max(2 * WRITE_BUFFER))
            .max_message_size(Some(self.largest))
            .max_frame_size(Some(self.largest));
        let connector = (request.uri().scheme_str() == Some("wss")).then(|| Connector::Rustls(tls()));
        let connecting = connect_async_tls_with_config(request, Some(config), true, connector);
        match timeout(self.limit, connecting).await {
            Err(_) => Err(FaultKind::Timeout),
            Ok(Err(error)) => Err(error_kind(&error)),
            Ok(Ok((stream, _))) => Ok(Socket(stream)),
        }
    }
}

/// The machine's trusted roots, read once. With none, no vendor is trusted.
fn tls() -> Arc<ClientConfig> {
    static TLS: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    Arc::clone(TLS.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        let (_, unreadable) = roots.add_parsable_certificates(found.certs);
        if roots.is_empty() || unreadable > 0 {
            tracing::warn!(trusted = roots.len(), unreadable, "certificate authorities");
        }
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions();
        // The provider has suites for every version that it is built with.
        let config = config.unwrap_or_else(|_| ClientConfig::builder());
        Arc::new(config.with_root_certificates(roots).with_no_client_auth())
    }))
}
