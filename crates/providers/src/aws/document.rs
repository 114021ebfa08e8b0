//! JSON as the SDK wants it.

use aws_smithy_types::{Document, Number};
use serde_json::Value;

/// `value` as the SDK's own type of JSON.
pub(crate) fn document(value: &Value) -> Document {
    match value {
        Value::Null => Document::Null,
        Value::Bool(value) => Document::Bool(*value),
        Value::Number(number) => Document::Number(self::number(number)),
        Value::String(text) => Document::String(text.clone()),
        Value::Array(items) => Document::Array(items.iter().map(document).collect()),
        Value::Object(fields) => Document::Object(
            fields
                .iter()
                .map(|(name, value)| (name.clone(), document(value)))
                .collect(),
        ),
    }
}

fn number(number: &serde_json::Number) -> Number {
    if let Some(value) = number.as_u64() {
        Number::PosInt(value)
    } else if let Some(value) = number.as_i64() {
        Number::NegInt(value)
    } else {
        Number::Float(number.as_f64().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_of_json_is_carried_over() {
        let converted = document(&json!({ "a": [1, -2, 0.5, true, null, "text"] }));
        let items = &converted.as_object().unwrap()["a"];
        assert_eq!(
            items.as_array().unwrap(),
            &[
                Document::Number(Number::PosInt(1)),
                Document::Number(Number::NegInt(-2)),
                Document::Number(Number::Float(0.5)),
                Document::Bool(true),
                Document::Null,
                Document::String("text".to_owned()),
            ]
        );
    }
}
