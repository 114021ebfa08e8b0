//! Where a provider's key is. The key itself never stands in the file.

use std::path::PathBuf;

use toml::Value;

use super::section::Section;

/// What to write instead of a key.
pub(super) const HOW: &str = "say where it is: { env = \"VARIABLE\" }, { file = \"/run/secrets/NAME\" } or \
                   { aws_secret = \"NAME OR ARN\", field = \"KEY OF ITS JSON\" }";

/// Where a key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SecretSource {
    /// A variable of the environment.
    Env(String),
    /// A file that holds nothing else.
    File(PathBuf),
    /// A secret of AWS Secrets Manager, and which field of its JSON it is; without one, its whole text.
    Aws {
        /// Name or ARN.
        secret: String,
        /// A key of its JSON object.
        field: Option<String>,
    },
}

impl SecretSource {
    /// Takes what stands under `key`, if anything does.
    pub(super) fn take(section: &mut Section<'_>, key: &str) -> Option<Self> {
        let Value::Table(table) = section.take_value(key)? else {
            let what = format!("a key does not belong in this file, which is copied and kept; {HOW}");
            section.note(key, &what);
            return None;
        };
        Self::of(table).map_err(|what| section.note(key, &what)).ok()
    }

    fn of(mut table: toml::Table) -> Result<Self, String> {
        let mut text = |key: &str| match table.remove(key) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
            Some(_) => Err(format!("{key} is not a text")),
        };
        let (env, file, secret, field) = (text("env")?, text("file")?, text("aws_secret")?, text("field")?);
        if !table.is_empty() {
            return Err(format!("there is something else in it; {HOW}"));
        }
        match (env, file, secret, field) {
            (Some(variable), None, None, None) => Ok(Self::Env(variable)),
            (None, Some(path), None, None) => Ok(Self::File(path.into())),
            (None, None, Some(secret), field) => Ok(Self::Aws { secret, field }),
            _ => Err(HOW.to_owned()),
        }
    }
}

impl std::fmt::Display for SecretSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Env(variable) => write!(f, "the variable {variable}"),
            Self::File(path) => write!(f, "the file {}", path.display()),
            Self::Aws { secret, .. } => write!(f, "the secret {secret} of AWS"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(text: &str) -> (Option<SecretSource>, Vec<String>) {
        let mut faults = Vec::new();
        let table = text.parse().expect("TOML");
        let mut section = Section::new("x.toml, providers.p".to_owned(), table, &mut faults);
        let taken = SecretSource::take(&mut section, "key");
        (taken, faults)
    }

    #[test]
    fn a_key_is_somewhere_else() {
        assert_eq!(
            take("key = { env = \"DEEPGRAM_API_KEY\" }").0,
            Some(SecretSource::Env("DEEPGRAM_API_KEY".to_owned()))
        );
        let aws = take("key = { aws_secret = \"clinic\", field = \"deepgram\" }").0;
        assert_eq!(
            aws,
            Some(SecretSource::Aws {
                secret: "clinic".to_owned(),
                field: Some("deepgram".to_owned())
            })
        );
        assert_eq!(take("").0, None);
    }

    #[test]
    fn a_key_in_the_file_is_refused_and_not_shown() {
        for wrong in [
            "key = \"hush-hush\"",
            "key = { value = \"hush-hush\" }",
            "key = { env = \"A\", file = \"hush-hush\" }",
            "key = { env = [\"hush-hush\"] }",
        ] {
            let (taken, faults) = take(wrong);
            assert_eq!((taken, faults.len()), (None, 1));
            assert!(faults[0].starts_with("x.toml, providers.p.key: "), "{faults:?}");
            assert!(!faults[0].contains("hush"), "{faults:?}");
        }
    }
}
