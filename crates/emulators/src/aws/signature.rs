//! Whether a request was signed as AWS demands: Signature Version 4 over the headers it names, or a bearer token.
//!
//! Algorithm: "Signature Version 4 for API requests" of the AWS IAM user guide, without the rules peculiar to S3.

use std::fmt::Write;
use std::time::Duration;

use axum::http::{HeaderMap, Method, Uri};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::hub::hex;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// How far the date of a request may be from now.
const SKEW: Duration = Duration::from_secs(300);

/// The credentials that stand-ins of AWS services accept.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Credentials {
    /// Access key id.
    pub(crate) access_key: String,
    /// Secret access key.
    pub(crate) secret_key: String,
    /// Bearer token, of Bedrock alone.
    pub(crate) bearer: String,
}

impl Default for Credentials {
    /// The pair `AKIDEMULATOR` and `secret`, and the token `emulator-token`.
    fn default() -> Self {
        Self {
            access_key: "AKIDEMULATOR".to_owned(),
            secret_key: "secret".to_owned(),
            bearer: "emulator-token".to_owned(),
        }
    }
}

/// Why a request is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Denied {
    /// No `Authorization` header.
    #[error("Missing Authentication Token")]
    Missing,
    /// The header is not what Signature Version 4 asks for.
    #[error("Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters.")]
    Incomplete,
    /// An unknown access key or token.
    #[error("The security token included in the request is invalid.")]
    UnknownKey,
    /// Signed for another service or day.
    #[error("Credential should be scoped to the correct service and date.")]
    Scope,
    /// A header that must be signed is not.
    #[error("'Host' and 'X-Amz-Date' must be signed headers of the request.")]
    Unsigned,
    /// Signed too long ago, or in the future.
    #[error("Signature expired: the date of the request is not within 5 min. of the server's.")]
    Expired,
    /// The signature is wrong.
    #[error(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access \
         Key and signing method. Consult the service documentation for details."
    )]
    Mismatch,
}

impl Denied {
    /// The name of the error in AWS's answers.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Missing => "MissingAuthenticationTokenException",
            Self::Incomplete => "IncompleteSignatureException",
            Self::UnknownKey => "UnrecognizedClientException",
            Self::Scope | Self::Unsigned | Self::Expired | Self::Mismatch => "InvalidSignatureException",
        }
    }
}

/// The parts of a request that are signed.
pub(crate) struct Signed<'a> {
    pub(crate) method: &'a Method,
    pub(crate) uri: &'a Uri,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

impl Signed<'_> {
    /// Checks the request against `credentials` for `service`, `bedrock` for instance; `now` is the time since 1970.
    pub(crate) fn verify(
        &self,
        service: &str,
        credentials: &Credentials,
        now: Duration,
    ) -> Result<(), Denied> {
        let authorization = self.header("authorization").ok_or(Denied::Missing)?;
        if let Some(token) = authorization.strip_prefix("Bearer ") {
            let known = service == "bedrock" && token == credentials.bearer;
            return if known { Ok(()) } else { Err(Denied::UnknownKey) };
        }
        let rest = authorization.strip_prefix(ALGORITHM).ok_or(Denied::Incomplete)?;
        let parameter = |name: &str| {
            rest.split(',')
                .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
                .ok_or(Denied::Incomplete)
        };
        let (credential, signed) = (parameter("Credential")?, parameter("SignedHeaders")?);
        let signature = parameter("Signature")?;

        let (access_key, scope) = credential.split_once('/').ok_or(Denied::Incomplete)?;
        if access_key != credentials.access_key {
            return Err(Denied::UnknownKey);
        }
        let names: Vec<&str> = signed.split(';').collect();
        let date = self.header("x-amz-date").ok_or(Denied::Unsigned)?;
        if !["host", "x-amz-date"].iter().all(|name| names.contains(name)) {
            return Err(Denied::Unsigned);
        }
        let parts: Vec<&str> = scope.split('/').collect();
        let &[day, region, scoped_service, "aws4_request"] = parts.as_slice() else {
            return Err(Denied::Incomplete);
        };
        if scoped_service != service || !date.starts_with(day) {
            return Err(Denied::Scope);
        }
        if seconds(date).ok_or(Denied::Unsigned)?.abs_diff(now.as_secs()) > SKEW.as_secs() {
            return Err(Denied::Expired);
        }
        let text = format!(
            "{ALGORITHM}\n{date}\n{scope}\n{}",
            hex(&Sha256::digest(self.canonical(&names)))
        );
        let key = [day, region, service, "aws4_request"].iter().fold(
            format!("AWS4{}", credentials.secret_key).into_bytes(),
            |key, part| keyed(&key, part),
        );
        if hex(&keyed(&key, &text)) == signature {
            Ok(())
        } else {
            Err(Denied::Mismatch)
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    fn canonical(&self, names: &[&str]) -> String {
        let path: Vec<String> = self.uri.path().split('/').map(percent_encoded).collect();
        let mut query: Vec<String> = self
            .uri
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                if pair.contains('=') {
                    pair.to_owned()
                } else {
                    format!("{pair}=")
                }
            })
            .collect();
        query.sort();
        let headers: Vec<String> = names
            .iter()
            .map(|name| format!("{name}:{}\n", self.values(name)))
            .collect();
        let headers = headers.concat();
        let hash = match self.header("x-amz-content-sha256") {
            Some(unsigned @ "UNSIGNED-PAYLOAD") => unsigned.to_owned(),
            _ => hex(&Sha256::digest(self.body)),
        };
        let (method, path, query, names) = (self.method, path.join("/"), query.join("&"), names.join(";"));
        format!("{method}\n{path}\n{query}\n{headers}\n{names}\n{hash}")
    }

    fn values(&self, name: &str) -> String {
        let values = self
            .headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok());
        let folded = values.map(|value| value.split_whitespace().collect::<Vec<_>>().join(" "));
        folded.collect::<Vec<_>>().join(",")
    }
}

fn keyed(key: &[u8], text: &str) -> Vec<u8> {
    // A key of any length is allowed, so the constructor cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return Vec::new();
    };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Seconds since 1970 of a date like `20150830T123600Z`.
fn seconds(date: &str) -> Option<u64> {
    let number = |from: usize, to: usize| date.get(from..to)?.parse::<u64>().ok();
    if date.len() != 16 || !date.ends_with('Z') {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    // Years begin in March, so that a leap day is a year's last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leaps = year / 4 - year / 100 + year / 400;
    let days = (365 * year + leaps + (153 * month + 2) / 5 + day).checked_sub(719_469)?;
    Some(((days * 24 + number(9, 11)?) * 60 + number(11, 13)?) * 60 + number(13, 15)?)
}

/// A segment of a path as it came, encoded once more.
fn percent_encoded(segment: &str) -> String {
    let mut encoded = String::with_capacity(segment.len());
    for byte in segment.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    // "get-vanilla-query-order-key-case" of AWS's published test suite for Signature Version 4.
    const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
        SignedHeaders=host;x-amz-date, \
        Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500";

    const NOW: Duration = Duration::from_secs(1_440_938_160);

    /// The request of that test, and what it is checked with.
    struct Published {
        uri: Uri,
        headers: HeaderMap,
        body: &'static [u8],
        credentials: Credentials,
        now: Duration,
    }

    impl Published {
        fn new() -> Self {
            let mut headers = HeaderMap::new();
            headers.insert("host", "example.amazonaws.com".parse().unwrap());
            headers.insert("x-amz-date", "20150830T123600Z".parse().unwrap());
            headers.insert("authorization", AUTHORIZATION.parse().unwrap());
            Self {
                uri: "/?Param2=value2&Param1=value1".parse().unwrap(),
                headers,
                body: b"",
                credentials: Credentials {
                    access_key: "AKIDEXAMPLE".to_owned(),
                    secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
                    bearer: "token".to_owned(),
                },
                now: NOW,
            }
        }

        fn verify(&self, service: &str) -> Result<(), Denied> {
            let request = Signed {
                method: &Method::GET,
                uri: &self.uri,
                headers: &self.headers,
                body: self.body,
            };
            request.verify(service, &self.credentials, self.now)
        }
    }

    #[test]
    fn the_published_signature_is_accepted() {
        assert_eq!(Published::new().verify("service"), Ok(()));
    }

    #[test]
    fn whatever_was_changed_after_signing_is_noticed() {
        let request = Published {
            body: b"x",
            ..Published::new()
        };
        assert_eq!(request.verify("service"), Err(Denied::Mismatch));
        assert_eq!(request.verify("bedrock"), Err(Denied::Scope));
        let request = Published {
            uri: "/?Param2=value2".parse().unwrap(),
            ..Published::new()
        };
        assert_eq!(request.verify("service"), Err(Denied::Mismatch));
        let request = Published {
            credentials: Credentials::default(),
            ..Published::new()
        };
        assert_eq!(request.verify("service"), Err(Denied::UnknownKey));
    }

    #[test]
    fn an_old_signature_has_expired() {
        let request = Published {
            now: NOW + SKEW + Duration::from_secs(1),
            ..Published::new()
        };
        assert_eq!(request.verify("service"), Err(Denied::Expired));
        assert_eq!(seconds("20240229T000001Z"), Some(1_709_164_801));
    }

    #[test]
    fn a_bearer_token_opens_bedrock_alone() {
        let mut request = Published::new();
        request
            .headers
            .insert("authorization", "Bearer token".parse().unwrap());
        assert_eq!(request.verify("bedrock"), Ok(()));
        assert_eq!(request.verify("sagemaker"), Err(Denied::UnknownKey));
        request.headers.remove("authorization");
        assert_eq!(request.verify("bedrock"), Err(Denied::Missing));
    }

    #[test]
    fn a_path_is_encoded_once_more() {
        assert_eq!(percent_encoded("a-b%3Ac"), "a-b%253Ac");
    }
}
