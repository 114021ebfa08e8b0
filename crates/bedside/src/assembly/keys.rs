//! The keys of providers and functions: fetched once, and replaced while the program runs when they change.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use bedside_providers::secret::Secret;
use tokio::time::MissedTickBehavior;

use super::cloud::Cloud;
use crate::config::SecretSource;

/// How often files of keys are read again.
const REREAD: Duration = Duration::from_secs(10);

/// Fetches keys and keeps them fresh.
pub(crate) struct Keys<'a> {
    cloud: &'a Cloud,
    /// What was fetched, so that a key that several use is fetched once.
    fetched: Vec<(SecretSource, Secret)>,
}

impl<'a> Keys<'a> {
    pub(crate) fn new(cloud: &'a Cloud) -> Self {
        Self {
            cloud,
            fetched: Vec::new(),
        }
    }

    /// The key at `source`; an error says what is wrong with the place, never what is in it.
    pub(crate) async fn fetch(&mut self, source: &SecretSource) -> Result<Secret, String> {
        if let Some((_, secret)) = self.fetched.iter().find(|(known, _)| known == source) {
            return Ok(secret.clone());
        }
        let secret = match source {
            SecretSource::Env(variable) => std::env::var(variable)
                .ok()
                .filter(|value| !value.trim().is_empty())
                .map(|value| Secret::new(value.trim()))
                .ok_or_else(|| format!("{source} is not set"))?,
            SecretSource::File(path) => {
                let text = tokio::fs::read_to_string(path).await;
                let text = text.map_err(|error| format!("{source} cannot be read: {error}"))?;
                let value = Some(text.trim()).filter(|value| !value.is_empty());
                Secret::new(value.ok_or_else(|| format!("{source} is empty"))?)
            }
            SecretSource::Aws { secret, field } => self.cloud.secret(secret, field.as_deref()).await?,
        };
        self.fetched.push((source.clone(), secret.clone()));
        Ok(secret)
    }

    /// From now on, a key whose file changes is replaced.
    pub(crate) fn watch(self) {
        let files: BTreeMap<PathBuf, Secret> = self
            .fetched
            .into_iter()
            .filter_map(|(source, secret)| match source {
                SecretSource::File(path) => Some((path, secret)),
                SecretSource::Env(_) | SecretSource::Aws { .. } => None,
            })
            .collect();
        if !files.is_empty() {
            tokio::spawn(reread(files));
        }
    }
}

/// Reads the files again and again. One that cannot be read, or is empty as it is being written, changes nothing.
async fn reread(files: BTreeMap<PathBuf, Secret>) {
    let mut ticks = tokio::time::interval(REREAD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        for (path, secret) in &files {
            match tokio::fs::read_to_string(path).await {
                Ok(text) if text.trim().is_empty() => {}
                Ok(text) if secret.replace(text.trim()) => {
                    tracing::info!(file = %path.display(), "a key was replaced");
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(file = %path.display(), %error, "a key was not read again"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_key_is_replaced_when_its_file_changes_and_kept_when_it_is_gone() {
        let path = std::env::temp_dir().join(format!("bedside-key-{}", std::process::id()));
        std::fs::write(&path, "first\n").expect("a file");
        let cloud = Cloud::default();
        let mut keys = Keys::new(&cloud);
        let source = SecretSource::File(path.clone());
        let secret = keys.fetch(&source).await.expect("a key");
        assert_eq!(secret.expose(), "first");
        let files = BTreeMap::from([(path.clone(), secret.clone())]);
        let watch = tokio::spawn(reread(files));

        std::fs::write(&path, "second\n").expect("a file");
        while secret.expose() != "second" {
            tokio::time::advance(REREAD).await;
            tokio::task::yield_now().await;
        }
        std::fs::remove_file(&path).expect("the file is there");
        tokio::time::advance(3 * REREAD).await;
        assert_eq!(secret.expose(), "second");
        assert!(!watch.is_finished());
        watch.abort();
    }

    #[tokio::test]
    async fn a_missing_key_is_named_by_its_place() {
        let cloud = Cloud::default();
        let mut keys = Keys::new(&cloud);
        let source = SecretSource::Env("BEDSIDE_TEST_NO_SUCH_KEY".to_owned());
        let fault = keys.fetch(&source).await.expect_err("it is not set");
        assert_eq!(fault, "the variable BEDSIDE_TEST_NO_SUCH_KEY is not set");
    }
}
