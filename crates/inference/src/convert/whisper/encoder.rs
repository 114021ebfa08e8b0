//! The encoder's graph.

use super::super::ConvertError;
use super::super::ctranslate2::Weights;
use super::super::graph::Dim;
use super::super::onnx::{Attribute, ElementType, Model, Tensor};
use super::layers::Layers;
use super::{HEAD, WhisperShape};

pub(super) fn build(weights: &Weights<'_>, shape: WhisperShape) -> Result<Model, ConvertError> {
    let mut layers = Layers::new("whisper-encoder", weights, shape);
    let mel = [Dim::Size(1), Dim::Size(shape.mel_bands), Dim::Named("frames")];
    let mel = layers.graph.input("mel", ElementType::Float, &mel);
    let x = convolve(&mut layers, &mel, "encoder/conv1", 1)?;
    let x = convolve(&mut layers, &x, "encoder/conv2", 2)?;
    let x = layers
        .graph
        .op("Transpose", &[&x], vec![Attribute::ints("perm", &[0, 2, 1])]);
    let mut x = add_positions(&mut layers, &x)?;
    for i in 0..shape.encoder_layers {
        let name = format!("encoder/layer_{i}");
        let inner = layers.norm(&x, &format!("{name}/self_attention/layer_norm"))?;
        let [queries, keys, values] =
            layers.queries_keys_values(&inner, &format!("{name}/self_attention"))?;
        let [queries, values] = [queries, values].map(|part| layers.heads(&part));
        let turned_keys = format!("keys{i}");
        layers.heads_named(&keys, [0, 2, 3, 1], &turned_keys);
        let inner = layers.attend(&queries, &turned_keys, &values, None);
        let inner = layers.linear(&inner, &format!("{name}/self_attention/linear_1"))?;
        x = layers.add(&x, &inner);
        x = layers.feed_forward(&x, &format!("{name}/ffn"))?;
    }
    let x = layers.norm(&x, "encoder/layer_norm")?;
    for i in 0..shape.decoder_layers {
        let both = layers.linear(&x, &format!("decoder/layer_{i}/attention/linear_1"))?;
        let [keys, values] = layers.graph.split(&both);
        let (heads, time) = (Dim::Size(shape.heads), Dim::Named("positions"));
        layers.heads_named(&keys, [0, 2, 3, 1], &format!("ck{i}"));
        layers
            .graph
            .output(&format!("ck{i}"), &[Dim::Size(1), heads, Dim::Size(HEAD), time]);
        layers.heads_named(&values, [0, 2, 1, 3], &format!("cv{i}"));
        layers
            .graph
            .output(&format!("cv{i}"), &[Dim::Size(1), heads, time, Dim::Size(HEAD)]);
    }
    Ok(layers.graph.finish())
}

fn convolve(layers: &mut Layers<'_>, x: &str, name: &str, stride: i64) -> Result<String, ConvertError> {
    let weight = layers.weight(&format!("{name}/weight"))?;
    let bias = layers.weight(&format!("{name}/bias"))?;
    let attributes = vec![
        Attribute::ints("kernel_shape", &[3]),
        Attribute::ints("pads", &[1, 1]),
        Attribute::ints("strides", &[stride]),
    ];
    let y = layers.graph.op("Conv", &[x, &weight, &bias], attributes);
    Ok(layers.gelu(&y))
}

/// Adds as many position encodings as there are positions.
fn add_positions(layers: &mut Layers<'_>, x: &str) -> Result<String, ConvertError> {
    let [zero, one, two] = [0, 1, 2].map(|i| {
        layers
            .graph
            .constant(&format!("index_{i}"), || Tensor::list(&[i]))
    });
    let dims = layers.graph.op("Shape", &[x], vec![]);
    let len = layers.graph.op("Slice", &[&dims, &one, &two, &zero], vec![]);
    let all = layers.weight("encoder/position_encodings/encodings")?;
    let positions = layers.graph.op("Slice", &[&all, &zero, &len, &zero], vec![]);
    Ok(layers.add(x, &positions))
}
