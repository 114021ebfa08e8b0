//! Smart Turn as published stores integers between `QuantizeLinear` and `DequantizeLinear` pairs, which the runtime
//! executes one by one. Folded, the weights are floats and activations pass unchanged.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use prost::Message;
use rten::ValueView;
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;

use super::ConvertError;
use super::onnx::{Graph, Model as OnnxModel, Node, Tensor};
use super::quantize::dynamic_int8;
use crate::model::{Model, ModelError};

/// Mel bands and frames (10 ms each) of the input.
const INPUT: [usize; 3] = [1, 80, 800];

/// Converts the published model and runs the result once to see that it works. `to` is written in place.
pub fn convert(published: &[u8], to: &Path) -> Result<(), ConvertError> {
    let mut model = OnnxModel::decode(published)?;
    let graph = model
        .graph
        .as_mut()
        .ok_or_else(|| ConvertError::Malformed("no graph".to_owned()))?;
    fold(graph)?;
    dynamic_int8(graph)?;
    model.opset_import.retain(|set| set.domain.is_empty());
    std::fs::write(to, model.encode_to_vec())?;

    let silence = NdTensor::<f32, 3>::zeros(INPUT);
    let plan = Model::load(to)?.plan(&["input_features"], &["logits"])?;
    let [probability] = plan.run_n([ValueView::from(silence.view())])?;
    let (_, values) = probability.into_shape_vec::<f32, 2>().map_err(ModelError::from)?;
    match values.as_slice() {
        [p] if (0.0..=1.0).contains(p) => Ok(()),
        other => Err(ConvertError::Malformed(format!(
            "{} probabilities, or none at all",
            other.len()
        ))),
    }
}

/// Replaces quantised constants by floats and joins what quantisation of activations stood between.
fn fold(graph: &mut Graph) -> Result<(), ConvertError> {
    let constants: HashMap<String, Tensor> = graph
        .initializer
        .iter()
        .map(|tensor| (tensor.name.clone(), tensor.clone()))
        .collect();
    let quantizers: HashMap<String, String> = graph
        .node
        .iter()
        .filter(|node| node.op_type == "QuantizeLinear")
        .filter_map(|node| Some((node.output.first()?.clone(), node.input.first()?.clone())))
        .collect();
    let mut sources: BTreeMap<String, String> = BTreeMap::new();
    for node in graph
        .node
        .iter()
        .filter(|node| node.op_type == "DequantizeLinear")
    {
        let [input, output] = [node.input.first(), node.output.first()].map(|name| {
            name.cloned()
                .ok_or_else(|| ConvertError::Malformed("a node without ends".to_owned()))
        });
        let (input, output) = (input?, output?);
        if let Some(source) = quantizers.get(&input) {
            sources.insert(output, source.clone());
        } else {
            graph
                .initializer
                .push(dequantize(node, &constants)?.named(output));
        }
    }
    graph
        .node
        .retain(|node| !matches!(node.op_type.as_str(), "QuantizeLinear" | "DequantizeLinear"));
    for name in graph.node.iter_mut().flat_map(|node| &mut node.input) {
        while let Some(source) = sources.get(name) {
            name.clone_from(source);
        }
    }
    let used: HashSet<&String> = graph.node.iter().flat_map(|node| &node.input).collect();
    graph.initializer.retain(|tensor| used.contains(&tensor.name));
    Ok(())
}

/// `(q − zero) · scale`, both per tensor or along one axis (attribute `axis`, 1 by default).
fn dequantize(node: &Node, constants: &HashMap<String, Tensor>) -> Result<Tensor, ConvertError> {
    let constant = |at: usize| {
        let name = node.input.get(at).filter(|name| !name.is_empty());
        name.map(|name| {
            constants
                .get(name)
                .ok_or_else(|| ConvertError::Missing(name.clone()))
        })
        .transpose()
    };
    let (Some(quantized), Some(scale)) = (constant(0)?, constant(1)?) else {
        return Err(ConvertError::Malformed(format!("{} has no scale", node.name)));
    };
    let shape = quantized.shape();
    let scales = scale.to_floats()?;
    let zeros = constant(2)?.map_or_else(|| Ok(vec![0.0; scales.len()]), Tensor::to_floats)?;
    let axis = node
        .attribute
        .iter()
        .find(|attribute| attribute.name == "axis")
        .and_then(|a| a.i)
        .unwrap_or(1);
    let inner: usize = if scales.len() == 1 {
        1
    } else {
        let axis = usize::try_from(axis)
            .ok()
            .filter(|axis| shape.get(*axis) == Some(&scales.len()));
        let axis = axis.ok_or_else(|| ConvertError::Malformed(format!("{} has a wrong axis", node.name)))?;
        shape[axis + 1..].iter().product()
    };
    if zeros.len() != scales.len() || scales.is_empty() {
        return Err(ConvertError::Malformed(format!(
            "{} has another number of zeros than scales",
            node.name
        )));
    }
    let values: Vec<f32> = quantized
        .to_floats()?
        .iter()
        .enumerate()
        .map(|(i, value)| (value - zeros[i / inner % zeros.len()]) * scales[i / inner % scales.len()])
        .collect();
    Ok(Tensor::floats(&shape, &values))
}

#[cfg(test)]
mod tests {
    use super::super::graph::node;
    use super::*;

    fn graph() -> Graph {
        let node =
            |op: &str, inputs: &[&str], output: &str| node(op, inputs, vec![], vec![output.to_owned()]);
        let mut weight = node("DequantizeLinear", &["q", "scales", "zeros"], "weight");
        weight
            .attribute
            .push(super::super::onnx::Attribute::int("axis", 1));
        Graph {
            node: vec![
                weight,
                node("QuantizeLinear", &["input", "scale", "zero"], "input_q"),
                node("DequantizeLinear", &["input_q", "scale", "zero"], "input_f"),
                node("MatMul", &["input_f", "weight"], "output"),
            ],
            initializer: vec![
                Tensor::bytes(&[2, 2], &[1, 2, 3, -4]).named("q"),
                Tensor::floats(&[2], &[0.5, 10.0]).named("scales"),
                Tensor::bytes(&[2], &[1, 0]).named("zeros"),
                Tensor::floats(&[], &[0.1]).named("scale"),
                Tensor::bytes(&[], &[0]).named("zero"),
            ],
            ..Graph::default()
        }
    }

    #[test]
    fn weights_become_floats_and_activations_pass() {
        let mut folded = graph();
        fold(&mut folded).unwrap();
        assert_eq!(folded.node.len(), 1);
        assert_eq!(folded.node[0].input, ["input", "weight"]);
        assert_eq!(folded.initializer.len(), 1);
        assert_eq!(
            folded.initializer[0].to_floats().unwrap(),
            [0.0, 20.0, 1.0, -40.0]
        );
    }

    #[test]
    fn an_axis_that_does_not_fit_is_refused() {
        let mut wrong = graph();
        wrong.node[0].attribute[0].i = Some(2);
        assert!(matches!(fold(&mut wrong), Err(ConvertError::Malformed(_))));
        assert!(matches!(
            convert(b"\xffnot protobuf", Path::new("unused")),
            Err(ConvertError::NotOnnx(_))
        ));
    }
}
