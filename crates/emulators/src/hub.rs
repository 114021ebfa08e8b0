//! What all vendors share while the emulators run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::Options;
use crate::aws::Account;
use crate::device::Shown;
use crate::ears::Ears;
use crate::faults::{Faults, Refusal, Step, Stream};
use crate::log::{Event, Log};
use crate::script::Script;
use crate::vendor::Vendor;
use crate::voice::Voice;

/// How long a vendor takes, beyond its work. Zero unless told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Latency {
    /// To the first event of an answer, in milliseconds: the first token, the first audio, or from the end of an
    /// utterance to its final transcript.
    pub(crate) first_ms: u64,
    /// From each event to the next, in milliseconds.
    pub(crate) next_ms: u64,
}

impl Latency {
    /// Waits as long as the vendor takes to its first event.
    pub(crate) async fn first(self) {
        pause(self.first_ms).await;
    }

    /// Waits as long as the vendor takes from one event to the next.
    pub(crate) async fn next(self) {
        pause(self.next_ms).await;
    }
}

async fn pause(ms: u64) {
    if ms > 0 {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

/// The shared state, the router's. Cloning shares it.
#[derive(Debug, Clone)]
pub(crate) struct Hub(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    faults: Mutex<Faults>,
    log: Log,
    latency: Mutex<BTreeMap<Vendor, Latency>>,
    script: Mutex<Arc<Script>>,
    aws: Account,
    device: Shown,
    ears: Mutex<Ears>,
    voice: Mutex<Voice>,
    options: Options,
}

impl Hub {
    /// The state at the start.
    pub(crate) fn new(options: Options) -> Self {
        let ears = options.recogniser.clone().map(Ears::Local);
        let voice = options.synthesiser.clone().map(Voice::local);
        Self(Arc::new(Shared {
            faults: Mutex::default(),
            log: Log::default(),
            latency: Mutex::default(),
            script: Mutex::default(),
            aws: Account::default(),
            device: Shown::default(),
            ears: Mutex::new(ears.unwrap_or_default()),
            voice: Mutex::new(voice.unwrap_or_default()),
            options,
        }))
    }

    /// What the emulators started with.
    pub(crate) fn options(&self) -> &Options {
        &self.0.options
    }

    /// Who hears for the vendors.
    pub(crate) fn ears(&self) -> Ears {
        self.0.ears.lock().clone()
    }

    pub(crate) fn set_ears(&self, ears: Ears) {
        *self.0.ears.lock() = ears;
    }

    /// Who speaks for the vendors.
    pub(crate) fn voice(&self) -> Voice {
        self.0.voice.lock().clone()
    }

    pub(crate) fn set_voice(&self, voice: Voice) {
        *self.0.voice.lock() = voice;
    }

    /// The orders, for the control API.
    pub(crate) fn faults(&self) -> &Mutex<Faults> {
        &self.0.faults
    }

    pub(crate) fn log(&self) -> &Log {
        &self.0.log
    }

    /// A request begins on `connection`; see [`Faults::start`].
    pub(crate) fn start(&self, vendor: Vendor, connection: u64) -> Result<Stream, Refusal> {
        let started = self.0.faults.lock().start(vendor);
        if let Err(refusal) = &started {
            let name = match refusal {
                Refusal::Drop => "refuse",
                Refusal::TooMany => "too_many",
                Refusal::ServerError => "server_error",
            };
            self.0
                .log
                .write(vendor, connection, Event::Fault, json!({ "fault": name }));
        }
        started
    }

    /// `stream` is about to send an event; see [`Faults::next`].
    pub(crate) fn next(&self, vendor: Vendor, connection: u64, stream: &mut Stream) -> Step {
        let sound = stream.struck().is_none();
        let step = self.0.faults.lock().next(stream);
        if sound && let Some(fault) = stream.struck() {
            self.0
                .log
                .write(vendor, connection, Event::Fault, json!({ "fault": fault }));
        }
        step
    }

    pub(crate) fn latency(&self, vendor: Vendor) -> Latency {
        self.0.latency.lock().get(&vendor).copied().unwrap_or_default()
    }

    pub(crate) fn set_latency(&self, vendor: Vendor, latency: Latency) {
        self.0.latency.lock().insert(vendor, latency);
    }

    /// What the chat models say.
    pub(crate) fn script(&self) -> Arc<Script> {
        self.0.script.lock().clone()
    }

    /// What the AWS stand-ins hold.
    pub(crate) fn aws(&self) -> &Account {
        &self.0.aws
    }

    /// What the reader of device displays finds.
    pub(crate) fn device(&self) -> &Shown {
        &self.0.device
    }

    pub(crate) fn set_script(&self, script: Script) {
        *self.0.script.lock() = Arc::new(script);
    }
}

/// 128 random bits as lower-case hexadecimal digits in the groups of a UUID.
pub(crate) fn uuid() -> String {
    let mut bytes = [0_u8; 16];
    // Without entropy ids repeat; nothing here depends on their being secret.
    let _ = getrandom::fill(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex(&bytes);
    [
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..],
    ]
    .join("-")
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// What is written down when the marked event goes out.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    pub(crate) event: Event,
    pub(crate) detail: Value,
}
