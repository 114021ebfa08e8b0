//! A miniature Whisper with made-up weights, converted and run: the graph's shapes, positions, mask and cache must agree.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use bedside_inference::convert::whisper::{HEAD, WhisperPaths, WhisperShape, convert};
use bedside_inference::model::{Model, Plan};
use bedside_inference::rten::{Value, ValueOrView, ValueView};

const WIDTH: usize = 2 * HEAD;
const VOCABULARY: usize = 40;

/// A `model.bin` in which every weight is small and different.
fn model_bin() -> Vec<u8> {
    let mut tensors: Vec<(String, Vec<usize>)> = vec![
        ("encoder/conv1/weight".into(), vec![WIDTH, 8, 3]),
        ("encoder/conv1/bias".into(), vec![WIDTH]),
        ("encoder/conv2/weight".into(), vec![WIDTH, WIDTH, 3]),
        ("encoder/conv2/bias".into(), vec![WIDTH]),
        ("encoder/position_encodings/encodings".into(), vec![1_500, WIDTH]),
        ("decoder/position_encodings/encodings".into(), vec![32, WIDTH]),
        ("decoder/embeddings/weight".into(), vec![VOCABULARY, WIDTH]),
    ];
    let mut linear = |name: &str, outputs, inputs| {
        tensors.push((format!("{name}/weight"), vec![outputs, inputs]));
        tensors.push((format!("{name}/bias"), vec![outputs]));
    };
    for side in ["encoder", "decoder"] {
        linear(
            &format!("{side}/layer_0/self_attention/linear_0"),
            3 * WIDTH,
            WIDTH,
        );
        linear(&format!("{side}/layer_0/self_attention/linear_1"), WIDTH, WIDTH);
        linear(&format!("{side}/layer_0/ffn/linear_0"), 2 * WIDTH, WIDTH);
        linear(&format!("{side}/layer_0/ffn/linear_1"), WIDTH, 2 * WIDTH);
    }
    linear("decoder/layer_0/attention/linear_0", WIDTH, WIDTH);
    linear("decoder/layer_0/attention/linear_1", 2 * WIDTH, WIDTH);
    linear("decoder/layer_0/attention/linear_2", WIDTH, WIDTH);
    let norms = [
        "encoder/layer_0/self_attention",
        "encoder/layer_0/ffn",
        "decoder/layer_0/self_attention",
    ];
    let norms = norms.into_iter().chain([
        "decoder/layer_0/attention",
        "decoder/layer_0/ffn",
        "encoder",
        "decoder",
    ]);
    for name in norms {
        tensors.push((format!("{name}/layer_norm/gamma"), vec![WIDTH]));
        tensors.push((format!("{name}/layer_norm/beta"), vec![WIDTH]));
    }

    let mut file = Vec::new();
    let name = |file: &mut Vec<u8>, text: &str| {
        file.extend((text.len() as u16 + 1).to_le_bytes());
        file.extend(text.as_bytes());
        file.push(0);
    };
    file.extend(6u32.to_le_bytes());
    name(&mut file, "WhisperSpec");
    file.extend(3u32.to_le_bytes());
    file.extend((tensors.len() as u32).to_le_bytes());
    let mut seed = 1u32;
    for (tensor, dims) in tensors {
        name(&mut file, &tensor);
        file.push(dims.len() as u8);
        file.extend(dims.iter().flat_map(|dim| (*dim as u32).to_le_bytes()));
        let len: usize = dims.iter().product();
        file.push(0);
        file.extend((4 * len as u32).to_le_bytes());
        for _ in 0..len {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let value = (seed >> 8) as f32 / (1 << 24) as f32 - 0.5;
            let value = if tensor.ends_with("gamma") {
                1.0 + value
            } else {
                value * 0.5
            };
            file.extend(value.to_le_bytes());
        }
    }
    file.extend(0u32.to_le_bytes());
    file
}

struct Decoder {
    plan: Plan,
    cross: Vec<Value>,
    past: Vec<Value>,
    position: usize,
}

impl Decoder {
    fn new(encoder: &Plan, decoder: &Plan, mel: &[f32]) -> Self {
        let mel = ValueView::from_shape([1, 8, mel.len() / 8], mel).unwrap();
        let cross = encoder.run([mel]).unwrap();
        let past = (0..2)
            .map(|_| Value::from_shape([1, 2, 0, HEAD], Vec::<f32>::new()).unwrap())
            .collect();
        Self {
            plan: decoder.clone(),
            cross,
            past,
            position: 0,
        }
    }

    /// Feeds tokens and gives the logits of the last one.
    fn feed(&mut self, embeddings: &[half::f16], tokens: &[usize]) -> Vec<f32> {
        let (new, all) = (tokens.len(), self.position + tokens.len());
        let rows = tokens
            .iter()
            .flat_map(|token| &embeddings[token * WIDTH..(token + 1) * WIDTH]);
        let embedded: Vec<f32> = rows.map(|value| value.to_f32()).collect();
        let positions: Vec<i32> = (self.position as i32..all as i32).collect();
        let hidden = |row: usize, column: usize| {
            if column > self.position + row {
                -1e9f32
            } else {
                0.0
            }
        };
        let mask: Vec<f32> = (0..new)
            .flat_map(|row| (0..all).map(move |column| hidden(row, column)))
            .collect();
        let mut inputs: Vec<ValueOrView<'_>> = vec![
            ValueView::from_shape([1, new, WIDTH], &embedded).unwrap().into(),
            ValueView::from_shape([new], &positions).unwrap().into(),
            ValueView::from_shape([new, all], &mask).unwrap().into(),
        ];
        inputs.extend(self.past.drain(..).map(ValueOrView::Value));
        inputs.extend(self.cross.iter().map(|value| ValueOrView::View(value.as_view())));
        let mut outputs = self.plan.run(inputs).unwrap();
        self.past = outputs.split_off(1);
        self.position = all;
        let (_, logits) = outputs.remove(0).into_shape_vec::<f32, 3>().unwrap();
        logits[logits.len() - VOCABULARY..].to_vec()
    }
}

#[test]
fn token_by_token_and_all_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (encoder, decoder) = (path("encoder.onnx"), path("decoder.onnx"));
    let (embeddings, shape) = (path("embeddings.f16"), path("shape.json"));
    let paths = WhisperPaths {
        encoder: &encoder,
        decoder: &decoder,
        embeddings: &embeddings,
        shape: &shape,
    };
    let converted = convert(&model_bin(), paths).unwrap();
    let expected = WhisperShape {
        width: WIDTH,
        heads: 2,
        vocabulary: VOCABULARY,
        encoder_layers: 1,
        decoder_layers: 1,
        mel_bands: 8,
        audio_positions: 1_500,
        text_positions: 32,
    };
    assert_eq!(converted, expected);
    assert_eq!(
        serde_json::from_slice::<WhisperShape>(&std::fs::read(shape).unwrap()).unwrap(),
        expected
    );

    let table = std::fs::read(&embeddings).unwrap();
    let table: Vec<_> = table
        .as_chunks()
        .0
        .iter()
        .map(|bytes| half::f16::from_le_bytes(*bytes))
        .collect();
    let encoder = Model::load(&encoder)
        .unwrap()
        .plan(&["mel"], &["ck0", "cv0"])
        .unwrap();
    let inputs = ["embedded", "pos", "mask", "pk0", "pv0", "ck0", "cv0"];
    let decoder = Model::load(&decoder)
        .unwrap()
        .plan(&inputs, &["logits", "nk0", "nv0"])
        .unwrap();
    let mel: Vec<f32> = (0..8 * 60).map(|i| (i as f32 * 0.37).sin()).collect();

    let tokens = [3, 14, 15, 9, 26];
    let at_once = Decoder::new(&encoder, &decoder, &mel).feed(&table, &tokens);
    let mut one_by_one = Decoder::new(&encoder, &decoder, &mel);
    let steps: Vec<_> = tokens
        .iter()
        .map(|token| one_by_one.feed(&table, &[*token]))
        .collect();
    let spread = at_once.iter().fold(0f32, |most, value| most.max(value.abs()));
    for (once, stepped) in at_once.iter().zip(&steps[4]) {
        assert!(
            (once - stepped).abs() < 0.05 * spread,
            "{once} and {stepped}, of at most {spread}"
        );
    }

    let other_order = Decoder::new(&encoder, &decoder, &mel).feed(&table, &[14, 3, 15, 9, 26]);
    let silence = Decoder::new(&encoder, &decoder, &vec![0.0; mel.len()]).feed(&table, &tokens);
    for different in [other_order, silence] {
        let most = at_once
            .iter()
            .zip(&different)
            .fold(0f32, |most, (a, b)| most.max((a - b).abs()));
        assert!(
            most > 0.05 * spread,
            "neither the order of tokens nor the sound mattered: {most} of {spread}"
        );
    }
}
