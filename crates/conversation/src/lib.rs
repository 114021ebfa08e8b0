//! The heart of Bedside: a consultation as a pure state machine.
//!
//! No sockets, threads or clocks: the caller passes the time and what happened, and drains what is to be done. It must
//! never know a vendor, a model file or a socket. Same inputs at the same times give the same outputs.
//!
//! A caller handles one input, drains the outputs, and waits for the next input or the deadline:
//!
//! ```
//! use bedside_conversation::io::Input;
//! use bedside_conversation::time::Time;
//! use bedside_conversation::{Conversation, SessionStart};
//!
//! # fn example(start: SessionStart) {
//! let mut conversation = Conversation::new(start);
//! conversation.handle(Time::from_millis(20), Input::Tick);
//! while let Some(output) = conversation.poll_output() {
//!     println!("to do: {output:?}");
//! }
//! let wake_at: Option<Time> = conversation.next_deadline();
//! # }
//! ```
//!
//! Where things are: `listening` and `turn` hear the patient, `transcripts` takes their words, `answering` and
//! `speculation` make a response as `wish` asks for it, `saying`, `speaking`, `outbox` and `playback` say it and keep
//! account of what was heard, `interruption` stops and resumes it, `presence` and `event_log` bridge a lost connection,
//! `scan` reads vital signs from video, `calls`, `functions` and `tools` run what the model calls, `filler`, `recovery`
//! and `handover` bridge what providers fail to do, `cost` accounts their work, `client` obeys the client,
//! `configuration` follows its settings, `wire` tells it.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use bedside_protocol::{ContentPart, Item, ItemBody, ItemStatus, Role, SessionConfig};

mod account;
mod answering;
mod calls;
mod chunker;
mod client;
mod configuration;
pub mod consultation;
pub mod context;
pub mod cost;
pub mod event_log;
mod filler;
pub mod functions;
mod handover;
mod ids;
mod interruption;
pub mod io;
mod items;
mod listening;
mod metrics;
mod outbox;
mod phrases;
mod playback;
mod presence;
mod recovery;
mod response;
mod saying;
pub mod scan;
pub mod service;
mod settings;
mod speaking;
mod speculation;
pub mod time;
mod timers;
mod tools;
mod transcripts;
mod turn;
mod wire;
mod wish;

pub use settings::{Safety, SessionFunctions, SessionStart, Timing};
pub use timers::Timer;
pub use tools::TOOLS_AT_A_TIME;

use crate::answering::WantedTurn;
use crate::context::Tool;
use crate::cost::Spent;
use crate::handover::Handovers;
use crate::ids::Ids;
use crate::interruption::Interrupted;
use crate::io::{Input, InputSettings, Output, OutputSettings};
use crate::items::{Items, Place};
use crate::outbox::Outbox;
use crate::playback::PlaybackClock;
use crate::response::Response;
use crate::scan::life::Scans;
use crate::speculation::Speculation;
use crate::time::{AudioPos, Time};
use crate::timers::Timers;
use crate::tools::ToolCalls;
use crate::turn::endpoint::Judgement;
use crate::turn::patient::Patient;
use crate::wish::Source;

/// One session.
#[derive(Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each marks its own fact; they combine freely"
)]
pub struct Conversation {
    now: Time,
    id: String,
    /// `conv_…`, as responses name it.
    thread_id: String,
    expires_at: Option<u64>,
    started_at: Option<u64>,
    vitals_offered: bool,
    model_name: &'static str,
    server_tools: Vec<Tool>,
    functions: SessionFunctions,
    currency: String,
    config: SessionConfig,
    safety: Arc<Safety>,
    timing: Timing,
    ids: Ids,
    timers: Timers,
    out: VecDeque<Output>,
    /// The form of audio as the shell was last told.
    listening: Option<InputSettings>,
    speaking: Option<OutputSettings>,

    /// The connection is lost: nothing that is sent is heard.
    away: bool,
    /// When the client last came back.
    back_at: Option<Time>,
    /// From when the times count that were told of a turn last.
    measured_from: Option<Time>,
    patient: Patient,
    items: Items,
    /// Red flags reported already.
    escalated: BTreeSet<String>,

    response: Option<Response>,
    speculation: Option<Speculation>,
    interrupted: Option<Interrupted>,
    /// The turn to answer next.
    wanted_turn: Option<WantedTurn>,
    /// What to say next without having been asked: the rest of an answer, or an apology.
    wanted_resume: Option<Source>,
    /// What must be said instead of a model's answer.
    wanted_fixed: Option<String>,
    generations: u32,
    epochs: u32,

    outbox: Outbox,
    playback: PlaybackClock,
    /// The response whose audio the client is playing.
    playing: Option<String>,
    /// Where the patient's present silence began, once it is their turn.
    idle_from: Option<AudioPos>,
    scans: Scans,
    tools: ToolCalls,
    /// Whether the result of a function waits to be told by a response.
    result_due: bool,
    /// How many answers of the model have followed the patient's last turn.
    rounds: u32,
    /// Something of ours was heard or read since the patient's last turn.
    broke_silence: bool,
    /// Models that failed in speculating on the turn that is coming.
    failed_speculating: Vec<&'static str>,
    handovers: Handovers,
    /// The session closes when the patient has heard the farewell.
    ending: bool,
    closed: bool,
    /// Of the session.
    spent: Spent,
    /// Not told in a response yet.
    spent_since: Spent,
}

impl Conversation {
    /// Begins a session at [`Time::ZERO`]; its first outputs are `session.created` and the settings of audio.
    pub fn new(start: SessionStart) -> Self {
        let mut ids = Ids::new(&start.id);
        let mut conversation = Self {
            now: Time::ZERO,
            thread_id: ids.conversation(),
            id: start.id,
            expires_at: start.expires_at,
            started_at: start.started_at,
            vitals_offered: start.vitals,
            model_name: start.model_name,
            server_tools: start.tools,
            functions: start.functions,
            currency: start.currency,
            config: start.config,
            safety: start.safety,
            timing: start.timing,
            ids,
            timers: Timers::default(),
            out: VecDeque::new(),
            listening: None,
            speaking: None,
            away: false,
            back_at: None,
            measured_from: None,
            patient: Patient::default(),
            items: Items::default(),
            escalated: BTreeSet::new(),
            response: None,
            speculation: None,
            interrupted: None,
            wanted_turn: None,
            wanted_resume: None,
            wanted_fixed: None,
            generations: 0,
            epochs: 0,
            outbox: Outbox::default(),
            playback: PlaybackClock::default(),
            playing: None,
            idle_from: None,
            scans: Scans::default(),
            tools: ToolCalls::default(),
            result_due: false,
            rounds: 0,
            broke_silence: false,
            failed_speculating: Vec::new(),
            handovers: Handovers::default(),
            ending: false,
            closed: false,
            spent: Spent::default(),
            spent_since: Spent::default(),
        };
        conversation.tell_session_created();
        conversation.configure();
        conversation.begin_configured_scan();
        conversation
    }

    /// Takes what happened at `now`. Time never runs backwards: an earlier `now` counts as the latest one seen.
    pub fn handle(&mut self, now: Time, input: Input) {
        self.now = self.now.max(now);
        if let Input::Used(used) = &input {
            self.spent.add(used);
            self.spent_since.add(used);
        }
        if self.closed {
            return;
        }
        self.fire_timers();
        match input {
            Input::Client(event) => self.on_client(event),
            Input::AudioReceived { to } => self.patient.received(self.now, to),
            Input::Speech { end, probability } => self.on_speech(end, probability),
            Input::TurnJudged {
                utterance,
                at,
                probability,
                busy,
            } => {
                let judgement = probability.map_or(Judgement::Failed, Judgement::Finished);
                self.on_turn_judged(utterance, at, judgement, busy);
            }
            Input::Transcript { utterance, event } => self.on_transcript(utterance, event),
            Input::Model { generation, event } => self.on_model(generation, event),
            Input::Synthesis { epoch, event } => self.on_synthesis(epoch, event),
            Input::Unsent { audio } => self.on_unsent(audio),
            Input::Complaint(error) => self.tell_error(*error),
            Input::VideoReceived => self.on_video(),
            Input::Scan { scan, news } => self.on_scan(scan, news),
            Input::ProviderChanged(change) => self.on_provider_changed(&change),
            Input::ToolReturned { call_id, result } => self.on_tool_returned(&call_id, result),
            Input::ConnectionLost => self.on_connection_lost(),
            Input::ConnectionBack {
                repeat_unheard,
                unreceived,
            } => self.on_connection_back(repeat_unheard, unreceived),
            Input::Used(_) | Input::Tick => {}
        }
        self.speak_on();
        if self.result_due {
            self.answer_if_ready();
        }
        self.close_if_over();
    }

    /// The next thing to do, in order; `None` when all is done until the next input or deadline.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When to call [`handle`](Self::handle) with [`Input::Tick`] if nothing happens before.
    pub fn next_deadline(&self) -> Option<Time> {
        self.timers.next().map(|(at, _)| at)
    }

    /// Why the core wants to be woken next, for traces.
    pub fn next_timer(&self) -> Option<Timer> {
        self.timers.next().map(|(_, timer)| timer)
    }

    /// Whether the synthesiser may deliver: while `false` its output is left unread, and it waits.
    pub fn wants_synthesis(&self) -> bool {
        self.outbox.wants_more()
    }

    /// What providers have done for the session so far, and what it cost.
    pub fn spent(&self) -> &Spent {
        &self.spent
    }

    fn fire_timers(&mut self) {
        while let Some(timer) = self.timers.pop_expired(self.now) {
            match timer {
                Timer::AudioDue => self.send_due_audio(),
                Timer::PlaybackEnds => self.on_playback_ends(),
                Timer::SoundUnclear => self.on_sound_unclear(),
                Timer::PatientIdle => self.on_patient_idle(),
                Timer::TranscriptOverdue => self.on_transcript_overdue(),
                Timer::ModelOverdue => self.on_model_overdue(),
                Timer::SynthesisOverdue => self.on_synthesis_overdue(),
                Timer::SilenceTooLong => self.on_silence_too_long(),
                Timer::ToolOverdue => self.on_tool_overdue(),
                Timer::VideoOverdue => self.on_video_overdue(),
                Timer::ScanEnds => self.stop_scan(),
                Timer::ScanWindowEnds => self.on_scan_window_ends(),
                Timer::ScanOverdue => self.on_scan_overdue(),
                Timer::ScanRetry => self.on_scan_retry(),
            }
        }
    }

    /// The patient said nothing for the idle timeout: the silence counts as a turn, and the model speaks.
    fn on_patient_idle(&mut self) {
        let Some(from) = self.idle_from.take() else { return };
        let to = self.patient.received;
        let item_id = self.ids.item();
        self.tell_idle(item_id.clone(), from.as_millis(), to.as_millis());
        let previous = self.items.last_id().map(str::to_owned);
        self.tell_committed(item_id.clone(), previous);
        self.patient.buffer_start = to;
        let content = vec![ContentPart::InputAudio {
            audio: None,
            transcript: Some(String::new()),
        }];
        let body = ItemBody::Message {
            role: Role::User,
            content,
        };
        if self.add_item(
            Item {
                id: item_id,
                status: ItemStatus::Completed,
                body,
            },
            Place::Last,
        ) {
            self.wanted_resume = Some(Source::Model);
            self.answer_if_ready();
        }
    }

    fn session_id(&self) -> String {
        format!("sess_{}", self.id)
    }
}
