//! Applying an update to a configuration: the whole of it or, with one field at fault, nothing.

use std::ops::RangeInclusive;

use super::bedside::{BedsideConfig, BedsidePatch};
use super::config::{
    AudioInputConfig, AudioOutputConfig, NoiseReduction, SessionConfig, SessionType, Transcription,
};
use super::patch::{
    AudioInputPatch, AudioOutputPatch, NoiseReductionPatch, SessionPatch, TranscriptionPatch,
    TurnDetectionPatch,
};
use super::turn_detection::{SemanticVad, ServerVad, TurnDetection, TurnDetectionType};
use crate::audio::{AudioFormat, PCM_RATES};
use crate::error::{ErrorCode, InvalidField};
use crate::generation::{check_max_output_tokens, check_tools};
use crate::patch::Patch;

/// Longest audio kept from before speech, and longest silence to end a turn, ms.
const PADDING_MS: RangeInclusive<u32> = 0..=5_000;
const SILENCE_MS: RangeInclusive<u32> = 50..=10_000;
const IDLE_TIMEOUT_MS: RangeInclusive<u32> = 5_000..=30_000;
const SPEED: RangeInclusive<f32> = 0.25..=1.5;
const THRESHOLD: RangeInclusive<f32> = 0.0..=1.0;

impl SessionConfig {
    /// Takes over what `patch` changes, or nothing if any of it is invalid.
    ///
    /// Judged here is what the session alone decides. Whether the moment allows it (no new voice once audio was
    /// sent, no new type once the conversation began) is for the conversation to say.
    pub fn apply(&mut self, patch: &SessionPatch) -> Result<(), InvalidField> {
        let mut next = self.clone();
        next.kind = patch.kind;
        apply_input(&mut next.input, &patch.audio.input)?;
        if patch.kind == SessionType::Transcription {
            refuse_output(patch)?;
        }
        apply_output(&mut next.output, &patch.audio.output)?;
        if let Some(instructions) = &patch.instructions {
            next.instructions.clone_from(instructions);
        }
        if let Some(modality) = patch.output_modality {
            next.output_modality = modality;
        }
        if let Some(tools) = &patch.tools {
            check_tools(tools, "session.tools")?;
            next.tools.clone_from(tools);
        }
        if let Some(choice) = &patch.tool_choice {
            next.tool_choice = choice.clone();
        }
        if let Some(limit) = patch.max_output_tokens {
            check_max_output_tokens(limit, "session.max_output_tokens")?;
            next.max_output_tokens = limit;
        }
        if let Some(bedside) = &patch.bedside {
            apply_bedside(&mut next.bedside, bedside)?;
            next.bedside_asked = true;
        }
        check_media(&next)?;
        *self = next;
        Ok(())
    }
}

fn refuse_output(patch: &SessionPatch) -> Result<(), InvalidField> {
    let refused = [
        (patch.instructions.is_some(), "session.instructions"),
        (patch.output_modality.is_some(), "session.output_modalities"),
        (
            patch.audio.output != AudioOutputPatch::default(),
            "session.audio.output",
        ),
        (patch.tools.is_some(), "session.tools"),
        (patch.tool_choice.is_some(), "session.tool_choice"),
        (patch.max_output_tokens.is_some(), "session.max_output_tokens"),
    ];
    match refused.into_iter().find(|(present, _)| *present) {
        Some((_, param)) => Err(InvalidField {
            param: param.to_owned(),
            code: ErrorCode::UnknownParameter,
            message: format!("'{param}' is not a parameter of a transcription session."),
        }),
        None => Ok(()),
    }
}

fn apply_input(input: &mut AudioInputConfig, patch: &AudioInputPatch) -> Result<(), InvalidField> {
    if let Some(format) = patch.format {
        check_format(format, "session.audio.input.format")?;
        input.format = format;
    }
    match &patch.noise_reduction {
        Patch::Keep => {}
        Patch::Clear => input.noise_reduction = None,
        Patch::Set(NoiseReductionPatch { kind }) => {
            let current = input.noise_reduction.map(|n| n.kind).unwrap_or_default();
            input.noise_reduction = Some(NoiseReduction {
                kind: kind.unwrap_or(current),
            });
        }
    }
    match &patch.transcription {
        Patch::Keep => {}
        Patch::Clear => input.transcription = None,
        Patch::Set(patch) => apply_transcription(input.transcription.get_or_insert_default(), patch)?,
    }
    match &patch.turn_detection {
        Patch::Keep => {}
        Patch::Clear => input.turn_detection = None,
        Patch::Set(patch) => input.turn_detection = Some(merge_turn_detection(input.turn_detection, patch)?),
    }
    Ok(())
}

fn apply_transcription(current: &mut Transcription, patch: &TranscriptionPatch) -> Result<(), InvalidField> {
    if let Some(model) = &patch.model {
        current.model = Some(model.clone());
    }
    match &patch.language {
        Patch::Keep => {}
        Patch::Clear => current.language = None,
        Patch::Set(language) => {
            if !is_language(language) {
                return Err(invalid(
                    "session.audio.input.transcription.language",
                    "an ISO 639-1 language such as 'en'",
                ));
            }
            current.language = Some(language.clone());
        }
    }
    match &patch.prompt {
        Patch::Keep => {}
        Patch::Clear => current.prompt = None,
        Patch::Set(prompt) => current.prompt = Some(prompt.clone()),
    }
    Ok(())
}

/// A primary subtag of two or three letters, with or without further subtags (`pt-BR`).
fn is_language(language: &str) -> bool {
    let mut subtags = language.split('-');
    let primary = subtags.next().unwrap_or_default();
    (2..=3).contains(&primary.len())
        && primary.bytes().all(|b| b.is_ascii_alphabetic())
        && subtags.all(|tag| (1..=8).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric()))
}

fn merge_turn_detection(
    current: Option<TurnDetection>,
    patch: &TurnDetectionPatch,
) -> Result<TurnDetection, InvalidField> {
    match patch.kind {
        TurnDetectionType::ServerVad => {
            let mut vad = match current {
                Some(TurnDetection::ServerVad(vad)) => vad,
                _ => ServerVad::default(),
            };
            merge_server_vad(&mut vad, patch)?;
            Ok(TurnDetection::ServerVad(vad))
        }
        TurnDetectionType::SemanticVad => {
            // Other fields of server_vad are ignored, as clients switch type and leave them in place; an idle
            // timeout would be missed.
            if let Patch::Set(_) = patch.idle_timeout_ms {
                return Err(InvalidField {
                    param: "session.audio.input.turn_detection.idle_timeout_ms".to_owned(),
                    code: ErrorCode::InvalidValue,
                    message: "'idle_timeout_ms' is only supported with 'server_vad'.".to_owned(),
                });
            }
            let mut vad = match current {
                Some(TurnDetection::SemanticVad(vad)) => vad,
                _ => SemanticVad::default(),
            };
            vad.eagerness = patch.eagerness.unwrap_or(vad.eagerness);
            vad.create_response = patch.create_response.unwrap_or(vad.create_response);
            vad.interrupt_response = patch.interrupt_response.unwrap_or(vad.interrupt_response);
            Ok(TurnDetection::SemanticVad(vad))
        }
    }
}

fn merge_server_vad(vad: &mut ServerVad, patch: &TurnDetectionPatch) -> Result<(), InvalidField> {
    if let Some(threshold) = patch.threshold {
        vad.threshold = in_range(
            threshold,
            &THRESHOLD,
            "session.audio.input.turn_detection.threshold",
        )?;
    }
    if let Some(padding) = patch.prefix_padding_ms {
        vad.prefix_padding_ms = in_range(
            padding,
            &PADDING_MS,
            "session.audio.input.turn_detection.prefix_padding_ms",
        )?;
    }
    if let Some(silence) = patch.silence_duration_ms {
        vad.silence_duration_ms = in_range(
            silence,
            &SILENCE_MS,
            "session.audio.input.turn_detection.silence_duration_ms",
        )?;
    }
    match patch.idle_timeout_ms {
        Patch::Keep => {}
        Patch::Clear => vad.idle_timeout_ms = None,
        Patch::Set(timeout) => {
            let param = "session.audio.input.turn_detection.idle_timeout_ms";
            vad.idle_timeout_ms = Some(in_range(timeout, &IDLE_TIMEOUT_MS, param)?);
        }
    }
    vad.create_response = patch.create_response.unwrap_or(vad.create_response);
    vad.interrupt_response = patch.interrupt_response.unwrap_or(vad.interrupt_response);
    Ok(())
}

fn apply_output(output: &mut AudioOutputConfig, patch: &AudioOutputPatch) -> Result<(), InvalidField> {
    if let Some(format) = patch.format {
        check_format(format, "session.audio.output.format")?;
        output.format = format;
    }
    if let Some(voice) = &patch.voice {
        if voice.is_empty() {
            return Err(invalid("session.audio.output.voice", "the name of a voice"));
        }
        output.voice.clone_from(voice);
    }
    if let Some(speed) = patch.speed {
        output.speed = in_range(speed, &SPEED, "session.audio.output.speed")?;
    }
    Ok(())
}

fn apply_bedside(current: &mut BedsideConfig, patch: &BedsidePatch) -> Result<(), InvalidField> {
    current.media = patch.media.unwrap_or(current.media);
    let input = &mut current.input;
    input.echo_cancellation = patch.input.echo_cancellation.unwrap_or(input.echo_cancellation);
    input.noise_suppression = patch.input.noise_suppression.unwrap_or(input.noise_suppression);
    input.gain_control = patch.input.gain_control.unwrap_or(input.gain_control);
    match &patch.vitals {
        Some(patch) => current.vitals.apply(patch),
        None => Ok(()),
    }
}

/// Opus packets have no place in base64 events: their borders would be lost.
fn check_media(config: &SessionConfig) -> Result<(), InvalidField> {
    let media = config.bedside.media;
    let offending = [
        (
            config.input.format,
            media.binary_in(),
            "session.audio.input.format",
        ),
        (
            config.output.format,
            media.binary_out(),
            "session.audio.output.format",
        ),
    ];
    match offending
        .into_iter()
        .find(|(format, binary, _)| *format == AudioFormat::Opus && !binary)
    {
        Some((_, _, param)) => Err(InvalidField {
            param: param.to_owned(),
            code: ErrorCode::InvalidValue,
            message: format!("'{param}': 'audio/opus' needs binary media, see 'session.bedside.media'."),
        }),
        None => Ok(()),
    }
}

pub(crate) fn check_format(format: AudioFormat, param: &str) -> Result<(), InvalidField> {
    match format {
        AudioFormat::Pcm { rate } if !PCM_RATES.contains(&rate) => {
            let rates = PCM_RATES.map(|rate| rate.to_string()).join(", ");
            Err(invalid(&format!("{param}.rate"), &format!("one of {rates}")))
        }
        _ => Ok(()),
    }
}

fn in_range<T: PartialOrd + Copy + std::fmt::Display>(
    value: T,
    range: &RangeInclusive<T>,
    param: &str,
) -> Result<T, InvalidField> {
    if range.contains(&value) {
        Ok(value)
    } else {
        Err(invalid(
            param,
            &format!("a value from {} to {}", range.start(), range.end()),
        ))
    }
}

fn invalid(param: &str, expected: &str) -> InvalidField {
    InvalidField::invalid_value(param, expected)
}
