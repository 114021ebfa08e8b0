//! Reads the fields of JSON objects, and says exactly which one is wrong and how.
//!
//! serde's derived readers stop at a message of their own that quotes the client's value and loses the path inside
//! tagged unions; errors here are typed, carry the whole path, and quote nothing.

use serde_json::{Map, Value};

use crate::error::{ErrorCode, InvalidField};
use crate::patch::Patch;

/// The fields of one object.
pub(crate) struct Fields<'a> {
    map: &'a Map<String, Value>,
    /// Of the object, empty at the root.
    path: String,
}

impl<'a> Fields<'a> {
    pub(crate) fn root(value: &'a Value) -> Result<Self, InvalidField> {
        Self::new(value, "")
    }

    pub(crate) fn new(value: &'a Value, path: &str) -> Result<Self, InvalidField> {
        match value {
            Value::Object(map) => Ok(Self {
                map,
                path: path.to_owned(),
            }),
            other => Err(invalid_type(path, "an object", other)),
        }
    }

    /// The whole path of the field `name`.
    pub(crate) fn path(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// The field, unless it is absent or `null`.
    pub(crate) fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    /// Refuses any field but `known`.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), InvalidField> {
        match self.map.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => {
                // The name is the client's own text: it is given back, but not at any length.
                let param = self.path(&name.chars().take(64).collect::<String>());
                Err(InvalidField {
                    message: format!("Unknown parameter: '{param}'."),
                    code: ErrorCode::UnknownParameter,
                    param,
                })
            }
            None => Ok(()),
        }
    }

    /// What `read` makes of the field, where `null` means "off".
    pub(crate) fn patch<T>(
        &self,
        name: &str,
        read: impl FnOnce(&'a Value, &str) -> Result<T, InvalidField>,
    ) -> Result<Patch<T>, InvalidField> {
        match self.map.get(name) {
            None => Ok(Patch::Keep),
            Some(Value::Null) => Ok(Patch::Clear),
            Some(value) => read(value, &self.path(name)).map(Patch::Set),
        }
    }

    /// What `read` makes of the field, where `null` means absent.
    pub(crate) fn optional<T>(
        &self,
        name: &str,
        read: impl FnOnce(&'a Value, &str) -> Result<T, InvalidField>,
    ) -> Result<Option<T>, InvalidField> {
        self.get(name)
            .map(|value| read(value, &self.path(name)))
            .transpose()
    }

    pub(crate) fn required<T>(
        &self,
        name: &str,
        read: impl FnOnce(&'a Value, &str) -> Result<T, InvalidField>,
    ) -> Result<T, InvalidField> {
        self.optional(name, read)?.ok_or_else(|| {
            let param = self.path(name);
            InvalidField {
                message: format!("Missing required parameter: '{param}'."),
                code: ErrorCode::MissingRequiredParameter,
                param,
            }
        })
    }

    pub(crate) fn optional_string(&self, name: &str) -> Result<Option<String>, InvalidField> {
        self.optional(name, string)
    }

    pub(crate) fn required_string(&self, name: &str) -> Result<String, InvalidField> {
        self.required(name, string)
    }

    pub(crate) fn optional_bool(&self, name: &str) -> Result<Option<bool>, InvalidField> {
        self.optional(name, boolean)
    }

    pub(crate) fn optional_u32(&self, name: &str) -> Result<Option<u32>, InvalidField> {
        self.optional(name, u32)
    }

    pub(crate) fn required_u32(&self, name: &str) -> Result<u32, InvalidField> {
        self.required(name, u32)
    }

    pub(crate) fn required_u64(&self, name: &str) -> Result<u64, InvalidField> {
        self.required(name, u64)
    }

    pub(crate) fn optional_f32(&self, name: &str) -> Result<Option<f32>, InvalidField> {
        self.optional(name, f32)
    }

    pub(crate) fn optional_object(&self, name: &str) -> Result<Option<Self>, InvalidField> {
        self.optional(name, Self::new)
    }

    pub(crate) fn required_object(&self, name: &str) -> Result<Self, InvalidField> {
        self.required(name, Self::new)
    }
}

pub(crate) fn string(value: &Value, path: &str) -> Result<String, InvalidField> {
    value
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| invalid_type(path, "a string", value))
}

pub(crate) fn boolean(value: &Value, path: &str) -> Result<bool, InvalidField> {
    value
        .as_bool()
        .ok_or_else(|| invalid_type(path, "a boolean", value))
}

/// A whole number from zero up; `12.0` is one.
pub(crate) fn u64(value: &Value, path: &str) -> Result<u64, InvalidField> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if let Some(n) = value.as_u64() {
        return Ok(n);
    }
    match value.as_f64() {
        None => Err(invalid_type(path, "an integer", value)),
        Some(n) if n.fract() != 0.0 => Err(invalid_type(path, "an integer", value)),
        Some(n) if (0.0..=EXACT).contains(&n) => Ok(n as u64),
        Some(_) => Err(InvalidField::invalid_value(path, "an integer of at least 0")),
    }
}

pub(crate) fn u32(value: &Value, path: &str) -> Result<u32, InvalidField> {
    let n = u64(value, path)?;
    n.try_into()
        .map_err(|_| InvalidField::invalid_value(path, "an integer below 2^32"))
}

pub(crate) fn f32(value: &Value, path: &str) -> Result<f32, InvalidField> {
    let n = value
        .as_f64()
        .ok_or_else(|| invalid_type(path, "a number", value))? as f32;
    if n.is_finite() {
        Ok(n)
    } else {
        Err(InvalidField::invalid_value(path, "a number of ordinary size"))
    }
}

/// One of the named values.
pub(crate) fn one_of<T: Copy>(choices: &[(&str, T)], value: &Value, path: &str) -> Result<T, InvalidField> {
    let name = value
        .as_str()
        .ok_or_else(|| invalid_type(path, "a string", value))?;
    choices
        .iter()
        .find(|(choice, _)| *choice == name)
        .map(|(_, value)| *value)
        .ok_or_else(|| {
            let names: Vec<_> = choices.iter().map(|(name, _)| format!("'{name}'")).collect();
            InvalidField::invalid_value(path, &names.join(" or "))
        })
}

/// Every element, with at most `most` of them.
pub(crate) fn list<'a, T>(
    most: usize,
    value: &'a Value,
    path: &str,
    mut read: impl FnMut(&'a Value, &str) -> Result<T, InvalidField>,
) -> Result<Vec<T>, InvalidField> {
    let Value::Array(elements) = value else {
        return Err(invalid_type(path, "an array", value));
    };
    if elements.len() > most {
        return Err(InvalidField::invalid_value(
            path,
            &format!("at most {most} elements"),
        ));
    }
    elements
        .iter()
        .enumerate()
        .map(|(index, element)| read(element, &format!("{path}[{index}]")))
        .collect()
}

pub(crate) fn invalid_type(path: &str, expected: &str, got: &Value) -> InvalidField {
    InvalidField {
        param: path.to_owned(),
        code: ErrorCode::InvalidType,
        message: format!(
            "Invalid type for '{path}': expected {expected}, got {}.",
            json_type(got)
        ),
    }
}

/// What the client asks is valid and not done here.
pub(crate) fn unsupported(path: &str, what: &str) -> InvalidField {
    InvalidField {
        param: path.to_owned(),
        code: ErrorCode::UnsupportedParameter,
        message: format!("'{path}': {what} not supported."),
    }
}

pub(crate) const fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
