//! Loading the models of a configuration.

use std::sync::Arc;

use bedside_inference::model::{LoadOptions, Threads};
use bedside_inference::scheduler;
use bedside_inference::store::{ModelStore, Source, StoreError, VoiceFiles};
use bedside_providers::local::{LocalFiles, LocalModels, LocalOptions};
use bedside_sight::FaceModel;
use bedside_speech::recogniser::{Recogniser, RecogniserFiles};
use bedside_speech::synthesis::{Synthesiser, Voice as Piper};
use bedside_speech::text::phonemes::Phonemiser;

use crate::config::{Config, Voice};
use crate::failure::Failure;

/// Loads every model that `config` asks for and starts their threads.
pub(crate) fn load_models(config: &Config) -> Result<LocalModels, Failure> {
    let store = store(config);
    let files = LocalFiles {
        speech_detection: store.speech_detection().map_err(missing)?,
        end_of_turn: store.end_of_turn().map_err(missing)?,
        recogniser: recogniser_files(&store, config)?,
        voice: voice_files(&store, config)?,
        voice_name: voice_name(config),
        face_detection: config
            .vitals
            .then(|| store.face_detection())
            .transpose()
            .map_err(missing)?,
    };
    let options = LocalOptions {
        scheduler: scheduler::Config {
            threads: config.threads.get(),
            ..scheduler::Config::default()
        },
        ..LocalOptions::default()
    };
    LocalModels::load(&files, options).map_err(broken)
}

/// Loads the recogniser alone, set up as sessions have it.
pub(crate) fn load_recogniser(config: &Config) -> Result<Recogniser, Failure> {
    let options = LoadOptions {
        prepack: true,
        threads: Threads::One,
    };
    let files = recogniser_files(&store(config), config)?;
    Recogniser::load_for_medicine(&files, options, Arc::new(Phonemiser::new())).map_err(broken)
}

/// Loads face detection alone.
pub(crate) fn load_face_model(config: &Config) -> Result<FaceModel, Failure> {
    let path = store(config).face_detection().map_err(missing)?;
    FaceModel::load(&path).map_err(broken)
}

/// Loads the voice alone.
pub(crate) fn load_voice(config: &Config) -> Result<Synthesiser, Failure> {
    let files = voice_files(&store(config), config)?;
    Piper::load(&files.model, &files.config)
        .map(Synthesiser::new)
        .map_err(broken)
}

fn recogniser_files(store: &ModelStore, config: &Config) -> Result<RecogniserFiles, Failure> {
    let files = store.recogniser(config.recogniser).map_err(missing)?;
    Ok(RecogniserFiles {
        encoder: files.encoder,
        decoder: files.decoder,
        embeddings: files.embeddings,
        shape: files.shape,
        tokenizer: files.tokenizer,
    })
}

fn voice_files(store: &ModelStore, config: &Config) -> Result<VoiceFiles, Failure> {
    match &config.voice {
        Voice::Joe => store.voice().map_err(missing),
        Voice::File(model) => Ok(VoiceFiles {
            model: model.clone(),
            config: model.with_extension("onnx.json"),
        }),
    }
}

/// What clients see: the file's own name for a voice of one's own.
fn voice_name(config: &Config) -> String {
    match &config.voice {
        Voice::Joe => "joe".to_owned(),
        Voice::File(model) => model
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
    }
}

fn store(config: &Config) -> ModelStore {
    // Loading never fetches.
    ModelStore::new(&config.models, Source::Pip)
}

#[allow(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn missing(error: StoreError) -> Failure {
    Failure::unavailable(format_args!("{error}; `bedside models` gets what is missing"))
}

fn broken(error: impl std::fmt::Display) -> Failure {
    Failure::unavailable(format_args!("a model does not load: {error}"))
}
