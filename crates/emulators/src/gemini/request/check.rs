//! What the service refuses.

use super::{Body, Content, Declaration};

impl Body {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.contents.is_empty() {
            return Err("* GenerateContentRequest.contents: contents is not specified".to_owned());
        }
        if self.cached_content.is_some() || self.labels.is_some() || self.model.is_some() {
            return Err("cachedContent, labels and model are not served here.".to_owned());
        }
        let temperature = self
            .generation_config
            .as_ref()
            .and_then(|config| config.temperature);
        if temperature.is_some_and(|temperature| !(0.0..=2.0).contains(&temperature)) {
            return Err(
                "* GenerateContentRequest.generation_config.temperature: must be in [0.0, 2.0]".to_owned(),
            );
        }
        for setting in &self.safety_settings {
            if !setting.category.starts_with("HARM_CATEGORY_") || setting.threshold.is_empty() {
                return Err("* GenerateContentRequest.safety_settings: element predicate failed".to_owned());
            }
        }
        let mode = self
            .tool_config
            .as_ref()
            .and_then(|config| config.function_calling_config.as_ref()?.mode.as_deref());
        if mode.is_some_and(|mode| !["AUTO", "ANY", "NONE", "VALIDATED"].contains(&mode)) {
            return Err("Invalid value at 'tool_config.function_calling_config.mode'".to_owned());
        }
        for declaration in self.declarations() {
            declaration.check()?;
        }
        for (index, content) in self.contents.iter().enumerate() {
            content.check(index)?;
        }
        self.check_turns()
    }

    /// Calls follow a user's turn and are answered in full by the next.
    fn check_turns(&self) -> Result<(), String> {
        let mut calls: Vec<&str> = Vec::new();
        for (index, content) in self.contents.iter().enumerate() {
            let responses = content
                .parts
                .iter()
                .filter_map(|part| part.function_response.as_ref());
            let answered: Vec<&str> = responses.map(|response| response.name.as_str()).collect();
            if answered.len() != calls.len() {
                return Err(
                    "Please ensure that the number of function response parts is equal to the number of \
                            function call parts of the function call turn."
                        .to_owned(),
                );
            }
            if answered != calls {
                return Err(
                    "Please ensure that function response names match the function call names.".to_owned(),
                );
            }
            calls = content
                .parts
                .iter()
                .filter_map(|part| Some(part.function_call.as_ref()?.name.as_str()))
                .collect();
            let after_user = index > 0 && !self.contents[index - 1].is_model();
            if !calls.is_empty() && !after_user {
                return Err(
                    "Please ensure that function call turn comes immediately after a user turn or after a \
                            function response turn."
                        .to_owned(),
                );
            }
        }
        Ok(())
    }
}

impl Content {
    fn check(&self, index: usize) -> Result<(), String> {
        if !matches!(self.role.as_deref(), None | Some("user" | "model")) {
            return Err("Please use a valid role: user, model.".to_owned());
        }
        if self.parts.is_empty() {
            return Err(format!(
                "* GenerateContentRequest.contents[{index}].parts: contents.parts must not be empty."
            ));
        }
        for part in &self.parts {
            let data = [
                part.text.is_some(),
                part.inline_data.is_some(),
                part.function_call.is_some(),
                part.function_response.is_some(),
            ];
            if data.iter().filter(|present| **present).count() != 1 {
                let place = format!("* GenerateContentRequest.contents[{index}].parts");
                return Err(format!(
                    "{place}: required oneof field 'data' must have one initialized field"
                ));
            }
            if part.function_call.is_some() && !self.is_model()
                || part.function_response.is_some() && self.is_model()
            {
                return Err(
                    "Please ensure that function calls are the model's and responses the user's.".to_owned(),
                );
            }
            let signature = part.thought_signature.as_deref().unwrap_or_default();
            let blob = part.inline_data.as_ref();
            let kind = blob.map_or("image/jpeg", |blob| blob.mime_type.as_str());
            let data = blob.map_or("", |blob| blob.data.as_str());
            if !kind.contains('/')
                || crate::answer::base64(signature).is_none()
                || crate::answer::base64(data).is_none()
            {
                return Err(
                    "Invalid value at 'contents.parts' (TYPE_BYTES), Base64 decoding failed".to_owned(),
                );
            }
        }
        Ok(())
    }
}

impl Declaration {
    fn check(&self) -> Result<(), String> {
        let mut letters = self.name.chars();
        let first = letters
            .next()
            .is_some_and(|letter| letter.is_ascii_alphabetic() || letter == '_');
        let rest = letters.all(|letter| letter.is_ascii_alphanumeric() || "_-.:".contains(letter));
        if !first || !rest || self.name.len() > 64 {
            return Err("* GenerateContentRequest.tools[0].function_declarations[0].name: [INVALID_ARGUMENT] Invalid \
                        function name. Must start with a letter or an underscore."
                .to_owned());
        }
        if self.parameters.is_some() && self.parameters_json_schema.is_some() {
            return Err("parameters and parameters_json_schema cannot both be set.".to_owned());
        }
        if self.response.is_some() && self.response_json_schema.is_some() {
            return Err("response and response_json_schema cannot both be set.".to_owned());
        }
        if self.description.is_empty() || self.behavior.as_deref().is_some_and(str::is_empty) {
            return Err("* GenerateContentRequest.tools[0].function_declarations[0]: incomplete".to_owned());
        }
        match self
            .parameters
            .as_ref()
            .and_then(|schema| schema.keys().find(|key| !is_schema_field(key)))
        {
            Some(key) => Err(format!(
                "Invalid JSON payload received. Unknown name \"{key}\" at \
                 'tools[0].function_declarations[0].parameters': Cannot find field."
            )),
            None => Ok(()),
        }
    }
}

/// Fields of the service's `Schema`, which is less than JSON Schema.
fn is_schema_field(name: &str) -> bool {
    const FIELDS: &[&str] = &[
        "type",
        "format",
        "title",
        "description",
        "nullable",
        "enum",
        "maxItems",
        "minItems",
        "properties",
        "required",
        "minProperties",
        "maxProperties",
        "minLength",
        "maxLength",
        "pattern",
        "example",
        "anyOf",
        "propertyOrdering",
        "default",
        "items",
        "minimum",
        "maximum",
        "additionalProperties",
    ];
    FIELDS.contains(&name)
}
