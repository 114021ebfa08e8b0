//! Writing a graph operator by operator.

use std::collections::HashSet;

use super::onnx::{
    Attribute, Dimension, ElementType, Graph, Model, Node, OperatorSet, Shape, Tensor, TensorType, Type,
    ValueInfo, attribute_kind,
};

/// The operator set our own graphs are written in: the first with `Gelu`.
const OPSET: i64 = 20;
const IR_VERSION: i64 = 9;

/// A dimension of an input or output: a size, or a name for one known when the model runs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Dim {
    Size(usize),
    Named(&'static str),
}

/// A graph being written. Values are referred to by name.
#[derive(Debug, Default)]
pub(crate) struct GraphBuilder {
    graph: Graph,
    constants: HashSet<String>,
}

impl GraphBuilder {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            graph: Graph {
                name: name.to_owned(),
                ..Graph::default()
            },
            ..Self::default()
        }
    }

    pub(crate) fn input(&mut self, name: &str, element: ElementType, dims: &[Dim]) -> String {
        self.graph.input.push(value_info(name, element, dims));
        name.to_owned()
    }

    pub(crate) fn output(&mut self, name: &str, dims: &[Dim]) {
        self.graph.output.push(value_info(name, ElementType::Float, dims));
    }

    /// Adds a constant unless one of this name exists.
    pub(super) fn constant(&mut self, name: &str, tensor: impl FnOnce() -> Tensor) -> String {
        if self.constants.insert(name.to_owned()) {
            self.graph.initializer.push(tensor().named(name));
        }
        name.to_owned()
    }

    /// Adds an operator with one output and gives the output's name.
    pub(super) fn op(&mut self, op_type: &str, inputs: &[&str], attributes: Vec<Attribute>) -> String {
        let output = format!("{op_type}_{}", self.graph.node.len());
        self.op_named(op_type, inputs, attributes, &output);
        output
    }

    /// Adds an operator whose output has a given name.
    pub(crate) fn op_named(
        &mut self,
        op_type: &str,
        inputs: &[&str],
        attributes: Vec<Attribute>,
        output: &str,
    ) {
        self.graph
            .node
            .push(node(op_type, inputs, attributes, vec![output.to_owned()]));
    }

    /// Adds a split into equal parts along the last axis.
    pub(super) fn split<const N: usize>(&mut self, input: &str) -> [String; N] {
        let at = self.graph.node.len();
        let outputs: [String; N] = std::array::from_fn(|part| format!("Split_{at}_{part}"));
        let attributes = vec![
            Attribute::int("axis", -1),
            Attribute::int("num_outputs", N as i64),
        ];
        self.graph
            .node
            .push(node("Split", &[input], attributes, outputs.to_vec()));
        outputs
    }

    pub(crate) fn finish(self) -> Model {
        Model {
            ir_version: IR_VERSION,
            producer_name: "bedside".to_owned(),
            graph: Some(self.graph),
            opset_import: vec![OperatorSet {
                domain: String::new(),
                version: OPSET,
            }],
        }
    }
}

pub(super) fn node(op_type: &str, inputs: &[&str], attribute: Vec<Attribute>, output: Vec<String>) -> Node {
    Node {
        name: output.first().cloned().unwrap_or_default(),
        input: inputs.iter().map(|&name| name.to_owned()).collect(),
        output,
        op_type: op_type.to_owned(),
        attribute,
        ..Node::default()
    }
}

impl Attribute {
    pub(super) fn int(name: &str, value: i64) -> Self {
        Self {
            name: name.to_owned(),
            i: Some(value),
            kind: attribute_kind::INT,
            ..Self::default()
        }
    }

    pub(super) fn ints(name: &str, values: &[i64]) -> Self {
        Self {
            name: name.to_owned(),
            ints: values.to_vec(),
            kind: attribute_kind::INTS,
            ..Self::default()
        }
    }

    pub(super) fn float(name: &str, value: f32) -> Self {
        Self {
            name: name.to_owned(),
            f: Some(value),
            kind: attribute_kind::FLOAT,
            ..Self::default()
        }
    }
}

fn value_info(name: &str, element: ElementType, dims: &[Dim]) -> ValueInfo {
    let dim = dims
        .iter()
        .map(|dim| match *dim {
            Dim::Size(size) => Dimension {
                dim_value: Some(size as i64),
                dim_param: None,
            },
            Dim::Named(name) => Dimension {
                dim_value: None,
                dim_param: Some(name.to_owned()),
            },
        })
        .collect();
    let tensor_type = TensorType {
        elem_type: element.into(),
        shape: Some(Shape { dim }),
    };
    ValueInfo {
        name: name.to_owned(),
        r#type: Some(Type {
            tensor_type: Some(tensor_type),
        }),
    }
}
