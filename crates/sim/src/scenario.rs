//! What kind of consultation a seed makes: the manners of everyone in it.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::camera::CameraManners;
use crate::losses::LossManners;
use crate::network::LinkManners;
use crate::patient::PatientManners;
use crate::rng::{Rng, Stream};
use crate::vendors::VendorManners;

/// How the client configures the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detection {
    /// A fixed silence ends a turn, in milliseconds; the patient may be asked again after so many of idleness.
    Server {
        /// `silence_duration_ms`.
        silence_ms: u32,
        /// `idle_timeout_ms`.
        idle_ms: Option<u32>,
    },
    /// The end-of-turn model decides. The longest wait, in milliseconds, tells the eagerness.
    Semantic {
        /// 8,000, 4,000 or 2,000: low, medium or high.
        max_wait_ms: u64,
    },
    /// The client says when.
    PushToTalk,
}

/// How the client behaves.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the protocol, and all combinations occur"
)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientManners {
    /// Turn detection.
    pub detection: Detection,
    /// `create_response`; without it the client asks for every response.
    pub creates: bool,
    /// `interrupt_response`.
    pub interrupts: bool,
    /// Whether answers are written, not spoken.
    pub text_only: bool,
    /// A transcription session.
    pub transcribes: bool,
    /// Whether functions are offered.
    pub tools: bool,
    /// Whether the client reports what it played by `conversation.item.truncate`.
    pub reports_playback: bool,
    /// Whether the client asks for a greeting.
    pub greets: bool,
    /// Audio of one message, in milliseconds.
    pub packet_ms: u64,
    /// Milliseconds of audio captured per second: other than 1,000 for a bad clock or a file.
    pub capture_rate: u64,
    /// Probability, per second, of an unprompted event.
    pub meddles_permille: u64,
}

impl ClientManners {
    /// Whether the server finds the patient's turns.
    pub fn detects_speech(&self) -> bool {
        self.detection != Detection::PushToTalk
    }

    /// Whether the client falls silent only when it is told to.
    pub fn obeys(&self) -> bool {
        self.meddles_permille == 0 && self.detects_speech()
    }
}

/// When something does nothing for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spells {
    /// Time between two of them, in milliseconds; `None` for never.
    pub every_ms: Option<RangeInclusive<u64>>,
    /// Their length, in milliseconds.
    pub length_ms: RangeInclusive<u64>,
}

impl Spells {
    pub(crate) fn never() -> Self {
        Self {
            every_ms: None,
            length_ms: 0..=0,
        }
    }
}

/// Which functions are not the client's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FunctionManners {
    /// The server runs some.
    pub server: bool,
    /// `escalate`.
    pub escalate: bool,
    /// `end_consultation`.
    pub end: bool,
}

impl FunctionManners {
    /// Of half of the consultations.
    pub fn any(seed: u64) -> Self {
        let mut rng = Rng::new(seed, Stream::Functions);
        if rng.chance(0.5) {
            return Self::default();
        }
        Self {
            server: rng.chance(0.8),
            escalate: rng.chance(0.3),
            end: rng.chance(0.15),
        }
    }
}

/// Everyone's manners.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Scenario {
    pub seed: u64,
    /// The consultation ends here at the latest.
    pub length: Duration,
    pub patient: PatientManners,
    pub client: ClientManners,
    /// The camera, if there is one.
    pub camera: Option<CameraManners>,
    pub uplink: LinkManners,
    pub downlink: LinkManners,
    /// Of the process.
    pub freezes: Spells,
    /// Of the connection to the client.
    pub blockages: Spells,
    /// How the client loses its connection.
    pub losses: LossManners,
    pub judge: VendorManners,
    pub transcriber: VendorManners,
    pub model: VendorManners,
    pub synthesizer: VendorManners,
    pub scanner: VendorManners,
    pub tools: VendorManners,
    /// The functions that are not the client's.
    pub functions: FunctionManners,
    /// Probability, per second, that a provider tells of its work.
    pub bills: f64,
    /// Sentences in an answer.
    pub sentences: RangeInclusive<u64>,
    /// Computing time of the synthesiser per second of audio, in milliseconds.
    pub synthesis_factor_ms: RangeInclusive<u64>,
}

impl Scenario {
    /// Anything may happen.
    pub fn consultation(seed: u64) -> Self {
        let mut rng = Rng::new(seed, Stream::Scenario);
        let rng = &mut rng;
        let client = Self::any_client(rng);
        let troubled = rng.chance(0.5);
        let vendor = |latency: RangeInclusive<u64>| {
            if troubled {
                VendorManners {
                    latency_ms: latency,
                    stall: 0.04,
                    fault: 0.06,
                    late: 0.5,
                    first_fails: false,
                }
            } else {
                VendorManners::reliable(latency)
            }
        };
        let (judge, transcriber) = (vendor(20..=150), vendor(40..=600));
        let (model, synthesizer) = (vendor(30..=900), vendor(40..=250));
        let link = |rng: &mut Rng| match rng.weighted(&[4, 3, 2]) {
            0 => LinkManners::steady(rng.between(1..=80)),
            1 => LinkManners {
                delay_ms: 5..=rng.between(20..=150),
                stall: 0.0,
                stall_ms: 0..=0,
            },
            _ => LinkManners {
                delay_ms: 5..=120,
                stall: 0.003,
                stall_ms: 200..=1_500,
            },
        };
        let camera = CameraManners::any(seed, client.transcribes);
        // Measuring takes time.
        let extra = if camera.is_some() { 40 } else { 0 };
        Self {
            seed,
            length: Duration::from_secs(rng.between(20..=80) + extra),
            patient: Self::any_patient(rng),
            camera,
            scanner: vendor(5..=80),
            tools: VendorManners {
                latency_ms: 5..=5_000,
                ..vendor(0..=0)
            },
            functions: FunctionManners::any(seed),
            bills: 0.5,
            client,
            uplink: link(rng),
            downlink: link(rng),
            freezes: Spells {
                every_ms: rng.chance(0.3).then_some(2_000..=15_000),
                length_ms: 100..=rng.between(200..=2_000),
            },
            judge,
            transcriber,
            model,
            synthesizer,
            sentences: 1..=rng.between(1..=5),
            synthesis_factor_ms: 20..=rng.between(100..=900),
            blockages: Spells {
                every_ms: rng.chance(0.3).then_some(1_000..=8_000),
                length_ms: 50..=rng.between(100..=3_000),
            },
            losses: LossManners::any(seed),
        }
    }

    /// The patient interrupts every long answer. Nothing else is wrong, but nothing is instant either.
    pub fn interruptions(seed: u64) -> Self {
        let mut scenario = Self::plain(seed);
        scenario.patient.turns = 1;
        scenario.patient.phrases = 1..=1;
        scenario.patient.reactions = [0, 0, 0, 1];
        scenario.patient.reaction_ms = 50..=4_000;
        scenario.sentences = 3..=6;
        scenario.length = Duration::from_secs(30);
        let late = |manners: VendorManners| VendorManners { late: 0.7, ..manners };
        scenario.model = late(scenario.model);
        scenario.synthesizer = late(scenario.synthesizer);
        scenario.transcriber = late(scenario.transcriber);
        scenario
    }

    /// Long answers, and a process that freezes for a second.
    pub fn freezes(seed: u64) -> Self {
        let mut scenario = Self::plain(seed);
        scenario.patient.reactions = [1, 0, 0, 0];
        scenario.patient.noise = 0.0;
        scenario.sentences = 4..=8;
        scenario.synthesis_factor_ms = 20..=200;
        scenario.freezes = Spells {
            every_ms: Some(2_500..=6_000),
            length_ms: 1_000..=1_000,
        };
        scenario
    }

    /// One provider of every stage fails in every turn; nothing else is wrong.
    pub fn handovers(seed: u64) -> Self {
        let mut scenario = Self::plain(seed);
        scenario.patient.reactions = [1, 0, 0, 0];
        scenario.patient.noise = 0.0;
        scenario.sentences = 1..=5;
        scenario.length = Duration::from_secs(60);
        let failing = |latency_ms: RangeInclusive<u64>| VendorManners {
            first_fails: true,
            ..VendorManners::reliable(latency_ms)
        };
        scenario.transcriber = failing(40..=250);
        scenario.model = failing(30..=500);
        scenario.synthesizer = failing(40..=200);
        scenario
    }

    /// A steady network, reliable vendors, and a standard client with server-side turn detection.
    pub fn plain(seed: u64) -> Self {
        let mut rng = Rng::new(seed, Stream::Scenario);
        let rng = &mut rng;
        let detection = if rng.chance(0.5) {
            Detection::Server {
                silence_ms: *rng.pick(&[300, 500, 800]),
                idle_ms: None,
            }
        } else {
            Detection::Semantic {
                max_wait_ms: *rng.pick(&[2_000, 4_000, 8_000]),
            }
        };
        Self {
            seed,
            length: Duration::from_secs(40),
            patient: Self::any_patient(rng),
            client: ClientManners {
                detection,
                creates: true,
                interrupts: true,
                text_only: false,
                transcribes: false,
                tools: false,
                reports_playback: rng.chance(0.5),
                greets: false,
                packet_ms: *rng.pick(&[20, 40, 100]),
                capture_rate: 1_000,
                meddles_permille: 0,
            },
            camera: None,
            scanner: VendorManners::reliable(5..=80),
            tools: VendorManners::reliable(5..=5_000),
            functions: FunctionManners::default(),
            bills: 0.1,
            uplink: LinkManners::steady(rng.between(1..=60)),
            downlink: LinkManners::steady(rng.between(1..=60)),
            freezes: Spells::never(),
            blockages: Spells::never(),
            losses: LossManners::none(),
            judge: VendorManners::reliable(20..=120),
            transcriber: VendorManners::reliable(40..=300),
            model: VendorManners::reliable(30..=500),
            synthesizer: VendorManners::reliable(40..=150),
            sentences: 1..=4,
            synthesis_factor_ms: 20..=400,
        }
    }

    /// Whether the connection takes everything at once and stands.
    pub fn is_undisturbed(&self) -> bool {
        self.blockages.every_ms.is_none() && self.losses.spells.every_ms.is_none()
    }

    /// Whether no vendor ever fails, stalls, or talks after its time.
    pub fn is_healthy(&self) -> bool {
        [&self.judge, &self.transcriber, &self.model, &self.synthesizer]
            .into_iter()
            .all(|vendor| vendor.stall == 0.0 && vendor.fault == 0.0 && !vendor.first_fails)
    }

    fn any_client(rng: &mut Rng) -> ClientManners {
        let detection = match rng.weighted(&[4, 4, 1]) {
            0 => Detection::Server {
                silence_ms: *rng.pick(&[200, 350, 500, 900]),
                idle_ms: rng.chance(0.3).then(|| rng.between(5_000..=9_000) as u32),
            },
            1 => Detection::Semantic {
                max_wait_ms: *rng.pick(&[2_000, 4_000, 8_000]),
            },
            _ => Detection::PushToTalk,
        };
        ClientManners {
            detection,
            creates: rng.chance(0.85),
            interrupts: rng.chance(0.85),
            text_only: rng.chance(0.1),
            transcribes: rng.chance(0.06),
            tools: rng.chance(0.25),
            reports_playback: rng.chance(0.5),
            greets: rng.chance(0.4),
            packet_ms: *rng.pick(&[10, 20, 32, 40, 100, 250]),
            capture_rate: *rng.pick(&[1_000, 1_000, 1_000, 1_000, 980, 1_020, 800, 1_500]),
            meddles_permille: *rng.pick(&[0, 0, 100, 400]),
        }
    }

    fn any_patient(rng: &mut Rng) -> PatientManners {
        PatientManners {
            turns: rng.between(2..=8) as u32,
            phrases: 1..=rng.between(1..=3),
            words: 1..=rng.between(2..=8),
            thought_ms: 100..=rng.between(300..=2_500),
            reactions: [5, 2, 2, 2],
            reaction_ms: 50..=4_000,
            reply_ms: 0..=rng.between(100..=2_500),
            silence: 0.08,
            silence_ms: 6_000..=14_000,
            patience_ms: 32_000..=40_000,
            noise: *rng.pick(&[0.0, 0.01, 0.03]),
        }
    }
}
