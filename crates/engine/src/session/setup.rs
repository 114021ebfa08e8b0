//! What a session is made of.

use std::sync::Arc;
use std::time::Duration;

use bedside_conversation::io::{InputSettings, OutputSettings};
use bedside_conversation::time::AudioPos;
use bedside_conversation::{Conversation, SessionStart, Timing};
use bedside_protocol::{self as protocol, InvalidField, ResumeTicket, SessionConfig, SessionPatch};
use bedside_providers::report::Reports;
use bedside_providers::traits::TranscriberParams;
use tokio::time::Instant;

use super::connection::Line;
use super::{Session, Stirred};
use crate::backlog::Lead;
use crate::bell::Bell;
use crate::camera::Camera;
use crate::carrier::Carrier;
use crate::clock::{SessionClock, unix_millis};
use crate::echo::Echo;
use crate::egress::Egress;
use crate::format::media_format;
use crate::history::History;
use crate::ingress::Ingress;
use crate::limits::SessionLimits;
use crate::metrics::Metrics;
use crate::presence::Presence;
use crate::profile::Profile;
use crate::registry::Admission;
use crate::resume::Door;
use crate::stages::detection::Detection;
use crate::stages::judge::Judging;
use crate::stages::model::Generations;
use crate::stages::synthesis::Synthesis;
use crate::stages::tools::Tools;
use crate::stages::transcription::Transcription;
use crate::stages::vitals::Vitals;
use crate::view::SessionView;

/// What a session begins with.
#[derive(Debug)]
pub struct SessionSetup {
    /// A short random string of letters and digits that no other session has.
    pub id: String,
    /// Who does the work.
    pub profile: Arc<Profile>,
    /// What the client configured in advance (by an ephemeral key).
    pub patch: Option<SessionPatch>,
    /// The session's place on this node.
    pub admission: Admission,
    /// What it may take.
    pub limits: SessionLimits,
    /// When the session must end, seconds since the Unix epoch, as shown to the client.
    pub expires_at: Option<u64>,
    /// Where figures go.
    pub metrics: Arc<Metrics>,
    /// How the client comes back after its connection was lost; without it, the session ends then.
    pub door: Option<Door>,
}

impl Session {
    /// A session on `socket`; fails if the client's advance configuration is not valid. Boxed, as it takes some kilobytes
    /// that a future would carry once per step.
    pub fn new(socket: impl Carrier + 'static, setup: SessionSetup) -> Result<Box<Self>, InvalidField> {
        let SessionSetup {
            id,
            profile,
            patch,
            admission,
            limits,
            expires_at,
            metrics,
            door,
        } = setup;
        let config = configuration(&profile, patch.as_ref(), door.as_ref(), limits.resume)?;
        let output = OutputSettings {
            format: config.output.format,
            binary: false,
        };
        let input = listening(&config);
        let synthesis_format =
            media_format(output.format).unwrap_or(bedside_media::audio::format::AudioFormat::BUS);
        let params = transcriber_params(&input);
        let (reports, reporter) = Reports::new();
        let tools = Tools::new(&profile.tools, reporter.clone(), limits.tool);
        let core = Conversation::new(SessionStart {
            id: id.clone(),
            config,
            expires_at,
            started_at: unix_millis(),
            vitals: profile.vitals.is_some(),
            model_name: profile.chat.name(),
            tools: tools.descriptions(),
            functions: profile.functions,
            currency: profile.currency.clone(),
            safety: Arc::clone(&profile.safety),
            timing: Timing {
                transcript: limits.transcript,
                synthesis: limits.synthesis,
                ..Timing::default()
            },
        });
        let view = SessionView::of(&id, &profile);
        let presence = Presence::enter(admission.roll(), view, Arc::clone(&metrics));
        let now = Instant::now();
        let clock = SessionClock::start();
        Ok(Box::new(Self {
            line: Line::Open(Box::new(socket)),
            door,
            core,
            clock,
            echo: profile.echoes.then(|| Box::new(Echo::new(&id, synthesis_format))),
            egress: Egress::new(&id, output, clock),
            unsent: Duration::ZERO,
            ingress: Ingress::new(input),
            history: History::default(),
            lead: Lead::new(),
            detected: AudioPos::START,
            detecting: true,
            judging_turns: false,
            detection: Detection::new(Arc::clone(&profile.detector)),
            transcription: Transcription::new(
                Arc::clone(&profile.transcriber),
                reporter.clone(),
                params,
                limits.open,
            ),
            judging: Judging::new(Arc::clone(&profile.judge), limits.judge),
            generations: Generations::new(Arc::clone(&profile.chat), reporter.clone()),
            synthesis: Synthesis::new(
                Arc::clone(&profile.synthesizer),
                reporter.clone(),
                limits.open,
                synthesis_format,
            ),
            vitals: Vitals::new(profile.vitals.clone(), reporter, limits.open),
            tools,
            camera: Camera::default(),
            video_told: None,
            reports,
            limits,
            metrics,
            began: now,
            now,
            last_message: now,
            drain: Box::pin(admission.draining(None)),
            presence,
            admission,
            drain_deadline: None,
            alarm: Box::pin(tokio::time::sleep_until(now)),
            alarm_at: now,
            bell: Bell::new(),
            stirred: Stirred::ALL,
        }))
    }
}

/// How the session is set up until its client says otherwise.
fn configuration(
    profile: &Profile,
    patch: Option<&SessionPatch>,
    door: Option<&Door>,
    resume: Duration,
) -> Result<SessionConfig, InvalidField> {
    let voice = profile
        .synthesizer
        .voices()
        .into_iter()
        .next()
        .unwrap_or_default();
    let mut config = SessionConfig::new(profile.name.clone(), voice);
    config.bedside.protocol.clone_from(&profile.protocol);
    config.instructions.clone_from(&profile.instructions);
    config.input.turn_detection = Some(profile.turn_detection);
    // Every utterance is transcribed anyway; the client sees the words unless it says otherwise.
    config.input.transcription = Some(protocol::Transcription::default());
    if profile.echoes {
        config.input.turn_detection = None;
        config.input.transcription = None;
    }
    if let Some(patch) = patch {
        config.apply(patch)?;
    }
    // A client secret may have been made for another model, or before vital signs were switched off.
    config.bedside.vitals.enabled &= profile.vitals.is_some();
    config.bedside.resume = door.map(|door| ResumeTicket {
        token: door.token().to_owned(),
        ttl_ms: resume.as_millis() as u64,
    });
    Ok(config)
}

/// How audio is read until the core says otherwise.
fn listening(config: &SessionConfig) -> InputSettings {
    InputSettings {
        format: config.input.format,
        binary: config.bedside.media.binary_in(),
        noise_suppression: false,
        echo_cancellation: false,
        gain_control: false,
        detect_speech: true,
        judge_turns: false,
        language: None,
        prompt: None,
        video: config.bedside.vitals.enabled,
    }
}

pub(super) fn transcriber_params(input: &InputSettings) -> TranscriberParams {
    TranscriberParams {
        language: input.language.clone(),
        prompt: input.prompt.clone(),
        partials: true,
    }
}
