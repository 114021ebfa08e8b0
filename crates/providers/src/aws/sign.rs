//! Signatures for services of one's own that admit who AWS knows (API Gateway, say).

use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;

use crate::fault::ConfigFault;

/// Signs requests to one service with the process's credentials (Signature Version 4).
#[derive(Debug, Clone)]
pub struct Signer {
    credentials: SharedCredentialsProvider,
    region: String,
    service: String,
}

/// A request could not be signed: there are no credentials, or it is not a request.
#[derive(Debug)]
pub(crate) struct Unsigned;

impl Signer {
    /// Signs for `service`, such as `execute-api` of API Gateway or `lambda`.
    pub fn new(sdk: &SdkConfig, service: &str) -> Result<Self, ConfigFault> {
        let credentials = sdk
            .credentials_provider()
            .ok_or_else(|| ConfigFault::new("auth", "there are no credentials of AWS"))?;
        Ok(Self {
            credentials,
            region: super::region(None, sdk)?.to_string(),
            service: service.to_owned(),
        })
    }

    /// The headers that a request must carry beside `headers`, which it must carry unchanged. Getting credentials may
    /// take a request of its own: whoever calls it limits its time.
    pub(crate) async fn sign(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Vec<(String, String)>, Unsigned> {
        let credentials = self
            .credentials
            .provide_credentials()
            .await
            .map_err(|_| Unsigned)?;
        let identity = credentials.into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(&self.service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|_| Unsigned)?
            .into();
        let request = SignableRequest::new(method, url, headers.iter().copied(), SignableBody::Bytes(body))
            .map_err(|_| Unsigned)?;
        let (instructions, _) = sign(request, &params).map_err(|_| Unsigned)?.into_parts();
        let (headers, _) = instructions.into_parts();
        Ok(headers
            .into_iter()
            .map(|header| (header.name().to_owned(), header.value().to_owned()))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use aws_config::Region;
    use aws_credential_types::Credentials;

    use super::*;

    #[tokio::test]
    async fn a_signature_covers_the_host_and_the_token() {
        let credentials = Credentials::new("AKIDEXAMPLE", "hush", Some("session".into()), None, "test");
        let sdk = SdkConfig::builder()
            .region(Region::new("eu-north-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build();
        let signer = Signer::new(&sdk, "execute-api").unwrap();
        let headers = signer
            .sign(
                "POST",
                "https://reader.example/read",
                &[("content-type", "application/json")],
                b"{}",
            )
            .await
            .unwrap();
        let value = |name: &str| {
            let (_, value) = headers.iter().find(|(header, _)| header == name).unwrap();
            value.clone()
        };
        assert_eq!(value("x-amz-security-token"), "session");
        let authorization = value("authorization");
        assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"));
        assert!(authorization.contains("/eu-north-1/execute-api/aws4_request"));
        assert!(authorization.contains("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token,"));
        assert!(!authorization.contains("hush"));
    }

    #[test]
    fn without_credentials_it_says_so() {
        let sdk = SdkConfig::builder().build();
        assert_eq!(Signer::new(&sdk, "lambda").unwrap_err().field, "auth");
    }
}
