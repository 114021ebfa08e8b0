//! Whisper's networks and the memory of one decoding.

use std::path::Path;

use bedside_inference::convert::whisper::{HEAD, WhisperShape};
use bedside_inference::model::{LoadOptions, Model, ModelError, Plan};
use half::f16;
use half::slice::HalfFloatSliceExt;
use rten::{Value, ValueOrView};
use rten_tensor::{NdTensor, NdTensorView};

use super::tokenizer::Token;
use super::{RecogniserError, RecogniserFiles};

/// Added to the score of what a token must not look at.
const HIDDEN: f32 = -1e9;

/// The networks, ready to run.
#[derive(Debug)]
pub(super) struct Networks {
    pub(super) shape: WhisperShape,
    encoder: Plan,
    decoder: Plan,
    embeddings: Box<[f16]>,
}

/// What one decoding has heard and said. Per layer, keys and values.
#[derive(Debug)]
pub(super) struct Memory {
    heard: Vec<Value>,
    said: Vec<Value>,
    /// For each token in `said`, whether it was kept.
    kept: Vec<bool>,
}

impl Networks {
    pub(super) fn load(files: &RecogniserFiles, options: LoadOptions) -> Result<Self, RecogniserError> {
        let bytes = read(&files.shape)?;
        let shape: WhisperShape =
            serde_json::from_slice(&bytes).map_err(|error| unreadable(&files.shape, error.into()))?;
        let names = |keys: &str, values: &str| -> Vec<String> {
            (0..shape.decoder_layers)
                .flat_map(|i| [format!("{keys}{i}"), format!("{values}{i}")])
                .collect()
        };
        let (heard, past, now) = (names("ck", "cv"), names("pk", "pv"), names("nk", "nv"));
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let inputs: [Vec<String>; 3] = [own(&["embedded", "pos", "mask"]), past, heard.clone()];
        let outputs: [Vec<String>; 2] = [own(&["logits"]), now];
        let embeddings: Box<[f16]> = read(&files.embeddings)?
            .chunks_exact(2)
            .map(|pair| f16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        if embeddings.len() != shape.vocabulary * shape.width {
            let error = std::io::Error::new(std::io::ErrorKind::InvalidData, "of the wrong size");
            return Err(unreadable(&files.embeddings, error));
        }
        Ok(Self {
            encoder: Model::load_with(&files.encoder, options)?.plan(&["mel"], &heard)?,
            decoder: Model::load_with(&files.decoder, options)?.plan(&inputs.concat(), &outputs.concat())?,
            embeddings,
            shape,
        })
    }

    /// Listens to a spectrogram `[bands, frames]` of an even number of frames, making room to say `tokens`.
    pub(super) fn listen(&self, spectrogram: &[f32], tokens: usize) -> Result<Memory, ModelError> {
        let bands = self.shape.mel_bands;
        let mel = NdTensorView::from_data([1, bands, spectrogram.len() / bands], spectrogram);
        let room = [1, self.shape.heads, tokens.min(self.shape.text_positions), HEAD];
        Ok(Memory {
            heard: self.encoder.run([mel])?,
            said: (0..2 * self.shape.decoder_layers)
                .map(|_| NdTensor::<f32, 4>::with_capacity(room, 2).into())
                .collect(),
            kept: Vec::new(),
        })
    }

    /// Says tokens after all that was kept before; a row of scores, one per token of the vocabulary, after each.
    pub(super) fn say(&self, memory: &mut Memory, tokens: &[Token]) -> Result<Vec<f32>, ModelError> {
        let count = tokens.len();
        let width = self.shape.width;
        let mut embedded = vec![0.0; count * width];
        for (token, row) in tokens.iter().zip(embedded.chunks_exact_mut(width)) {
            let at = *token as usize * width;
            self.embeddings[at..at + width].convert_to_f32_slice(row);
        }
        let first = memory.position() as i32;
        let positions: Vec<i32> = (first..first + count as i32).collect();
        let mask = memory.mask(count);
        let columns = memory.kept.len() + count;

        let embedded = NdTensorView::from_data([1, count, width], embedded.as_slice());
        let positions = NdTensorView::from_data([count], positions.as_slice());
        let mask = NdTensorView::from_data([count, columns], mask.as_slice());
        // Given by value, the past is appended to in place.
        let inputs = [embedded.into(), positions.into(), mask.into()]
            .into_iter()
            .chain(memory.said.drain(..).map(ValueOrView::Value))
            .chain(memory.heard.iter().map(ValueOrView::from));
        let mut outputs = self.decoder.run(inputs)?.into_iter();
        let scores = outputs
            .next()
            .ok_or_else(|| ModelError::Shape("no logits".to_owned()))?;
        memory.said.extend(outputs);
        memory.kept.extend(tokens.iter().map(|_| true));
        Ok(scores.into_shape_vec::<f32, 3>()?.1)
    }
}

impl Memory {
    /// Tokens kept so far.
    pub(super) fn position(&self) -> usize {
        self.kept.iter().filter(|kept| **kept).count()
    }

    /// Takes back the last `count` tokens kept. They stay in memory, unseen, which is cheaper than moving what is kept.
    pub(super) fn take_back(&mut self, count: usize) {
        for kept in self.kept.iter_mut().rev().filter(|kept| **kept).take(count) {
            *kept = false;
        }
    }

    /// Each new token sees what was kept, the new ones before it, and itself.
    fn mask(&self, new: usize) -> Vec<f32> {
        (0..new)
            .flat_map(|row| {
                let old = self.kept.iter().map(|kept| if *kept { 0.0 } else { HIDDEN });
                old.chain((0..new).map(move |column| if column <= row { 0.0 } else { HIDDEN }))
            })
            .collect()
    }
}

fn read(path: &Path) -> Result<Vec<u8>, RecogniserError> {
    std::fs::read(path).map_err(|error| unreadable(path, error))
}

fn unreadable(path: &Path, source: std::io::Error) -> RecogniserError {
    RecogniserError::File {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_taken_back_are_seen_no_more() {
        let mut memory = Memory {
            heard: Vec::new(),
            said: Vec::new(),
            kept: vec![true; 3],
        };
        memory.take_back(2);
        assert_eq!(memory.position(), 1);
        let (seen, hidden) = (0.0, HIDDEN);
        let rows = [
            [seen, hidden, hidden, seen, hidden],
            [seen, hidden, hidden, seen, seen],
        ];
        assert_eq!(memory.mask(2), rows.concat());
    }
}
