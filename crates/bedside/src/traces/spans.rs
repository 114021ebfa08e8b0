//! A turn as spans.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bedside_engine::FinishedTurn;
use bedside_protocol::ResponseStatus;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{Span, Status};

/// Ids of a turn's spans: of the trace, and one a span. Ids of spans need only differ within their trace.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ids {
    pub(super) trace: [u8; 16],
    pub(super) first_span: u64,
}

/// A stage of a turn: when it began and ended, milliseconds after the patient's last voiced sample.
struct Stage<'t> {
    name: &'static str,
    began_ms: f64,
    ended_ms: f64,
    provider: Option<&'t str>,
}

/// The turn, and within it a span for each stage that it reached. Stages follow one another, but an answer that was begun
/// before the patient had surely finished overlaps with the decision that he had.
pub(super) fn spans(turn: &FinishedTurn, ids: Ids) -> Vec<Span> {
    let stages = stages(turn);
    let ended_ms = stages.iter().map(|stage| stage.ended_ms).fold(0.0, f64::max);
    let span = |number: u64, name: &str, began_ms, ended_ms| Span {
        trace_id: ids.trace.to_vec(),
        span_id: span_id(ids.first_span, number),
        name: name.to_owned(),
        kind: SpanKind::Internal as i32,
        start_time_unix_nano: nanos(turn.voiced_at, began_ms),
        end_time_unix_nano: nanos(turn.voiced_at, ended_ms),
        ..Span::default()
    };
    let mut root = span(0, "turn", 0.0, ended_ms);
    root.kind = SpanKind::Server as i32;
    root.attributes = about(turn);
    root.status = (turn.outcome == ResponseStatus::Failed).then(|| Status {
        code: StatusCode::Error as i32,
        ..Status::default()
    });
    let parent = root.span_id.clone();
    let children = stages.iter().zip(1..).map(|(stage, number)| {
        let mut child = span(number, stage.name, stage.began_ms, stage.ended_ms);
        child.parent_span_id.clone_from(&parent);
        let provider = stage.provider.map(|provider| text("bedside.provider", provider));
        child.attributes = provider.into_iter().collect();
        child
    });
    let mut spans: Vec<_> = children.collect();
    spans.insert(0, root);
    spans
}

/// The id of a trace's span of this number. All zeros would be none, so the highest bit is always set.
fn span_id(first: u64, number: u64) -> Vec<u8> {
    let id = first.wrapping_add(number) | 1 << 63;
    id.to_be_bytes().to_vec()
}

/// The stages that the turn reached.
fn stages(turn: &FinishedTurn) -> Vec<Stage<'_>> {
    let (metrics, providers) = (&turn.metrics, &turn.metrics.providers);
    let heard = metrics.end_of_turn.unwrap_or(0.0);
    let known = heard.max(metrics.transcription_final.unwrap_or(0.0));
    let answered = metrics.model_first_token.unwrap_or(known);
    let spoken = metrics.synthesis_first_audio.unwrap_or(answered);
    let stages = [
        ("end_of_turn", 0.0, metrics.end_of_turn, None),
        (
            "transcription",
            0.0,
            metrics.transcription_final,
            providers.transcription.as_deref(),
        ),
        (
            "model",
            known,
            metrics.model_first_token,
            providers.model.as_deref(),
        ),
        (
            "synthesis",
            answered,
            metrics.synthesis_first_audio,
            providers.synthesis.as_deref(),
        ),
        ("playback", spoken, metrics.voice_to_voice, None),
    ];
    let reached = stages
        .into_iter()
        .filter_map(|(name, began_ms, ended_ms, provider): (_, f64, _, _)| {
            let ended_ms = ended_ms?.max(0.0);
            Some(Stage {
                name,
                began_ms: began_ms.clamp(0.0, ended_ms),
                ended_ms,
                provider,
            })
        });
    reached.collect()
}

/// What is told of the turn as a whole. None of it comes from what was said.
fn about(turn: &FinishedTurn) -> Vec<KeyValue> {
    let metrics = &turn.metrics;
    let shares = [
        ("bedside.wait_ms", metrics.wait_ms),
        ("bedside.models_ms", metrics.models_ms),
        ("bedside.engine_ms", metrics.engine_ms),
    ];
    let shares = shares.into_iter().filter_map(|(key, ms)| {
        let value = any_value::Value::DoubleValue(ms?);
        Some(attribute(key, value))
    });
    let mut about = vec![
        text("bedside.session.id", &turn.session),
        text("bedside.response.id", &metrics.response_id),
        text("bedside.outcome", turn.outcome.name()),
    ];
    about.extend(shares);
    about
}

/// An attribute that is a text.
pub(super) fn text(key: &str, value: &str) -> KeyValue {
    attribute(key, any_value::Value::StringValue(value.to_owned()))
}

fn attribute(key: &str, value: any_value::Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

/// Nanoseconds since the Unix epoch, so many milliseconds after `from`.
fn nanos(from: SystemTime, ms: f64) -> u64 {
    let at = from + Duration::from_secs_f64(ms / 1_000.0);
    at.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as u64
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn turn(metrics: &serde_json::Value) -> FinishedTurn {
        FinishedTurn {
            session: "sess_1".to_owned(),
            outcome: ResponseStatus::Completed,
            voiced_at: UNIX_EPOCH + Duration::from_secs(1_000),
            metrics: serde_json::from_value(metrics.clone()).expect("metrics"),
        }
    }

    /// Name, beginning and end in ms after the last voiced sample.
    fn told(turn: &FinishedTurn) -> Vec<(String, f64, f64)> {
        let ids = Ids {
            trace: [7; 16],
            first_span: u64::MAX,
        };
        let spans = spans(turn, ids);
        for (number, span) in spans.iter().enumerate() {
            assert_eq!(span.trace_id, [7; 16]);
            assert_eq!(span.parent_span_id.is_empty(), number == 0);
            assert!(number == 0 || span.parent_span_id == spans[0].span_id);
            assert!(spans[..number].iter().all(|other| other.span_id != span.span_id));
            assert!(
                span.span_id.iter().any(|byte| *byte != 0),
                "an id of zeros is none"
            );
        }
        let ms = |nanos: u64| (nanos as f64 / 1e6 - 1e6).round();
        let times = spans.iter().map(|span| {
            (
                span.name.clone(),
                ms(span.start_time_unix_nano),
                ms(span.end_time_unix_nano),
            )
        });
        times.collect()
    }

    #[test]
    fn a_turn_is_a_span_with_its_stages_in_a_row() {
        let turn = turn(
            &json!({"response_id": "resp_1", "end_of_turn": 224.0, "transcription_final": 250.0,
            "model_first_token": 400.0, "synthesis_first_audio": 480.0, "first_audio_sent": 481.0,
            "voice_to_voice": 481.0, "providers": {}}),
        );
        let expected = [
            ("turn", 0.0, 481.0),
            ("end_of_turn", 0.0, 224.0),
            ("transcription", 0.0, 250.0),
            ("model", 250.0, 400.0),
            ("synthesis", 400.0, 480.0),
            ("playback", 480.0, 481.0),
        ];
        assert_eq!(
            told(&turn),
            expected.map(|(name, began, ended)| (name.to_owned(), began, ended))
        );
    }

    #[test]
    fn what_was_not_reached_is_left_out_and_nothing_ends_before_it_begins() {
        let turn = turn(
            &json!({"response_id": "resp_1", "end_of_turn": 500.0, "model_first_token": 300.0,
            "providers": {}}),
        );
        let expected = [
            ("turn", 0.0, 500.0),
            ("end_of_turn", 0.0, 500.0),
            ("model", 300.0, 300.0),
        ];
        assert_eq!(
            told(&turn),
            expected.map(|(name, began, ended)| (name.to_owned(), began, ended))
        );
    }
}
