use std::sync::Arc;
use std::time::Duration;

use bedside_conversation::io::{FaultKind, StageFault};
use bedside_conversation::service::Unit;
use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName};
use reqwest::{Client, RequestBuilder, Url};
use tokio::time::{Instant, sleep, timeout_at};

use super::{Config, codec};
#[cfg(feature = "aws")]
use crate::aws::sign::Signer;
use crate::fault::ConfigFault;
use crate::http;
use crate::report::Reporter;
use crate::secret::Secret;
use crate::traits::{DevicePicture, DeviceReader, DeviceReading};

/// Bytes of an answer that are read.
const LONGEST: usize = 256 * 1024;

/// How a service knows us.
#[derive(Debug, Clone)]
pub enum Access {
    /// It admits everybody.
    Open,
    /// By a key, in the header of [`Config::key_header`].
    Key(Secret),
    /// By a signature of AWS.
    #[cfg(feature = "aws")]
    Signed(Signer),
}

/// A computer-vision service that takes a picture and returns what it detected.
#[derive(Debug, Clone)]
pub struct HttpDeviceReader {
    name: &'static str,
    config: Arc<Config>,
    url: Url,
    key_header: HeaderName,
    access: Access,
    client: Client,
}

impl HttpDeviceReader {
    /// A service called `name` in events and metrics.
    pub fn new(name: &'static str, config: Config, access: Access) -> Result<Self, ConfigFault> {
        let url = http::address("url", &config.url, "")?;
        if !(0.0..=1.0).contains(&config.confidence_threshold) {
            return Err(ConfigFault::new("confidence_threshold", "must be from 0 to 1"));
        }
        if config.attempts == 0 {
            return Err(ConfigFault::new("attempts", "must be at least 1"));
        }
        let key_header = HeaderName::try_from(&config.key_header)
            .map_err(|_| ConfigFault::new("key_header", "must be the name of a header"))?;
        let client = http::client(Duration::from_millis(config.connect_timeout_ms))?;
        Ok(Self {
            name,
            config: Arc::new(config),
            url,
            key_header,
            access,
            client,
        })
    }

    /// Tries until there is an answer, a refusal, or no time left.
    async fn attempts(self, picture: DevicePicture, reporter: Reporter) -> Result<DeviceReading, FaultKind> {
        let config = &self.config;
        let deadline = Instant::now() + Duration::from_millis(config.timeout_ms);
        let body = codec::request(&picture, config.confidence_threshold).to_string();
        let body = Bytes::from(body);
        let mut pause = Duration::from_millis(config.backoff_ms);
        let mut left = config.attempts;
        loop {
            left -= 1;
            let within = Instant::now() + Duration::from_millis(config.attempt_timeout_ms);
            let fault = match self.attempt(body.clone(), within.min(deadline)).await {
                Ok(reading) => {
                    reporter.used(Unit::Requests, 1.0);
                    return Ok(reading);
                }
                Err(fault) => fault,
            };
            if left == 0 || fault == FaultKind::Refused || Instant::now() + pause >= deadline {
                return Err(fault);
            }
            sleep(pause).await;
            pause *= 2;
        }
    }

    async fn attempt(&self, body: Bytes, deadline: Instant) -> Result<DeviceReading, FaultKind> {
        let request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .body(body.clone());
        let request = timeout_at(deadline, self.admitted(request, &body))
            .await
            .map_err(|_| FaultKind::Timeout)??;
        let response = http::send(request, deadline).await?;
        let (body, cut) = http::body(response, LONGEST, deadline).await?;
        if cut {
            return Err(FaultKind::Internal);
        }
        codec::reading(&body, self.config.confidence_threshold)
    }

    #[cfg_attr(
        not(feature = "aws"),
        allow(clippy::unused_async, unused_variables, reason = "signing reads and waits")
    )]
    async fn admitted(&self, request: RequestBuilder, body: &[u8]) -> Result<RequestBuilder, FaultKind> {
        match &self.access {
            Access::Open => Ok(request),
            Access::Key(key) if self.key_header == AUTHORIZATION => http::with_bearer(request, Some(key)),
            Access::Key(key) => Ok(request.header(&self.key_header, http::sensitive(&key.expose())?)),
            #[cfg(feature = "aws")]
            Access::Signed(signer) => signed(request, signer, &self.url, body).await,
        }
    }
}

#[cfg(feature = "aws")]
async fn signed(
    mut request: RequestBuilder,
    signer: &Signer,
    url: &Url,
    body: &[u8],
) -> Result<RequestBuilder, FaultKind> {
    let headers = signer
        .sign(
            "POST",
            url.as_str(),
            &[("content-type", "application/json")],
            body,
        )
        .await
        .map_err(|_| FaultKind::Refused)?;
    for (name, value) in headers {
        request = request.header(name, http::sensitive(&value)?);
    }
    Ok(request)
}

impl DeviceReader for HttpDeviceReader {
    fn name(&self) -> &'static str {
        self.name
    }

    fn read(
        &self,
        picture: DevicePicture,
        reporter: Reporter,
    ) -> BoxFuture<'static, Result<DeviceReading, StageFault>> {
        let reader = self.clone();
        let provider = self.name;
        async move {
            reader
                .attempts(picture, reporter)
                .await
                .map_err(|kind| StageFault { provider, kind })
        }
        .boxed()
    }
}
