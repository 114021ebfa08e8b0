//! Reading `CTranslate2`'s `model.bin` (binary version 6): a header, then named tensors, then aliases. Integers are
//! little-endian; names are length-prefixed and zero-terminated.

use std::collections::HashMap;

use half::f16;

use super::ConvertError;

const BINARY_VERSION: u32 = 6;
const FLOAT32: u8 = 0;
const FLOAT16: u8 = 4;

/// The weights of one model, by `CTranslate2`'s names.
#[derive(Debug)]
pub struct Weights<'a> {
    spec: String,
    tensors: HashMap<String, Stored<'a>>,
    aliases: HashMap<String, String>,
}

#[derive(Debug)]
struct Stored<'a> {
    dims: Vec<usize>,
    element: u8,
    data: &'a [u8],
}

/// A weight as floats.
#[derive(Debug, Clone, PartialEq)]
pub struct Weight {
    /// Shape, outermost dimension first.
    pub dims: Vec<usize>,
    /// Elements, row-major.
    pub values: Vec<f32>,
}

impl<'a> Weights<'a> {
    /// Reads the index of a whole `model.bin`; tensors stay in `file`.
    pub fn parse(file: &'a [u8]) -> Result<Self, ConvertError> {
        let mut cursor = Cursor(file);
        let version = cursor.u32()?;
        if version != BINARY_VERSION {
            return Err(ConvertError::Unsupported(format!(
                "CTranslate2 binary version {version}"
            )));
        }
        let spec = cursor.name()?;
        let _revision = cursor.u32()?;
        let count = cursor.u32()?;
        let mut tensors = HashMap::new();
        for _ in 0..count {
            let name = cursor.name()?;
            tensors.insert(name, cursor.tensor()?);
        }
        let mut aliases = HashMap::new();
        let count = if cursor.0.is_empty() { 0 } else { cursor.u32()? };
        for _ in 0..count {
            aliases.insert(cursor.name()?, cursor.name()?);
        }
        Ok(Self {
            spec,
            tensors,
            aliases,
        })
    }

    /// The kind of model, such as `WhisperSpec`.
    pub fn spec(&self) -> &str {
        &self.spec
    }

    /// Whether a weight of this name exists.
    pub fn contains(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// A weight as floats.
    pub fn get(&self, name: &str) -> Result<Weight, ConvertError> {
        let stored = self
            .find(name)
            .ok_or_else(|| ConvertError::Missing(name.to_owned()))?;
        let values: Vec<f32> = match stored.element {
            FLOAT32 => stored
                .data
                .as_chunks()
                .0
                .iter()
                .map(|b| f32::from_le_bytes(*b))
                .collect(),
            FLOAT16 => stored
                .data
                .as_chunks()
                .0
                .iter()
                .map(|b| f16::from_le_bytes(*b).to_f32())
                .collect(),
            other => {
                return Err(ConvertError::Unsupported(format!(
                    "{name} has element type {other}"
                )));
            }
        };
        if values.len() != stored.dims.iter().product::<usize>() {
            return Err(ConvertError::Malformed(format!(
                "{name} has {} elements",
                values.len()
            )));
        }
        Ok(Weight {
            dims: stored.dims.clone(),
            values,
        })
    }

    fn find(&self, name: &str) -> Option<&Stored<'a>> {
        let name = self.aliases.get(name).map_or(name, String::as_str);
        self.tensors.get(name)
    }
}

struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], ConvertError> {
        let (head, rest) = self
            .0
            .split_at_checked(len)
            .ok_or_else(|| ConvertError::Malformed("the weights end early".to_owned()))?;
        self.0 = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ConvertError> {
        self.take(N)?
            .try_into()
            .map_err(|_| ConvertError::Malformed("the weights end early".to_owned()))
    }

    fn u32(&mut self) -> Result<u32, ConvertError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn name(&mut self) -> Result<String, ConvertError> {
        let len = u16::from_le_bytes(self.array()?);
        let bytes = self.take(usize::from(len))?;
        let text = bytes.strip_suffix(b"\0").unwrap_or(bytes);
        String::from_utf8(text.to_vec())
            .map_err(|_| ConvertError::Malformed("a name is not UTF-8".to_owned()))
    }

    fn tensor(&mut self) -> Result<Stored<'a>, ConvertError> {
        let [rank] = self.array()?;
        let dims = (0..rank)
            .map(|_| Ok(self.u32()? as usize))
            .collect::<Result<_, ConvertError>>()?;
        let [element] = self.array()?;
        let len = self.u32()? as usize;
        Ok(Stored {
            dims,
            element,
            data: self.take(len)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(out: &mut Vec<u8>, text: &str) {
        out.extend(((text.len() + 1) as u16).to_le_bytes());
        out.extend(text.as_bytes());
        out.push(0);
    }

    fn file() -> Vec<u8> {
        let mut out = Vec::new();
        out.extend(6u32.to_le_bytes());
        name(&mut out, "WhisperSpec");
        out.extend(3u32.to_le_bytes());
        out.extend(1u32.to_le_bytes());
        name(&mut out, "a/weight");
        out.push(2);
        out.extend(1u32.to_le_bytes());
        out.extend(2u32.to_le_bytes());
        out.push(FLOAT16);
        out.extend(4u32.to_le_bytes());
        out.extend(f16::from_f32(1.5).to_le_bytes());
        out.extend(f16::from_f32(-2.0).to_le_bytes());
        out.extend(1u32.to_le_bytes());
        name(&mut out, "b/weight");
        name(&mut out, "a/weight");
        out
    }

    #[test]
    fn half_precision_weights_are_read_by_name_and_alias() {
        let bytes = file();
        let weights = Weights::parse(&bytes).unwrap();
        assert_eq!(weights.spec(), "WhisperSpec");
        let expected = Weight {
            dims: vec![1, 2],
            values: vec![1.5, -2.0],
        };
        assert_eq!(weights.get("a/weight").unwrap(), expected);
        assert_eq!(weights.get("b/weight").unwrap(), expected);
        assert!(matches!(weights.get("c"), Err(ConvertError::Missing(_))));
    }

    #[test]
    fn a_file_cut_anywhere_is_refused_not_a_panic() {
        let bytes = file();
        let aliases = 4 + 2 * (2 + 9);
        for len in (0..bytes.len()).filter(|len| *len != bytes.len() - aliases) {
            assert!(Weights::parse(&bytes[..len]).is_err(), "cut at {len}");
        }
    }

    #[test]
    fn another_version_is_refused() {
        let mut bytes = file();
        bytes[0] = 5;
        assert!(matches!(
            Weights::parse(&bytes),
            Err(ConvertError::Unsupported(_))
        ));
    }
}
