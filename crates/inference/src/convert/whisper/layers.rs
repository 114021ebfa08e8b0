//! The pieces a Whisper graph is made of, by `CTranslate2`'s names. Every weight matrix is stored `[out, in]` and turned
//! over here.

use super::super::ConvertError;
use super::super::ctranslate2::{Weight, Weights};
use super::super::graph::GraphBuilder;
use super::super::onnx::{Attribute, Tensor};
use super::{HEAD, WhisperShape};

/// A graph under construction and the weights it takes from.
#[derive(Debug)]
pub(super) struct Layers<'a> {
    pub(super) graph: GraphBuilder,
    pub(super) shape: WhisperShape,
    weights: &'a Weights<'a>,
}

impl<'a> Layers<'a> {
    pub(super) fn new(name: &str, weights: &'a Weights<'a>, shape: WhisperShape) -> Self {
        Self {
            graph: GraphBuilder::new(name),
            shape,
            weights,
        }
    }

    /// A weight as a constant, unchanged.
    pub(super) fn weight(&mut self, name: &str) -> Result<String, ConvertError> {
        let Weight { dims, values } = self.weights.get(name)?;
        Ok(self.graph.constant(name, || Tensor::floats(&dims, &values)))
    }

    /// `x · Wᵀ + b`, the bias being optional.
    pub(super) fn linear(&mut self, x: &str, name: &str) -> Result<String, ConvertError> {
        self.scaled_linear(x, name, 0..0, 1.0)
    }

    /// A linear layer whose outputs in `rows` are multiplied by `factor`.
    fn scaled_linear(
        &mut self,
        x: &str,
        name: &str,
        rows: std::ops::Range<usize>,
        factor: f32,
    ) -> Result<String, ConvertError> {
        let weight = self.weights.get(&format!("{name}/weight"))?;
        let &[outputs, inputs] = weight.dims.as_slice() else {
            return Err(ConvertError::Malformed(format!("{name} is not a matrix")));
        };
        let mut turned = transpose(&weight.values, outputs, inputs);
        for column in turned.chunks_exact_mut(outputs) {
            column[rows.clone()].iter_mut().for_each(|value| *value *= factor);
        }
        let matrix = self.graph.constant(&format!("{name}/turned"), || {
            Tensor::floats(&[inputs, outputs], &turned)
        });
        let product = self.graph.op("MatMul", &[x, &matrix], vec![]);
        let bias = format!("{name}/bias");
        if !self.weights.contains(&bias) {
            return Ok(product);
        }
        let Weight { dims, mut values } = self.weights.get(&bias)?;
        values[rows].iter_mut().for_each(|value| *value *= factor);
        let bias = self.graph.constant(&bias, || Tensor::floats(&dims, &values));
        Ok(self.graph.op("Add", &[&product, &bias], vec![]))
    }

    /// Queries, scaled for attention, and keys and values, each `[1, N, D]`.
    pub(super) fn queries_keys_values(&mut self, x: &str, name: &str) -> Result<[String; 3], ConvertError> {
        let rows = 0..self.shape.width;
        let all = self.scaled_linear(x, &format!("{name}/linear_0"), rows, score_scale())?;
        Ok(self.graph.split(&all))
    }

    /// Queries of cross-attention, scaled.
    pub(super) fn cross_queries(&mut self, x: &str, name: &str) -> Result<String, ConvertError> {
        let rows = 0..self.shape.width;
        self.scaled_linear(x, &format!("{name}/linear_0"), rows, score_scale())
    }

    /// `[1, N, D]` apart into heads: `[1, H, N, 64]`.
    pub(super) fn heads(&mut self, x: &str) -> String {
        let apart = self.apart(x);
        self.graph.op(
            "Transpose",
            &[&apart],
            vec![Attribute::ints("perm", &[0, 2, 1, 3])],
        )
    }

    /// `[1, N, D]` apart into heads, under a name and with the axes of `[1, N, H, 64]` in a given order.
    pub(super) fn heads_named(&mut self, x: &str, order: [i64; 4], output: &str) {
        let apart = self.apart(x);
        self.graph.op_named(
            "Transpose",
            &[&apart],
            vec![Attribute::ints("perm", &order)],
            output,
        );
    }

    fn apart(&mut self, x: &str) -> String {
        let dims = [0, 0, self.shape.heads as i64, HEAD as i64];
        let dims = self.graph.constant("shape_heads", || Tensor::list(&dims));
        self.graph.op("Reshape", &[x, &dims], vec![])
    }

    /// Softmax of `queries · keys` (plus a mask) over `values`, heads put together again: `[1, N, D]`. Keys come
    /// transposed, `[1, H, 64, T]`.
    pub(super) fn attend(&mut self, queries: &str, keys: &str, values: &str, mask: Option<&str>) -> String {
        let mut scores = self.graph.op("MatMul", &[queries, keys], vec![]);
        if let Some(mask) = mask {
            scores = self.graph.op("Add", &[&scores, mask], vec![]);
        }
        let weights = self
            .graph
            .op("Softmax", &[&scores], vec![Attribute::int("axis", -1)]);
        let mixed = self.graph.op("MatMul", &[&weights, values], vec![]);
        let mixed = self.graph.op(
            "Transpose",
            &[&mixed],
            vec![Attribute::ints("perm", &[0, 2, 1, 3])],
        );
        let dims = [0, 0, self.shape.width as i64];
        let dims = self.graph.constant("shape_width", || Tensor::list(&dims));
        self.graph.op("Reshape", &[&mixed, &dims], vec![])
    }

    pub(super) fn norm(&mut self, x: &str, name: &str) -> Result<String, ConvertError> {
        let gamma = self.weight(&format!("{name}/gamma"))?;
        let beta = self.weight(&format!("{name}/beta"))?;
        let attributes = vec![Attribute::int("axis", -1), Attribute::float("epsilon", 1e-5)];
        Ok(self
            .graph
            .op("LayerNormalization", &[x, &gamma, &beta], attributes))
    }

    pub(super) fn gelu(&mut self, x: &str) -> String {
        self.graph.op("Gelu", &[x], vec![])
    }

    pub(super) fn add(&mut self, x: &str, y: &str) -> String {
        self.graph.op("Add", &[x, y], vec![])
    }

    /// The feed-forward block with its residual.
    pub(super) fn feed_forward(&mut self, x: &str, name: &str) -> Result<String, ConvertError> {
        let inner = self.norm(x, &format!("{name}/layer_norm"))?;
        let inner = self.linear(&inner, &format!("{name}/linear_0"))?;
        let inner = self.gelu(&inner);
        let inner = self.linear(&inner, &format!("{name}/linear_1"))?;
        Ok(self.add(x, &inner))
    }
}

fn score_scale() -> f32 {
    (HEAD as f32).sqrt().recip()
}

pub(super) fn transpose(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..columns)
        .flat_map(|column| (0..rows).map(move |row| values[row * columns + column]))
        .collect()
}

impl Weights<'_> {
    /// The shape of a weight of known rank.
    pub(super) fn dims<const N: usize>(&self, name: &str) -> Result<[usize; N], ConvertError> {
        let dims = self.get(name)?.dims;
        dims.try_into()
            .map_err(|_| ConvertError::Malformed(format!("{name} has another rank than {N}")))
    }
}
