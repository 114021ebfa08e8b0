//! What the SDK's errors mean. Nothing of their texts is kept: they may hold what a patient said.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_bedrockruntime::config::http::HttpResponse;
use aws_sdk_bedrockruntime::error::{ConnectorError, ProvideErrorMetadata, SdkError};
use aws_smithy_types::event_stream::RawMessage;
use aws_smithy_types::str_bytes::StrBytes;
use bedside_conversation::io::FaultKind;

use crate::http;

/// What it means that a request was not answered by a result.
pub(crate) fn request_kind<E>(error: &SdkError<E, HttpResponse>) -> FaultKind
where
    E: ProvideErrorMetadata,
{
    match error {
        SdkError::ServiceError(service) => service
            .err()
            .code()
            .and_then(code_kind)
            .unwrap_or_else(|| status_kind(service.raw().status().as_u16())),
        SdkError::ResponseError(response) => match response.raw().status().as_u16() {
            // Not an answer that makes sense, but its status does.
            status @ 400.. => status_kind(status),
            _ => FaultKind::Internal,
        },
        other => transport_kind(other),
    }
}

/// What it means that a stream of events broke. The SDK tells exceptions apart that it knows; the frame's own header
/// tells all.
pub(crate) fn event_kind<E>(error: &SdkError<E, RawMessage>) -> FaultKind {
    match error {
        SdkError::ServiceError(service) => exception(service.raw())
            .and_then(code_kind)
            .unwrap_or(FaultKind::Internal),
        other => transport_kind(other),
    }
}

fn exception(frame: &RawMessage) -> Option<&str> {
    let RawMessage::Decoded(message) = frame else {
        return None;
    };
    let header = message
        .headers()
        .iter()
        .find(|header| header.name().as_str() == ":exception-type")?;
    header.value().as_string().ok().map(StrBytes::as_str)
}

/// What an error's code means, whatever its status and however it is spelled: exceptions in a stream begin with a small
/// letter.
pub(crate) fn code_kind(code: &str) -> Option<FaultKind> {
    let code = code.strip_suffix("Exception").unwrap_or(code);
    Some(match code.to_ascii_lowercase().as_str() {
        "throttling"
        | "throttled"
        | "toomanyrequests"
        | "servicequotaexceeded"
        | "modelnotready"
        | "limitexceeded" => FaultKind::Overloaded,
        "modeltimeout" | "requesttimeout" | "modelinvocationtimeexceeded" => FaultKind::Timeout,
        "validation"
        | "validationerror"
        | "accessdenied"
        | "resourcenotfound"
        | "unrecognizedclient"
        | "invalidsignature"
        | "expiredtoken"
        | "missingauthenticationtoken"
        | "conflict" => FaultKind::Refused,
        "modelerror"
        | "modelstreamerror"
        | "streambroken"
        | "internalserver"
        | "internalfailure"
        | "internalstreamfailure"
        | "serviceunavailable"
        | "dependencyfailed"
        | "badgateway"
        | "internaldependency" => FaultKind::Internal,
        _ => return None,
    })
}

fn status_kind(status: u16) -> FaultKind {
    match status {
        // What stands behind the service failed, and the request may be right.
        424 => FaultKind::Internal,
        other => http::of_status(other),
    }
}

fn transport_kind<E, R>(error: &SdkError<E, R>) -> FaultKind {
    match error {
        SdkError::TimeoutError(_) => FaultKind::Timeout,
        SdkError::DispatchFailure(failure) if failure.is_timeout() => FaultKind::Timeout,
        SdkError::DispatchFailure(failure) => failure
            .as_connector_error()
            .map_or(FaultKind::Disconnected, connector_kind),
        SdkError::ConstructionFailure(_) => FaultKind::Refused,
        _ => FaultKind::Internal,
    }
}

fn connector_kind(error: &ConnectorError) -> FaultKind {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.is::<CredentialsError>() {
            return FaultKind::Refused;
        }
        cause = error.source();
    }
    // Neither the network nor a server had a part in it: the request could not be made as it is set up.
    if error.is_other() && error.as_other().is_none() {
        return FaultKind::Refused;
    }
    FaultKind::Disconnected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_known_in_either_spelling() {
        assert_eq!(code_kind("ThrottlingException"), Some(FaultKind::Overloaded));
        assert_eq!(code_kind("throttlingException"), Some(FaultKind::Overloaded));
        assert_eq!(code_kind("ModelNotReadyException"), Some(FaultKind::Overloaded));
        // A quota that is used up comes with status 400.
        assert_eq!(
            code_kind("ServiceQuotaExceededException"),
            Some(FaultKind::Overloaded)
        );
        assert_eq!(code_kind("ModelTimeoutException"), Some(FaultKind::Timeout));
        assert_eq!(code_kind("ValidationException"), Some(FaultKind::Refused));
        assert_eq!(code_kind("ValidationError"), Some(FaultKind::Refused));
        assert_eq!(code_kind("modelStreamErrorException"), Some(FaultKind::Internal));
        assert_eq!(code_kind("InternalStreamFailure"), Some(FaultKind::Internal));
        assert_eq!(code_kind("SomethingNew"), None);
    }

    #[test]
    fn an_unknown_code_means_what_its_status_means() {
        use FaultKind::{Internal, Overloaded, Refused, Timeout};

        let kinds = [400, 403, 404, 408, 424, 429, 500, 503, 530].map(status_kind);
        assert_eq!(
            kinds,
            [
                Refused, Refused, Refused, Timeout, Internal, Overloaded, Internal, Internal, Internal
            ]
        );
    }
}
