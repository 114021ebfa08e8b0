//! Dynamic quantisation: products of activations and constant weights done in 8-bit integers.
//!
//! Weights are scaled per output column and kept within 7 bits. x86 processors without VNNI multiply `u8` by `i8` with
//! an instruction that adds two products in 16 bits and saturates; 255 × 64 × 2 just fits, so one file is right on every
//! machine, and the scale per column more than pays for the lost bit. Activations are quantised as the model runs
//! (`DynamicQuantizeLinear`). The runtime fuses the product, the cast and the scaling into one kernel.

use std::collections::HashMap;

use super::ConvertError;
use super::graph::node;
use super::onnx::{Attribute, ElementType, Graph, Node, Tensor};

const WEIGHT_MAX: f32 = 64.0;
/// Below this many weights the bookkeeping costs more than the product.
const SMALLEST: usize = 4_096;

/// Names of an activation's integers, scale and zero point.
#[derive(Debug, Clone)]
struct Quantized {
    values: String,
    scale: String,
    zero: String,
}

/// Rewrites every `MatMul` of an activation by a constant matrix of floats.
pub fn dynamic_int8(graph: &mut Graph) -> Result<(), ConvertError> {
    let weights: HashMap<String, Tensor> = std::mem::take(&mut graph.initializer)
        .into_iter()
        .map(|tensor| (tensor.name.clone(), tensor))
        .collect();
    let mut pass = Pass {
        weights,
        ..Pass::default()
    };
    for node in std::mem::take(&mut graph.node) {
        pass.node(node)?;
    }
    graph.node = pass.nodes;
    graph.initializer = pass.constants;
    let used: std::collections::HashSet<&String> = graph.node.iter().flat_map(|node| &node.input).collect();
    let mut rest: Vec<Tensor> = pass
        .weights
        .into_values()
        .filter(|tensor| used.contains(&tensor.name))
        .collect();
    rest.sort_by(|a, b| a.name.cmp(&b.name));
    graph.initializer.extend(rest);
    Ok(())
}

#[derive(Debug, Default)]
struct Pass {
    weights: HashMap<String, Tensor>,
    nodes: Vec<Node>,
    constants: Vec<Tensor>,
    activations: HashMap<String, Quantized>,
    matrices: HashMap<String, Quantized>,
}

impl Pass {
    fn node(&mut self, old: Node) -> Result<(), ConvertError> {
        let (Some(activation), Some(weight), Some(output)) =
            (old.input.first(), old.input.get(1), old.output.first())
        else {
            self.nodes.push(old);
            return Ok(());
        };
        let suitable = old.op_type == "MatMul"
            && self.weights.get(weight).is_some_and(|tensor| {
                tensor.is_float()
                    && tensor.dims.len() == 2
                    && tensor.shape().iter().product::<usize>() >= SMALLEST
            });
        if !suitable {
            self.nodes.push(old);
            return Ok(());
        }
        let matrix = self.matrix(weight)?;
        let activation = self.activation(activation);
        let [integers, floats, scale] =
            ["integers", "floats", "scale"].map(|part| format!("{output}_{part}"));
        self.push(
            "MatMulInteger",
            &[&activation.values, &matrix.values, &activation.zero, &matrix.zero],
            vec![],
            &integers,
        );
        let to = Attribute::int("to", i64::from(i32::from(ElementType::Float)));
        self.push("Cast", &[&integers], vec![to], &floats);
        self.push("Mul", &[&activation.scale, &matrix.scale], vec![], &scale);
        self.push("Mul", &[&floats, &scale], vec![], output);
        Ok(())
    }

    fn push(&mut self, op_type: &str, inputs: &[&str], attributes: Vec<Attribute>, output: &str) {
        self.nodes
            .push(node(op_type, inputs, attributes, vec![output.to_owned()]));
    }

    /// Quantises an activation once for all the products it enters.
    fn activation(&mut self, name: &str) -> Quantized {
        if let Some(known) = self.activations.get(name) {
            return known.clone();
        }
        let [values, scale, zero] = ["quantized", "scale", "zero"].map(|part| format!("{name}_{part}"));
        let outputs = vec![values.clone(), scale.clone(), zero.clone()];
        self.nodes
            .push(node("DynamicQuantizeLinear", &[name], vec![], outputs));
        let quantized = Quantized { values, scale, zero };
        self.activations.insert(name.to_owned(), quantized.clone());
        quantized
    }

    fn matrix(&mut self, name: &str) -> Result<Quantized, ConvertError> {
        if let Some(known) = self.matrices.get(name) {
            return Ok(known.clone());
        }
        let tensor = self
            .weights
            .get(name)
            .ok_or_else(|| ConvertError::Missing(name.to_owned()))?;
        let shape = tensor.shape();
        let (values, scales) = quantize_columns(&tensor.to_floats()?, shape[1]);
        let [integers, scale] = ["int8", "scale"].map(|part| format!("{name}_{part}"));
        let zero = "zero_int8".to_owned();
        if self.matrices.is_empty() {
            self.constants.push(Tensor::bytes(&[], &[0]).named(&zero));
        }
        self.constants
            .push(Tensor::bytes(&shape, &values).named(&integers));
        self.constants
            .push(Tensor::floats(&[shape[1]], &scales).named(&scale));
        let quantized = Quantized {
            values: integers,
            scale,
            zero,
        };
        self.matrices.insert(name.to_owned(), quantized.clone());
        Ok(quantized)
    }
}

/// Scales each of `columns` columns of a row-major matrix to `-64..=64`. Gives the integers and each column's scale.
fn quantize_columns(values: &[f32], columns: usize) -> (Vec<i8>, Vec<f32>) {
    let mut scales = vec![0f32; columns];
    for row in values.chunks_exact(columns) {
        for (scale, value) in scales.iter_mut().zip(row) {
            *scale = scale.max(value.abs());
        }
    }
    for scale in &mut scales {
        *scale = if *scale > 0.0 { *scale / WEIGHT_MAX } else { 1.0 };
    }
    let integers = values
        .chunks_exact(columns)
        .flat_map(|row| {
            row.iter()
                .zip(&scales)
                .map(|(value, scale)| (value / scale).round() as i8)
        })
        .collect();
    (integers, scales)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_scaled_apart_and_stay_within_seven_bits() {
        let (integers, scales) = quantize_columns(&[1.0, 0.01, 0.0, -0.5, 0.02, 0.0], 3);
        assert_eq!(integers, [64, 32, 0, -32, 64, 0]);
        assert_eq!(scales, [1.0 / 64.0, 0.02 / 64.0, 1.0]);
    }
}
