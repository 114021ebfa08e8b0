//! A loaded ONNX model and the plans to run it.

mod lane;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use lane::in_lane;
pub(crate) use lane::with_own_lane;
use rten::{LoadError, ModelOptions, NodeId, RunError, RunOptions, TryFromValueError, Value, ValueOrView};

/// Why a model did not load or run. Carries names and shapes, never tensor contents.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The file is missing, is not ONNX, or uses operators the runtime lacks.
    #[error("cannot load the model {path}: {source}")]
    Load {
        /// The model file.
        path: PathBuf,
        /// What the runtime said.
        source: LoadError,
    },
    /// The model has no value of this name.
    #[error("the model has no value named {0:?}")]
    NoSuchName(String),
    /// A plan was given more or fewer inputs than it was made for.
    #[error("the plan takes {expected} inputs, {given} given")]
    InputCount {
        /// Inputs the plan was made for.
        expected: usize,
        /// Inputs given.
        given: usize,
    },
    /// The runtime refused an input or failed in an operator.
    #[error("the model failed: {0}")]
    Run(#[from] RunError),
    /// An output is not of the type or rank the caller asked for.
    #[error("unexpected output: {0}")]
    Output(#[from] TryFromValueError),
    /// A shape does not fit its data.
    #[error("unexpected shape: {0}")]
    Shape(String),
}

impl ModelError {
    /// Wraps the runtime's complaint about a shape that does not fit its data.
    #[allow(clippy::needless_pass_by_value, reason = "made for `map_err`")]
    pub fn shape(error: impl fmt::Display) -> Self {
        Self::Shape(error.to_string())
    }
}

/// How many threads one run may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Threads {
    /// The calling thread's own lane: many runs side by side, none waiting for another.
    #[default]
    One,
    /// Two threads shared by the whole process, for the rare run whose latency matters more than throughput.
    Two,
}

/// How a model is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LoadOptions {
    /// Keep a second copy of the weights in the layout the kernels like: faster runs for more memory and a slower
    /// load.
    pub prepack: bool,
    /// Threads of each run.
    pub threads: Threads,
}

/// A loaded model. Cloning shares it; any number of threads may run it at once.
#[derive(Debug, Clone)]
pub struct Model {
    graph: Arc<rten::Model>,
    threads: Threads,
}

impl Model {
    /// Loads an ONNX file, to be run on one thread per call, weights as they are.
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        Self::load_with(path, LoadOptions::default())
    }

    /// Loads an ONNX file. The weights are copied into memory: a mapped file would need `unsafe`, and the runtime
    /// copies weights embedded in an ONNX file even then, for their alignment.
    pub fn load_with(path: &Path, options: LoadOptions) -> Result<Self, ModelError> {
        let graph = ModelOptions::with_all_ops()
            .prepack_weights(options.prepack)
            .load_file(path)
            .map_err(|source| ModelError::Load {
                path: path.to_owned(),
                source,
            })?;
        Ok(Self {
            graph: Arc::new(graph),
            threads: options.threads,
        })
    }

    /// Runs the model once, finding its values by name. Where it is run often, make a [`Plan`].
    ///
    /// 64-bit integers and booleans of the ONNX graph are given and returned as `i32`.
    pub fn run(
        &self,
        inputs: Vec<(&str, ValueOrView<'_>)>,
        outputs: &[&str],
    ) -> Result<Vec<Value>, ModelError> {
        let (names, values): (Vec<_>, Vec<_>) = inputs.into_iter().unzip();
        self.plan(&names, outputs)?.run(values)
    }

    /// Resolves names once, so that a hot loop does no look-ups.
    pub fn plan<I: AsRef<str>, O: AsRef<str>>(
        &self,
        inputs: &[I],
        outputs: &[O],
    ) -> Result<Plan, ModelError> {
        Ok(Plan {
            inputs: inputs
                .iter()
                .map(|name| self.node(name.as_ref()))
                .collect::<Result<_, _>>()?,
            outputs: outputs
                .iter()
                .map(|name| self.node(name.as_ref()))
                .collect::<Result<_, _>>()?,
            model: self.clone(),
        })
    }

    /// The names of the graph's inputs, in its order.
    pub fn input_names(&self) -> Vec<&str> {
        self.names(self.graph.input_ids())
    }

    /// The names of the graph's outputs, in its order.
    pub fn output_names(&self) -> Vec<&str> {
        self.names(self.graph.output_ids())
    }

    fn names(&self, ids: &[NodeId]) -> Vec<&str> {
        ids.iter()
            .filter_map(|id| self.graph.node_info(*id)?.name())
            .collect()
    }

    fn node(&self, name: &str) -> Result<NodeId, ModelError> {
        self.graph
            .find_node(name)
            .ok_or_else(|| ModelError::NoSuchName(name.to_owned()))
    }
}

/// A model with its inputs and outputs chosen and their names resolved. Cloning shares the model.
#[derive(Debug, Clone)]
pub struct Plan {
    model: Model,
    inputs: Arc<[NodeId]>,
    outputs: Arc<[NodeId]>,
}

impl Plan {
    /// Runs the model on inputs in the plan's order; outputs come in the plan's order.
    ///
    /// An input given by value may be worked on in place; one given as a view is never copied.
    pub fn run<'a, V: Into<ValueOrView<'a>>>(
        &self,
        inputs: impl IntoIterator<Item = V>,
    ) -> Result<Vec<Value>, ModelError> {
        let values: Vec<ValueOrView<'a>> = inputs.into_iter().map(Into::into).collect();
        if values.len() != self.inputs.len() {
            return Err(ModelError::InputCount {
                expected: self.inputs.len(),
                given: values.len(),
            });
        }
        let inputs = self.inputs.iter().copied().zip(values).collect();
        let options = RunOptions::default().with_thread_pool(Some(lane::pool(self.model.threads)));
        Ok(self.model.graph.run(inputs, &self.outputs, Some(options))?)
    }

    /// As [`Plan::run`], for a number of outputs known when compiling.
    pub fn run_n<'a, V: Into<ValueOrView<'a>>, const N: usize>(
        &self,
        inputs: impl IntoIterator<Item = V>,
    ) -> Result<[Value; N], ModelError> {
        self.run(inputs)?.try_into().map_err(|outputs: Vec<Value>| {
            ModelError::Shape(format!("{} outputs, {N} wanted", outputs.len()))
        })
    }
}

#[cfg(test)]
mod tests;
