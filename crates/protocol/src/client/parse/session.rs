//! The `session` object of `session.update`.
//!
//! Accepted and without effect: `model` (fixed by the connection; official clients send it every time), `include`,
//! `tracing`, `truncation`, `reasoning`, `parallel_tool_calls`, and the transcription's `delay`, `keywords` and
//! `languages`. Hosted prompts and MCP tools are refused.

use serde_json::Value;

use crate::audio::{AudioFormat, DEFAULT_PCM_RATE};
use crate::client::reader::{self, Fields, boolean, invalid_type, list, one_of, string, unsupported};
use crate::error::InvalidField;
use crate::generation::{FunctionTool, MAX_TOOLS, MaxOutputTokens, OutputModality, ToolChoice};
use crate::session::{
    AudioInputPatch, AudioOutputPatch, AudioPatch, BedsideInputPatch, BedsidePatch, Eagerness, MediaMode,
    NoiseReductionPatch, NoiseReductionType, SessionPatch, SessionType, TranscriptionPatch,
    TurnDetectionPatch, TurnDetectionType, VitalsPatch, VitalsRegion,
};

pub(super) fn patch(fields: &Fields<'_>) -> Result<SessionPatch, InvalidField> {
    fields.only(&[
        "type",
        "instructions",
        "output_modalities",
        "audio",
        "tools",
        "tool_choice",
        "max_output_tokens",
        "bedside",
        "model",
        "include",
        "tracing",
        "truncation",
        "reasoning",
        "parallel_tool_calls",
        "prompt",
    ])?;
    let kinds = [
        ("realtime", SessionType::Realtime),
        ("transcription", SessionType::Transcription),
    ];
    let kind = fields.required("type", |value, path| one_of(&kinds, value, path))?;
    fields.optional_string("model")?;
    fields.optional("include", |value, path| list(8, value, path, string))?;
    fields.optional("parallel_tool_calls", boolean)?;
    fields.optional_object("reasoning")?;
    if fields.get("prompt").is_some() {
        return Err(unsupported(&fields.path("prompt"), "hosted prompts are"));
    }
    let audio = match fields.optional_object("audio")? {
        Some(audio) => audio_patch(&audio)?,
        None => AudioPatch::default(),
    };
    Ok(SessionPatch {
        kind,
        instructions: fields.optional_string("instructions")?,
        output_modality: fields.optional("output_modalities", modality)?,
        audio,
        tools: fields.optional("tools", tools)?,
        tool_choice: fields.optional("tool_choice", tool_choice)?,
        max_output_tokens: fields.optional("max_output_tokens", max_output_tokens)?,
        bedside: fields.optional("bedside", bedside)?,
    })
}

fn audio_patch(fields: &Fields<'_>) -> Result<AudioPatch, InvalidField> {
    fields.only(&["input", "output"])?;
    let input = match fields.optional_object("input")? {
        Some(input) => input_patch(&input)?,
        None => AudioInputPatch::default(),
    };
    let output = match fields.optional_object("output")? {
        Some(output) => output_patch(&output)?,
        None => AudioOutputPatch::default(),
    };
    Ok(AudioPatch { input, output })
}

fn input_patch(fields: &Fields<'_>) -> Result<AudioInputPatch, InvalidField> {
    fields.only(&["format", "noise_reduction", "transcription", "turn_detection"])?;
    Ok(AudioInputPatch {
        format: fields.optional("format", audio_format)?,
        noise_reduction: fields.patch("noise_reduction", noise_reduction)?,
        transcription: fields.patch("transcription", transcription)?,
        turn_detection: fields.patch("turn_detection", turn_detection)?,
    })
}

fn output_patch(fields: &Fields<'_>) -> Result<AudioOutputPatch, InvalidField> {
    fields.only(&["format", "voice", "speed"])?;
    Ok(AudioOutputPatch {
        format: fields.optional("format", audio_format)?,
        voice: fields.optional("voice", voice)?,
        speed: fields.optional_f32("speed")?,
    })
}

fn noise_reduction(value: &Value, path: &str) -> Result<NoiseReductionPatch, InvalidField> {
    let fields = Fields::new(value, path)?;
    fields.only(&["type", "strength"])?;
    fields.optional_f32("strength")?;
    let kinds = [
        ("near_field", NoiseReductionType::NearField),
        ("far_field", NoiseReductionType::FarField),
    ];
    Ok(NoiseReductionPatch {
        kind: fields.optional("type", |value, path| one_of(&kinds, value, path))?,
    })
}

fn transcription(value: &Value, path: &str) -> Result<TranscriptionPatch, InvalidField> {
    let fields = Fields::new(value, path)?;
    fields.only(&["model", "language", "prompt", "delay", "keywords", "languages"])?;
    Ok(TranscriptionPatch {
        model: fields.optional_string("model")?,
        language: fields.patch("language", string)?,
        prompt: fields.patch("prompt", string)?,
    })
}

fn turn_detection(value: &Value, path: &str) -> Result<TurnDetectionPatch, InvalidField> {
    let fields = Fields::new(value, path)?;
    fields.only(&[
        "type",
        "threshold",
        "prefix_padding_ms",
        "silence_duration_ms",
        "idle_timeout_ms",
        "eagerness",
        "create_response",
        "interrupt_response",
    ])?;
    let kinds = [
        ("server_vad", TurnDetectionType::ServerVad),
        ("semantic_vad", TurnDetectionType::SemanticVad),
    ];
    let eagerness = [
        ("low", Eagerness::Low),
        ("medium", Eagerness::Medium),
        ("high", Eagerness::High),
        ("auto", Eagerness::Auto),
    ];
    Ok(TurnDetectionPatch {
        kind: fields.required("type", |value, path| one_of(&kinds, value, path))?,
        threshold: fields.optional_f32("threshold")?,
        prefix_padding_ms: fields.optional_u32("prefix_padding_ms")?,
        silence_duration_ms: fields.optional_u32("silence_duration_ms")?,
        idle_timeout_ms: fields.patch("idle_timeout_ms", reader::u32)?,
        eagerness: fields.optional("eagerness", |value, path| one_of(&eagerness, value, path))?,
        create_response: fields.optional_bool("create_response")?,
        interrupt_response: fields.optional_bool("interrupt_response")?,
    })
}

fn bedside(value: &Value, path: &str) -> Result<BedsidePatch, InvalidField> {
    let fields = Fields::new(value, path)?;
    fields.only(&["media", "input", "vitals"])?;
    let modes = [
        ("json", MediaMode::Json),
        ("binary", MediaMode::Binary),
        ("binary_in", MediaMode::BinaryIn),
        ("binary_out", MediaMode::BinaryOut),
    ];
    let input = match fields.optional_object("input")? {
        Some(input) => {
            input.only(&["echo_cancellation", "noise_suppression", "gain_control"])?;
            BedsideInputPatch {
                echo_cancellation: input.optional_bool("echo_cancellation")?,
                noise_suppression: input.optional_bool("noise_suppression")?,
                gain_control: input.optional_bool("gain_control")?,
            }
        }
        None => BedsideInputPatch::default(),
    };
    Ok(BedsidePatch {
        media: fields.optional("media", |value, path| one_of(&modes, value, path))?,
        input,
        vitals: fields.optional("vitals", vitals)?,
    })
}

fn vitals(value: &Value, path: &str) -> Result<VitalsPatch, InvalidField> {
    let fields = Fields::new(value, path)?;
    fields.only(&["enabled", "region", "interval_ms", "duration_ms"])?;
    let regions = [
        ("auto", VitalsRegion::Auto),
        ("face_crop", VitalsRegion::FaceCrop),
    ];
    Ok(VitalsPatch {
        enabled: fields.optional_bool("enabled")?,
        region: fields.optional("region", |value, path| one_of(&regions, value, path))?,
        interval_ms: fields.optional_u32("interval_ms")?,
        duration_ms: fields.patch("duration_ms", reader::u32)?,
    })
}

pub(super) fn audio_format(value: &Value, path: &str) -> Result<AudioFormat, InvalidField> {
    let fields = Fields::new(value, path)?;
    let rate = fields.optional_u32("rate")?;
    let formats = [
        (
            "audio/pcm",
            AudioFormat::Pcm {
                rate: rate.unwrap_or(DEFAULT_PCM_RATE),
            },
        ),
        ("audio/pcmu", AudioFormat::Pcmu),
        ("audio/pcma", AudioFormat::Pcma),
        ("audio/opus", AudioFormat::Opus),
    ];
    fields.required("type", |value, path| one_of(&formats, value, path))
}

/// A name, or an object with the name as `id`.
pub(super) fn voice(value: &Value, path: &str) -> Result<String, InvalidField> {
    match value {
        Value::String(name) => Ok(name.clone()),
        Value::Object(_) => Fields::new(value, path)?.required_string("id"),
        other => Err(invalid_type(path, "a string or an object", other)),
    }
}

pub(super) fn modality(value: &Value, path: &str) -> Result<OutputModality, InvalidField> {
    let names = [("audio", OutputModality::Audio), ("text", OutputModality::Text)];
    let modalities = list(2, value, path, |value, path| one_of(&names, value, path))?;
    match modalities[..] {
        [modality] => Ok(modality),
        _ => Err(InvalidField::invalid_value(path, "either ['audio'] or ['text']")),
    }
}

pub(super) fn max_output_tokens(value: &Value, path: &str) -> Result<MaxOutputTokens, InvalidField> {
    match value {
        Value::String(_) => one_of(&[("inf", MaxOutputTokens::Unlimited)], value, path),
        Value::Number(_) => reader::u32(value, path).map(MaxOutputTokens::Limited),
        other => Err(invalid_type(path, "an integer or 'inf'", other)),
    }
}

pub(super) fn tools(value: &Value, path: &str) -> Result<Vec<FunctionTool>, InvalidField> {
    list(MAX_TOOLS, value, path, |value, path| {
        let fields = Fields::new(value, path)?;
        function_type(&fields)?;
        Ok(FunctionTool {
            name: fields.required_string("name")?,
            description: fields.optional_string("description")?,
            parameters: fields.get("parameters").cloned(),
        })
    })
}

pub(super) fn tool_choice(value: &Value, path: &str) -> Result<ToolChoice, InvalidField> {
    match value {
        Value::String(mode) => match mode.as_str() {
            "auto" => Ok(ToolChoice::Auto),
            "none" => Ok(ToolChoice::None),
            "required" => Ok(ToolChoice::Required),
            _ => Err(InvalidField::invalid_value(
                path,
                "'auto' or 'none' or 'required' or a function",
            )),
        },
        Value::Object(_) => {
            let fields = Fields::new(value, path)?;
            function_type(&fields)?;
            Ok(ToolChoice::Function(fields.required_string("name")?))
        }
        other => Err(invalid_type(path, "a string or an object", other)),
    }
}

fn function_type(fields: &Fields<'_>) -> Result<(), InvalidField> {
    match fields.required_string("type")?.as_str() {
        "function" => Ok(()),
        "mcp" => Err(unsupported(&fields.path("type"), "MCP tools are")),
        _ => Err(InvalidField::invalid_value(&fields.path("type"), "'function'")),
    }
}
