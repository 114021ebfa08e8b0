//! The server that load is put on.

use secrecy::{ExposeSecret, SecretString};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Uri, header::AUTHORIZATION};

use crate::error::LoadError;

/// The path of the Realtime API.
const PATH: &str = "/v1/realtime";

/// The server that load is put on.
#[derive(Debug, Clone, Default)]
pub struct Target {
    /// `ws://host:port` or `wss://host`, with or without the path.
    pub url: String,
    /// The model for patients who speak or look into a camera, if the scenario names none.
    pub model: Option<String>,
    /// An API key.
    pub key: Option<SecretString>,
    /// The server's process on this machine. Without one, its `/metrics` are asked what it takes.
    pub process: Option<u32>,
}

impl Target {
    /// A request to connect, with this query.
    pub(crate) fn request(&self, query: &str) -> Result<Request, LoadError> {
        let uri = self.uri()?;
        let path = if uri.path() == "/" { PATH } else { uri.path() };
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(self.wrong());
        };
        let separator = if query.is_empty() { "" } else { "?" };
        let address = format!("{scheme}://{authority}{path}{separator}{query}");
        let mut request = address.into_client_request().map_err(|_| self.wrong())?;
        if let Some(key) = &self.key {
            let mut bearer = HeaderValue::try_from(format!("Bearer {}", key.expose_secret()))
                .map_err(|_| LoadError::Key)?;
            bearer.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, bearer);
        }
        Ok(request)
    }

    /// Host and port of a server that can be asked over plain HTTP.
    pub(crate) fn plain_authority(&self) -> Option<String> {
        let uri = self.uri().ok()?;
        let authority = uri.authority()?;
        let port = authority.port_u16().unwrap_or(80);
        (uri.scheme_str() == Some("ws")).then(|| format!("{}:{port}", authority.host()))
    }

    fn uri(&self) -> Result<Uri, LoadError> {
        let uri: Uri = self.url.parse().map_err(|_| self.wrong())?;
        let plain = uri.query().is_none() && uri.authority().is_some_and(|host| !host.as_str().contains('@'));
        let known = matches!(uri.scheme_str(), Some("ws" | "wss"));
        if known && plain {
            Ok(uri)
        } else {
            Err(self.wrong())
        }
    }

    fn wrong(&self) -> LoadError {
        LoadError::Address(self.url.clone())
    }
}

/// `model=NAME`; names with other characters than a query takes are no models.
pub(crate) fn model_query(model: Option<&str>) -> String {
    let plain = |name: &&str| {
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    };
    model
        .filter(plain)
        .map_or_else(String::new, |name| format!("model={name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> Target {
        Target {
            url: url.to_owned(),
            ..Target::default()
        }
    }

    #[test]
    fn the_path_may_be_left_out_and_the_key_is_sent() {
        let mut target = target("ws://127.0.0.1:8080");
        target.key = Some("k".into());
        let request = target.request("model=echo").unwrap();
        assert_eq!(
            request.uri().to_string(),
            "ws://127.0.0.1:8080/v1/realtime?model=echo"
        );
        assert_eq!(request.headers()[AUTHORIZATION], "Bearer k");
        assert_eq!(target.plain_authority().as_deref(), Some("127.0.0.1:8080"));
    }

    #[test]
    fn other_addresses_are_refused() {
        for url in [
            "http://a",
            "127.0.0.1:80",
            "ws://a/v1/realtime?model=b",
            "ws://user:secret@a",
        ] {
            assert!(target(url).request("").is_err(), "{url}");
        }
        let full = target("wss://a.example/openai/v1/realtime");
        assert_eq!(full.request("").unwrap().uri().path(), "/openai/v1/realtime");
        assert_eq!(full.plain_authority(), None);
    }
}
