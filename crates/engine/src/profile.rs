//! What a `model` name stands for: who does the work of a session.

use std::sync::Arc;

use bedside_conversation::{Safety, SessionFunctions};
use bedside_protocol::{ServerVad, TurnDetection};
use bedside_providers::traits::{
    ChatModel, SpeechDetector, Synthesizer, Tool, Transcriber, TurnJudge, VitalsService,
};

use crate::nobody::Nobody;

/// The providers behind one model name.
#[derive(Clone)]
pub struct Profile {
    /// The name clients ask for.
    pub name: String,
    /// Name of the consultation protocol, as shown to clients that ask.
    pub protocol: String,
    /// How sessions find turns until their client says otherwise.
    pub turn_detection: TurnDetection,
    /// What the protocol holds to be an emergency.
    pub safety: Arc<Safety>,
    /// Leads the consultation.
    pub chat: Arc<dyn ChatModel>,
    /// Hears words.
    pub transcriber: Arc<dyn Transcriber>,
    /// Speaks.
    pub synthesizer: Arc<dyn Synthesizer>,
    /// Hears speech.
    pub detector: Arc<dyn SpeechDetector>,
    /// Hears the end of a turn.
    pub judge: Arc<dyn TurnJudge>,
    /// Reads vital signs from video, if that is offered.
    pub vitals: Option<Arc<dyn VitalsService>>,
    /// What the model is told until the client says otherwise.
    pub instructions: String,
    /// Which functions of the session itself the model is offered.
    pub functions: SessionFunctions,
    /// Functions the server runs for the model.
    pub tools: Vec<Arc<dyn Tool>>,
    /// In what prices are, as ISO 4217 names it.
    pub currency: String,
    /// Its sessions give the patient's audio back instead of listening to it.
    pub echoes: bool,
}

impl Profile {
    /// An echo test: its sessions give the patient's audio back, and nobody answers.
    pub fn echo(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            protocol: name.to_owned(),
            turn_detection: TurnDetection::ServerVad(ServerVad::default()),
            safety: Arc::default(),
            chat: Arc::new(Nobody),
            transcriber: Arc::new(Nobody),
            synthesizer: Arc::new(Nobody),
            detector: Arc::new(Nobody),
            judge: Arc::new(Nobody),
            vitals: None,
            instructions: String::new(),
            functions: SessionFunctions::default(),
            tools: Vec::new(),
            currency: "USD".to_owned(),
            echoes: true,
        }
    }
}

impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profile")
            .field("name", &self.name)
            .field("chat", &self.chat.name())
            .field("transcriber", &self.transcriber.name())
            .field("synthesizer", &self.synthesizer.name())
            .finish_non_exhaustive()
    }
}

/// The profiles of this node, the default first.
#[derive(Debug, Clone)]
pub struct Profiles {
    default: Arc<Profile>,
    others: Vec<Arc<Profile>>,
}

impl Profiles {
    /// Profiles with a default for clients that name none. A name that comes twice stands for its first profile.
    pub fn new(default: Profile, others: impl IntoIterator<Item = Profile>) -> Self {
        Self {
            default: Arc::new(default),
            others: others.into_iter().map(Arc::new).collect(),
        }
    }

    /// The profile of `name`, or the default if there is no name.
    pub fn get(&self, name: Option<&str>) -> Option<&Arc<Profile>> {
        match name {
            None => Some(&self.default),
            Some(name) => self.iter().find(|profile| profile.name == name),
        }
    }

    /// All profiles, the default first.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Profile>> {
        std::iter::once(&self.default).chain(&self.others)
    }
}
