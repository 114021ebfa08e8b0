//! The constants of an ONNX file by name, for a network small enough to be run by hand.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use prost::Message;

use crate::convert::onnx::{ElementType, Graph, Model, Tensor};

/// Why weights could not be had.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The model file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not an ONNX model.
    #[error("{path} is not an ONNX model: {source}")]
    NotOnnx {
        /// The model file.
        path: PathBuf,
        /// What is wrong with it.
        source: prost::DecodeError,
    },
    /// There is no constant of floats of this name and size.
    #[error("no constant {name:?} of {shape:?} floats")]
    Missing {
        /// The name asked for.
        name: String,
        /// The shape asked for.
        shape: Vec<usize>,
    },
}

/// All constants of floats of a model, those inside its branches included.
#[derive(Debug)]
pub struct Weights(HashMap<String, Tensor>);

impl Weights {
    /// Reads them all.
    pub fn read(path: &Path) -> Result<Self, WeightsError> {
        let bytes = std::fs::read(path).map_err(|source| WeightsError::Read {
            path: path.to_owned(),
            source,
        })?;
        let model = Model::decode(bytes.as_slice()).map_err(|source| WeightsError::NotOnnx {
            path: path.to_owned(),
            source,
        })?;
        let mut constants = HashMap::new();
        if let Some(graph) = model.graph {
            collect(graph, &mut constants);
        }
        Ok(Self(constants))
    }

    /// The elements of one, outermost dimension first.
    pub fn take(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightsError> {
        self.0
            .remove(name)
            .filter(|tensor| tensor.data_type() == ElementType::Float && tensor.shape() == shape)
            .and_then(|tensor| tensor.to_floats().ok())
            .ok_or_else(|| WeightsError::Missing {
                name: name.to_owned(),
                shape: shape.to_vec(),
            })
    }
}

fn collect(graph: Graph, constants: &mut HashMap<String, Tensor>) {
    constants.extend(graph.initializer.into_iter().map(|t| (t.name.clone(), t)));
    for node in graph.node {
        let Some(output) = node.output.into_iter().next() else {
            continue;
        };
        for attribute in node.attribute {
            if let Some(graph) = attribute.g {
                collect(graph, constants);
            } else if let Some(tensor) = attribute.t.filter(|_| node.op_type == "Constant") {
                constants.insert(output.clone(), tensor);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::onnx::{Attribute, Node};

    fn constant(name: &str, values: &[f32]) -> Node {
        Node {
            op_type: "Constant".to_owned(),
            output: vec![name.to_owned()],
            attribute: vec![Attribute {
                t: Some(Tensor::floats(&[values.len()], values)),
                ..Attribute::default()
            }],
            ..Node::default()
        }
    }

    #[test]
    fn constants_are_found_inside_branches_by_name_and_shape() {
        let branch = Node {
            op_type: "If".to_owned(),
            output: vec!["y".to_owned()],
            attribute: vec![Attribute {
                g: Some(Graph {
                    node: vec![constant("inner", &[1.0, 2.0])],
                    ..Graph::default()
                }),
                ..Attribute::default()
            }],
            ..Node::default()
        };
        let model = Model {
            graph: Some(Graph {
                node: vec![constant("outer", &[3.0]), branch],
                ..Graph::default()
            }),
            ..Model::default()
        };
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("model.onnx");
        std::fs::write(&path, model.encode_to_vec()).expect("written");
        let mut weights = Weights::read(&path).expect("read");
        assert_eq!(weights.take("inner", &[2]).ok(), Some(vec![1.0, 2.0]));
        assert!(matches!(
            weights.take("outer", &[2]),
            Err(WeightsError::Missing { .. })
        ));
    }
}
