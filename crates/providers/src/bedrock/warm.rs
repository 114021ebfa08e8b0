//! A connection that is open when a patient has finished speaking.

use std::sync::Weak;
use std::time::Duration;

use aws_sdk_bedrockruntime::Client;
use tokio::time::{sleep, timeout};

/// At most this long for an answer.
const LIMIT: Duration = Duration::from_secs(5);

/// Opens a connection at once and keeps it, until the client is dropped. What is asked is a list that is empty in most
/// accounts and costs nothing; a refusal is as good, since the connection and the credentials are there then.
/// `ConverseStream` has no request that does nothing, and an invalid one would be counted among the operators' errors.
pub(super) async fn keep_warm(client: Weak<Client>, every: Duration) {
    while let Some(client) = client.upgrade() {
        let request = client.list_async_invokes().max_results(1).send();
        if timeout(LIMIT, request).await.is_err() {
            tracing::debug!("Bedrock did not answer to keep a connection open");
        }
        drop(client);
        sleep(every).await;
    }
}
