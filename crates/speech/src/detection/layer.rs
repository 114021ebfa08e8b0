//! A layer of constant weights, applied by the matrix kernels of this processor.

use rten_gemm::{BiasVector, GemmError, GemmExecutor, GemmInputA, GemmInputB, GemmOptions, PackedBMatrix};
use rten_tensor::NdTensorView;

/// Weights and biases, in the layout the kernels like.
pub(super) struct Layer {
    weights: PackedBMatrix<f32>,
    bias: Vec<f32>,
}

impl Layer {
    /// A layer with an input for each of `rows` and a unit for each of `bias`.
    pub(super) fn new<R: Copy>(
        rows: impl Iterator<Item = R>,
        weight: impl Fn(R, usize) -> f32,
        bias: Vec<f32>,
    ) -> Self {
        let units = bias.len();
        let weights: Vec<f32> = rows
            .flat_map(|row| (0..units).map(move |unit| (row, unit)))
            .map(|(row, unit)| weight(row, unit))
            .collect();
        let matrix = NdTensorView::from_data([weights.len() / units, units], weights.as_slice());
        Self {
            weights: GemmExecutor::<f32>::new().prepack_b(matrix),
            bias,
        }
    }

    /// The units for each row of inputs, one row after the other.
    pub(super) fn apply(&self, inputs: &[f32]) -> Result<Vec<f32>, GemmError> {
        let width = self.weights.rows();
        let rows = inputs.len() / width;
        let mut out = vec![0.0; rows * self.bias.len()];
        // Making one chooses the kernel and allocates nothing.
        GemmExecutor::<f32>::new().gemm(
            &mut out,
            GemmInputA::Unpacked(NdTensorView::from_data([rows, width], inputs)),
            GemmInputB::Packed(&self.weights),
            GemmOptions {
                bias: Some(BiasVector::Row(&self.bias)),
                ..GemmOptions::default()
            },
        )?;
        Ok(out)
    }
}
