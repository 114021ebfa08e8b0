//! Between ONNX constants and slices.

use super::ConvertError;
use super::onnx::{ElementType, Tensor};

impl Tensor {
    fn new(data_type: ElementType, dims: &[usize], raw_data: Vec<u8>) -> Self {
        Self {
            dims: dims.iter().map(|&dim| dim as i64).collect(),
            data_type: data_type.into(),
            raw_data,
            ..Self::default()
        }
    }

    /// A constant of floats.
    pub(crate) fn floats(dims: &[usize], values: &[f32]) -> Self {
        Self::new(
            ElementType::Float,
            dims,
            values.iter().flat_map(|v| v.to_le_bytes()).collect(),
        )
    }

    /// A constant of signed bytes.
    pub(super) fn bytes(dims: &[usize], values: &[i8]) -> Self {
        Self::new(
            ElementType::Int8,
            dims,
            values.iter().map(|v| v.cast_unsigned()).collect(),
        )
    }

    /// A list of 64-bit integers: a shape, an axis.
    pub(super) fn list(values: &[i64]) -> Self {
        Self::new(
            ElementType::Int64,
            &[values.len()],
            values.iter().flat_map(|v| v.to_le_bytes()).collect(),
        )
    }

    pub(super) fn named(self, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..self
        }
    }

    /// The shape.
    pub(crate) fn shape(&self) -> Vec<usize> {
        self.dims
            .iter()
            .map(|&dim| usize::try_from(dim).unwrap_or(0))
            .collect()
    }

    pub(super) fn is_float(&self) -> bool {
        self.data_type() == ElementType::Float
    }

    /// The elements as floats, whatever they are stored as.
    pub(crate) fn to_floats(&self) -> Result<Vec<f32>, ConvertError> {
        let raw = &self.raw_data;
        let values: Vec<f32> = match self.data_type() {
            ElementType::Float if raw.is_empty() => self.float_data.clone(),
            ElementType::Float => words(raw).map(f32::from_le_bytes).collect(),
            ElementType::Int32 if raw.is_empty() => self.int32_data.iter().map(|&v| v as f32).collect(),
            ElementType::Int32 => words(raw).map(|word| i32::from_le_bytes(word) as f32).collect(),
            ElementType::Int8 | ElementType::Uint8 if raw.is_empty() => {
                self.int32_data.iter().map(|&v| v as f32).collect()
            }
            ElementType::Int8 => raw.iter().map(|v| f32::from(v.cast_signed())).collect(),
            ElementType::Uint8 => raw.iter().map(|&v| f32::from(v)).collect(),
            other => {
                return Err(ConvertError::Unsupported(format!(
                    "{} holds {other:?}",
                    self.name
                )));
            }
        };
        if values.len() != self.shape().iter().product::<usize>() {
            return Err(ConvertError::Malformed(format!(
                "{} has {} elements",
                self.name,
                values.len()
            )));
        }
        Ok(values)
    }
}

fn words(raw: &[u8]) -> impl Iterator<Item = [u8; 4]> {
    raw.as_chunks().0.iter().copied()
}
