//! From published weights to the ONNX files that run fastest here.
//!
//! Recognisers are published as `CTranslate2` weights ([`ctranslate2`]), so their graph is written anew ([`whisper`]); the
//! end-of-turn model is published with quantisation the runtime executes slowly, so it is taken out ([`smart_turn`]).
//! Matrix products with constant weights become integer products ([`quantize`]).

pub mod ctranslate2;
mod graph;
pub mod onnx;
pub mod quantize;
pub mod smart_turn;
mod tensor;
pub mod whisper;

#[cfg(test)]
pub(crate) use graph::{Dim, GraphBuilder};

/// Why weights could not be converted.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// The input ends early or contradicts itself.
    #[error("malformed weights: {0}")]
    Malformed(String),
    /// The input is a format, version or element type this converter does not know.
    #[error("unsupported: {0}")]
    Unsupported(String),
    /// A weight the graph needs is not there.
    #[error("no weight named {0:?}")]
    Missing(String),
    /// The bytes are not an ONNX model.
    #[error("not an ONNX model: {0}")]
    NotOnnx(#[from] prost::DecodeError),
    /// The converted model does not load or run.
    #[error("the converted model is broken: {0}")]
    Broken(#[from] crate::model::ModelError),
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}
