//! The decoder's graph.

use super::super::ConvertError;
use super::super::ctranslate2::Weights;
use super::super::graph::Dim;
use super::super::onnx::{Attribute, ElementType, Model, Tensor};
use super::layers::{Layers, transpose};
use super::{HEAD, WhisperShape};

pub(super) fn build(weights: &Weights<'_>, shape: WhisperShape) -> Result<Model, ConvertError> {
    let mut layers = Layers::new("whisper-decoder", weights, shape);
    let (new, all) = (Dim::Named("new"), Dim::Named("all"));
    let embedded = layers.graph.input(
        "embedded",
        ElementType::Float,
        &[Dim::Size(1), new, Dim::Size(shape.width)],
    );
    let pos = layers.graph.input("pos", ElementType::Int64, &[new]);
    layers.graph.input("mask", ElementType::Float, &[new, all]);
    let table = layers.weight("decoder/position_encodings/encodings")?;
    let positions = layers.graph.op("Gather", &[&table, &pos], vec![]);
    let mut x = layers.add(&embedded, &positions);
    for i in 0..shape.decoder_layers {
        let name = format!("decoder/layer_{i}");
        x = self_attention(&mut layers, &x, &name, i)?;
        x = cross_attention(&mut layers, &x, &name, i)?;
        x = layers.feed_forward(&x, &format!("{name}/ffn"))?;
    }
    let x = layers.norm(&x, "decoder/layer_norm")?;
    let table = weights.get("decoder/embeddings/weight")?;
    let turned = layers.graph.constant("projection", || {
        let values = transpose(&table.values, shape.vocabulary, shape.width);
        Tensor::floats(&[shape.width, shape.vocabulary], &values)
    });
    layers.graph.op_named("MatMul", &[&x, &turned], vec![], "logits");
    layers
        .graph
        .output("logits", &[Dim::Size(1), new, Dim::Size(shape.vocabulary)]);
    Ok(layers.graph.finish())
}

fn self_attention(layers: &mut Layers<'_>, x: &str, name: &str, i: usize) -> Result<String, ConvertError> {
    let name = format!("{name}/self_attention");
    let inner = layers.norm(x, &format!("{name}/layer_norm"))?;
    let [queries, keys, values] = layers.queries_keys_values(&inner, &name)?;
    let queries = layers.heads(&queries);
    let keys = with_past(layers, &keys, "k", i);
    let values = with_past(layers, &values, "v", i);
    let keys = layers.graph.op(
        "Transpose",
        &[&keys],
        vec![Attribute::ints("perm", &[0, 1, 3, 2])],
    );
    let inner = layers.attend(&queries, &keys, &values, Some("mask"));
    let inner = layers.linear(&inner, &format!("{name}/linear_1"))?;
    Ok(layers.add(x, &inner))
}

/// Puts the new keys or values behind those of earlier tokens.
fn with_past(layers: &mut Layers<'_>, new: &str, kind: &str, i: usize) -> String {
    let dims = |time| {
        [
            Dim::Size(1),
            Dim::Size(layers.shape.heads),
            Dim::Named(time),
            Dim::Size(HEAD),
        ]
    };
    let (past_dims, all_dims) = (dims("past"), dims("all"));
    let new = layers.heads(new);
    let past = layers
        .graph
        .input(&format!("p{kind}{i}"), ElementType::Float, &past_dims);
    let all = format!("n{kind}{i}");
    layers
        .graph
        .op_named("Concat", &[&past, &new], vec![Attribute::int("axis", 2)], &all);
    layers.graph.output(&all, &all_dims);
    all
}

fn cross_attention(layers: &mut Layers<'_>, x: &str, name: &str, i: usize) -> Result<String, ConvertError> {
    let (heads, time) = (Dim::Size(layers.shape.heads), Dim::Named("positions"));
    let keys = [Dim::Size(1), heads, Dim::Size(HEAD), time];
    let keys = layers.graph.input(&format!("ck{i}"), ElementType::Float, &keys);
    let values = [Dim::Size(1), heads, time, Dim::Size(HEAD)];
    let values = layers.graph.input(&format!("cv{i}"), ElementType::Float, &values);

    let name = format!("{name}/attention");
    let inner = layers.norm(x, &format!("{name}/layer_norm"))?;
    let queries = layers.cross_queries(&inner, &name)?;
    let queries = layers.heads(&queries);
    let inner = layers.attend(&queries, &keys, &values, None);
    let inner = layers.linear(&inner, &format!("{name}/linear_2"))?;
    Ok(layers.add(x, &inner))
}
