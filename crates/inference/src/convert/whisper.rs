//! Whisper from `CTranslate2` weights: an encoder, a decoder with a cache, and the token embeddings beside them.
//!
//! Sizes below: `D` width, `H` heads of 64, `T` encoder positions (20 ms each), `P` tokens already decoded, `N` new
//! tokens, `L = P + N`, `V` vocabulary; `i` counts decoder layers.
//!
//! - Encoder: `mel` f32 `[1, M, 2T]` → per decoder layer the cross-attention `ck{i}` `[1, H, 64, T]` and `cv{i}`
//!   `[1, H, T, 64]`. Any `T` up to 1,500.
//! - Decoder: `embedded` f32 `[1, N, D]` (rows of the embeddings), `pos` i64 `[N]` (given as `i32`), `mask` f32 `[N, L]`
//!   added to attention scores, `pk{i}`, `pv{i}` `[1, H, P, 64]`, `ck{i}`, `cv{i}` → `logits` f32 `[1, N, V]`, one row
//!   per new token (so that a guess of several tokens is checked in one run), `nk{i}`, `nv{i}` `[1, H, L, 64]`.
//! - Embeddings: `V` × `D` little-endian `f16`, row-major, nothing else. Kept out of the graph, where the look-up would
//!   need them as floats, at twice the memory.

mod decoder;
mod encoder;
mod layers;

use std::io::Write;
use std::path::Path;

use half::f16;
use prost::Message;
use rten::ValueView;
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, NdTensorView};
use serde::{Deserialize, Serialize};

use super::ConvertError;
use super::ctranslate2::Weights;
use super::onnx::Model as OnnxModel;
use super::quantize::dynamic_int8;
use crate::model::{Model, ModelError};

/// Width of one attention head in every Whisper.
pub const HEAD: usize = 64;

/// More layers than any Whisper has.
const MOST_LAYERS: usize = 64;

/// The sizes a decoding loop needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhisperShape {
    /// Width of the model, `D`.
    pub width: usize,
    /// Attention heads, `H`, of [`HEAD`] each.
    pub heads: usize,
    /// Tokens, `V`.
    pub vocabulary: usize,
    /// Encoder layers.
    pub encoder_layers: usize,
    /// Decoder layers.
    pub decoder_layers: usize,
    /// Mel bands of the input, `M`.
    pub mel_bands: usize,
    /// Most encoder positions.
    pub audio_positions: usize,
    /// Most tokens, prompt included.
    pub text_positions: usize,
}

impl WhisperShape {
    /// Reads the sizes off the weights.
    pub fn of(weights: &Weights<'_>) -> Result<Self, ConvertError> {
        if weights.spec() != "WhisperSpec" {
            return Err(ConvertError::Unsupported(format!(
                "weights of a {}",
                weights.spec()
            )));
        }
        let count = |side: &str| {
            (0..MOST_LAYERS)
                .take_while(|i| weights.contains(&format!("{side}/layer_{i}/ffn/linear_0/weight")))
                .count()
        };
        let [vocabulary, width] = weights.dims("decoder/embeddings/weight")?;
        let [audio_positions, _] = weights.dims("encoder/position_encodings/encodings")?;
        let [text_positions, _] = weights.dims("decoder/position_encodings/encodings")?;
        let [_, mel_bands, _] = weights.dims("encoder/conv1/weight")?;
        Ok(Self {
            width,
            heads: width / HEAD,
            vocabulary,
            encoder_layers: count("encoder"),
            decoder_layers: count("decoder"),
            mel_bands,
            audio_positions,
            text_positions,
        })
    }
}

/// Where the parts of a converted recogniser go.
#[derive(Debug, Clone, Copy)]
pub struct WhisperPaths<'a> {
    /// ONNX encoder.
    pub encoder: &'a Path,
    /// ONNX decoder.
    pub decoder: &'a Path,
    /// Token embeddings.
    pub embeddings: &'a Path,
    /// [`WhisperShape`] as JSON.
    pub shape: &'a Path,
}

/// Converts a whole `model.bin` and runs the result once to see that it works.
///
/// Files are written in place: the caller gives paths in a scratch folder and moves them when this succeeds.
pub fn convert(model_bin: &[u8], to: WhisperPaths<'_>) -> Result<WhisperShape, ConvertError> {
    let weights = Weights::parse(model_bin)?;
    let shape = WhisperShape::of(&weights)?;
    write(encoder::build(&weights, shape)?, to.encoder)?;
    write(decoder::build(&weights, shape)?, to.decoder)?;
    write_embeddings(&weights, to.embeddings)?;
    std::fs::write(
        to.shape,
        serde_json::to_vec_pretty(&shape).map_err(std::io::Error::from)?,
    )?;
    check(shape, to)?;
    Ok(shape)
}

fn write(mut model: OnnxModel, path: &Path) -> Result<(), ConvertError> {
    if let Some(graph) = &mut model.graph {
        dynamic_int8(graph)?;
    }
    Ok(std::fs::write(path, model.encode_to_vec())?)
}

fn write_embeddings(weights: &Weights<'_>, path: &Path) -> Result<(), ConvertError> {
    let table = weights.get("decoder/embeddings/weight")?;
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    for value in &table.values {
        file.write_all(&f16::from_f32(*value).to_le_bytes())?;
    }
    Ok(file.flush()?)
}

/// One second of silence in, one step of decoding out.
fn check(shape: WhisperShape, paths: WhisperPaths<'_>) -> Result<(), ConvertError> {
    let names = |kinds: [&str; 2]| -> Vec<String> {
        (0..shape.decoder_layers)
            .flat_map(|i| kinds.map(|kind| format!("{kind}{i}")))
            .collect()
    };
    let mel = NdTensor::<f32, 3>::zeros([1, shape.mel_bands, 100]);
    let encoder = Model::load(paths.encoder)?.plan(&["mel"], &names(["ck", "cv"]))?;
    let cross = encoder.run([ValueView::from(mel.view())])?;

    let inputs = [
        ["embedded", "pos", "mask"].map(str::to_owned).to_vec(),
        names(["pk", "pv"]),
        names(["ck", "cv"]),
    ];
    let decoder = Model::load(paths.decoder)?.plan(&inputs.concat(), &["logits"])?;
    let embedded = NdTensor::<f32, 3>::zeros([1, 1, shape.width]);
    let past = NdTensor::<f32, 4>::zeros([1, shape.heads, 0, HEAD]);
    let pos = NdTensorView::from_data([1], &[0i32]);
    let mask = NdTensorView::from_data([1, 1], &[0f32]);
    let start = [embedded.view().into(), ValueView::from(pos), mask.into()];
    let past = (0..2 * shape.decoder_layers).map(|_| past.view().into());
    let cross = cross.iter().map(rten::Value::as_view);
    let [logits] = decoder.run_n(start.into_iter().chain(past).chain(cross))?;
    let (dims, values) = logits.into_shape_vec::<f32, 3>().map_err(ModelError::from)?;
    if dims != [1, 1, shape.vocabulary] || values.iter().any(|value| !value.is_finite()) {
        return Err(ConvertError::Malformed(format!(
            "logits of shape {dims:?}, or not finite"
        )));
    }
    Ok(())
}
