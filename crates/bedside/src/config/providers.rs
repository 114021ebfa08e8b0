//! `[providers.NAME]`: a vendor, how it is reached and what it costs.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bedside_conversation::service::{Stage, Unit};
use bedside_providers::report::Prices;
use bedside_providers::resilience::EventLimits;
#[cfg(feature = "aws")]
use bedside_providers::{bedrock, knowledge, sagemaker};
use bedside_providers::{caire, cartesia, deepgram, device, gemini, openai};
use serde::Deserialize;

use super::chains::{LOCAL, SCRIPTED};
use super::names::{EXPECTED, intern, is_name};
use super::reader::Reader;
use super::secret::{HOW, SecretSource};
use super::section::Section;

/// All kinds of providers, as the file names them.
const KINDS: &str =
    "deepgram, cartesia, caire, openai, gemini, bedrock, sagemaker, bedrock-kb, device-service, vision";

/// The longest limit, ms.
const LONGEST_MS: u64 = 60_000;

/// More than any unit costs, in units of the currency.
const MOST_PRICE: f64 = 1e6;

/// A provider as it is set up.
#[derive(Debug, Clone)]
pub(crate) struct Provider {
    /// Its name in events, metrics and chains.
    pub(crate) name: &'static str,
    /// Which vendor it is.
    pub(crate) kind: Kind,
    /// Where its key is.
    pub(crate) key: Option<SecretSource>,
    /// How long it may take.
    pub(crate) limits: EventLimits,
    /// What its work costs.
    pub(crate) prices: Prices,
}

/// A vendor with its settings.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Deepgram(deepgram::Config),
    Cartesia(cartesia::Config),
    Caire(caire::Config),
    OpenAi(openai::Config),
    Gemini(gemini::Config),
    #[cfg(feature = "aws")]
    Bedrock(bedrock::Config),
    #[cfg(feature = "aws")]
    SageMaker(sagemaker::Config),
    #[cfg(feature = "aws")]
    BedrockKnowledge(knowledge::bedrock::Config),
    DeviceService {
        config: device::Config,
        /// The service of AWS by whose name requests are signed.
        sign: Option<String>,
    },
    Vision(Vision),
}

/// A chat model that looks at pictures of devices.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Vision {
    /// Which provider; absent, the first of the model chain that sees.
    pub(crate) model: Option<String>,
}

/// Whether a vendor wants a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keyed {
    Always,
    Perhaps,
    Never,
}

/// The providers that are set up, and the names of those that are not because something is wrong with them.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) providers: BTreeMap<&'static str, Provider>,
    pub(super) faulty: BTreeSet<String>,
}

impl Kind {
    /// What it serves.
    pub(crate) fn stage(&self) -> Stage {
        match self {
            Self::Deepgram(_) => Stage::Transcription,
            Self::Cartesia(_) => Stage::Synthesis,
            Self::Caire(_) => Stage::Vitals,
            Self::OpenAi(_) | Self::Gemini(_) => Stage::Model,
            #[cfg(feature = "aws")]
            Self::Bedrock(_) | Self::SageMaker(_) => Stage::Model,
            #[cfg(feature = "aws")]
            Self::BedrockKnowledge(_) => Stage::Knowledge,
            Self::DeviceService { .. } | Self::Vision(_) => Stage::Device,
        }
    }

    /// Whether the SDK of AWS reaches it.
    #[cfg(feature = "aws")]
    pub(super) fn is_of_aws(&self) -> bool {
        matches!(
            self,
            Self::Bedrock(_)
                | Self::SageMaker(_)
                | Self::BedrockKnowledge(_)
                | Self::DeviceService { sign: Some(_), .. }
        )
    }

    fn keyed(&self) -> Keyed {
        match self {
            Self::Deepgram(_) | Self::Cartesia(_) | Self::Caire(_) | Self::Gemini(_) => Keyed::Always,
            Self::OpenAi(_) | Self::DeviceService { .. } => Keyed::Perhaps,
            #[cfg(feature = "aws")]
            Self::Bedrock(_) | Self::SageMaker(_) | Self::BedrockKnowledge(_) => Keyed::Never,
            Self::Vision(_) => Keyed::Never,
        }
    }

    /// Reads the settings of `kind` from what is left of its table.
    fn read(kind: &str, mut table: Section<'_>) -> Option<Self> {
        match kind {
            "deepgram" => table.read().map(Self::Deepgram),
            "cartesia" => table.read().map(Self::Cartesia),
            "caire" => table.read().map(Self::Caire),
            "openai" => table.read().map(Self::OpenAi),
            "gemini" => table.read().map(Self::Gemini),
            #[cfg(feature = "aws")]
            "bedrock" => table.read().map(Self::Bedrock),
            #[cfg(feature = "aws")]
            "sagemaker" => table.read().map(Self::SageMaker),
            #[cfg(feature = "aws")]
            "bedrock-kb" => table.read().map(Self::BedrockKnowledge),
            #[cfg(not(feature = "aws"))]
            "bedrock" | "sagemaker" | "bedrock-kb" => {
                table.note("kind", super::services::WITHOUT_AWS);
                None
            }
            "device-service" => Self::device_service(table),
            "vision" => table.read().map(Self::Vision),
            unknown => {
                table.note("kind", &format!("{unknown:?} is none of {KINDS}"));
                None
            }
        }
    }
}

impl Kind {
    fn device_service(mut table: Section<'_>) -> Option<Self> {
        let sign: Option<String> = table.take("sign");
        #[cfg(not(feature = "aws"))]
        if sign.is_some() {
            table.note("sign", super::services::WITHOUT_AWS);
        }
        let config = table.read()?;
        Some(Self::DeviceService { config, sign })
    }
}

impl Read {
    pub(super) fn from(reader: &mut Reader<'_>) -> Self {
        let mut read = Self::default();
        let Some(mut all) = reader.section("providers") else {
            return read;
        };
        for name in all.keys() {
            if [LOCAL, SCRIPTED].contains(&name.as_str()) {
                all.note(&name, "is part of the program and has no settings");
            } else if !is_name(&name) {
                all.note(&name, &format!("a provider has {EXPECTED}"));
            } else if let Some(provider) = all.section(&name).and_then(|table| provider(&name, table)) {
                read.providers.insert(provider.name, provider);
                continue;
            }
            read.faulty.insert(name);
        }
        read
    }
}

fn provider(name: &str, mut table: Section<'_>) -> Option<Provider> {
    let has_key = table.keys().iter().any(|key| key == "key");
    let key = SecretSource::take(&mut table, "key");
    let limits = limits(&mut table);
    let prices = prices(&mut table);
    let kind = table.take::<String>("kind").unwrap_or_else(|| name.to_owned());
    let kind = Kind::read(&kind, table.rest())?;
    match (kind.keyed(), has_key) {
        (Keyed::Always, false) => table.note("key", &format!("is missing; {HOW}")),
        (Keyed::Never, true) => table.note("key", "is not used"),
        _ => {}
    }
    Some(Provider {
        name: intern(name),
        limits: limits.over(EventLimits::remote(kind.stage())),
        kind,
        key,
        prices,
    })
}

/// `limits`, ms, as far as they are set.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Limits {
    #[serde(rename = "open_ms")]
    open: Option<u64>,
    #[serde(rename = "first_ms")]
    first: Option<u64>,
    #[serde(rename = "next_ms")]
    next: Option<u64>,
}

impl Limits {
    fn over(&self, usual: EventLimits) -> EventLimits {
        let or = |ms: Option<u64>, usual| ms.map_or(usual, Duration::from_millis);
        EventLimits {
            open: or(self.open, usual.open),
            first: or(self.first, usual.first),
            next: or(self.next, usual.next),
        }
    }
}

fn limits(table: &mut Section<'_>) -> Limits {
    let limits: Option<Limits> = table.section("limits").and_then(Section::read);
    let limits = limits.unwrap_or_default();
    for (key, ms) in [
        ("open_ms", limits.open),
        ("first_ms", limits.first),
        ("next_ms", limits.next),
    ] {
        if ms.is_some_and(|ms| !(1..=LONGEST_MS).contains(&ms)) {
            table.note(&format!("limits.{key}"), "is not from 1 to 60000");
        }
    }
    limits
}

fn prices(table: &mut Section<'_>) -> Prices {
    let prices: Option<BTreeMap<String, f64>> = table.take("prices");
    let mut micros = Vec::new();
    for (name, price) in prices.unwrap_or_default() {
        let unit = Unit::ALL.into_iter().find(|unit| unit.name() == name);
        match unit {
            None => {
                let known = Unit::ALL.map(Unit::name).join(", ");
                table.note(
                    &format!("prices.{name}"),
                    &format!("there is no such unit, only {known}"),
                );
            }
            Some(_) if !(0.0..=MOST_PRICE).contains(&price) => {
                table.note(&format!("prices.{name}"), "is not a price");
            }
            Some(unit) => micros.push((unit, price * 1e6)),
        }
    }
    Prices::new(micros)
}
