//! Who does the work of each stage: chains, providers, the server's functions, and what is shared by them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bedside_conversation::service::Stage;
#[cfg(feature = "aws")]
use bedside_providers::aws;
use serde::Deserialize;

use super::chains::{Chains, builtin, key};
use super::providers::{Kind, Provider, Read};
use super::reader::Reader;
use super::resilience::Resilience;
#[cfg(feature = "aws")]
use super::secret::SecretSource;
use super::section::Section;
use super::tools::{self, Tool};

/// What is said of everything that needs AWS in a program that was built without.
#[cfg(not(feature = "aws"))]
pub(super) const WITHOUT_AWS: &str = "this program was built without AWS (its feature `aws`)";

/// In what prices are, where nothing is set.
const CURRENCY: &str = "USD";

/// Who does the work.
#[derive(Debug, Clone)]
pub(crate) struct Services {
    /// ISO 4217 code of the currency of all prices.
    pub(crate) currency: String,
    /// Who serves each stage.
    pub(crate) chains: Chains,
    /// How chains deal with what goes wrong.
    pub(crate) resilience: Resilience,
    /// The vendors.
    pub(crate) providers: BTreeMap<&'static str, Provider>,
    /// Functions of the clinic's own.
    pub(crate) tools: Vec<Tool>,
    /// Folder of texts that can be searched.
    pub(crate) knowledge: Option<PathBuf>,
    /// How AWS is reached.
    #[cfg(feature = "aws")]
    pub(crate) aws: aws::Config,
    /// How secrets of AWS are fetched.
    #[cfg(feature = "aws")]
    pub(crate) secrets: aws::secrets::Config,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Knowledge {
    folder: Option<PathBuf>,
}

impl Services {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let currency = reader.get_if("currency", "an ISO 4217 code such as USD", |code: &String| {
            code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_uppercase())
        });
        let knowledge: Option<Knowledge> = reader.section("knowledge").and_then(Section::read);
        let knowledge = knowledge.unwrap_or_default().folder;
        let Read { providers, faulty } = Read::from(reader);
        let serves = |stage: Stage, name: &str| {
            let own = builtin(stage) == Some(name);
            match providers.get(name) {
                _ if own && stage == Stage::Knowledge && knowledge.is_none() => {
                    Err("has no texts: name their folder under [knowledge]".to_owned())
                }
                _ if own || faulty.contains(name) => Ok(()),
                None => Err(format!("is not set up: there is no [providers.{name}]")),
                Some(provider) if provider.kind.stage() != stage => {
                    let other = key(provider.kind.stage());
                    Err(format!("is for {other}"))
                }
                Some(_) => Ok(()),
            }
        };
        let chains = Chains::read(reader, knowledge.is_some(), serves);
        #[cfg(feature = "aws")]
        let (aws, secrets) = aws(reader);
        #[cfg(not(feature = "aws"))]
        without_aws(reader, &providers);
        Self {
            currency: currency.unwrap_or_else(|| CURRENCY.to_owned()),
            chains,
            resilience: Resilience::read(reader),
            tools: tools::read(reader),
            providers,
            knowledge,
            #[cfg(feature = "aws")]
            aws,
            #[cfg(feature = "aws")]
            secrets,
        }
    }
}

impl Services {
    /// The providers that chains name, and those that these look through.
    pub(crate) fn in_use(&self) -> impl Iterator<Item = &Provider> {
        self.providers.values().filter(|provider| {
            let chained = self.chains.of(provider.kind.stage()).contains(&provider.name);
            chained || self.looked_through().any(|name| name == provider.name)
        })
    }

    /// Chat models by which the devices' displays are read.
    fn looked_through(&self) -> impl Iterator<Item = &str> {
        let device = self.chains.of(Stage::Device).iter();
        device.filter_map(|name| match &self.providers.get(name)?.kind {
            Kind::Vision(vision) => vision.model.as_deref(),
            _ => None,
        })
    }

    /// Whether the SDK of AWS has to be set up.
    #[cfg(feature = "aws")]
    pub(crate) fn need_aws(&self) -> bool {
        let from_aws = |source: &Option<SecretSource>| matches!(source, Some(SecretSource::Aws { .. }));
        let providers = self
            .in_use()
            .any(|provider| provider.kind.is_of_aws() || from_aws(&provider.key));
        providers || self.tools.iter().any(|tool| from_aws(&tool.key))
    }
}

/// `[aws]`, and `[aws.secrets]` in it.
#[cfg(feature = "aws")]
fn aws(reader: &mut Reader<'_>) -> (aws::Config, aws::secrets::Config) {
    let Some(mut section) = reader.section("aws") else {
        return (aws::Config::default(), aws::secrets::Config::default());
    };
    let secrets = section.section("secrets").and_then(Section::read);
    let aws = section.read();
    (aws.unwrap_or_default(), secrets.unwrap_or_default())
}

#[cfg(not(feature = "aws"))]
fn without_aws(reader: &mut Reader<'_>, providers: &BTreeMap<&'static str, Provider>) {
    use super::secret::SecretSource;

    if reader.section("aws").is_some() {
        reader.refuse("aws", &WITHOUT_AWS);
    }
    for provider in providers.values() {
        if let Some(SecretSource::Aws { .. }) = provider.key {
            reader.refuse("providers", &format_args!("{}.key: {WITHOUT_AWS}", provider.name));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::{Config, Layers, example};
    use super::*;

    fn check(file: &str) -> Result<Services, String> {
        let layers = Layers {
            file: Some((PathBuf::from("bedside.toml"), file.parse().expect("TOML"))),
            ..Layers::default()
        };
        let checked = Config::check(&layers);
        checked
            .map(|config| config.services)
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn without_tables_this_machine_serves_alone() {
        let services = check("").expect("valid");
        assert_eq!(services.chains.of(Stage::Transcription), ["local"]);
        assert_eq!(services.chains.of(Stage::Model), ["scripted"]);
        assert!(
            services.chains.of(Stage::Knowledge).is_empty() && services.chains.of(Stage::Device).is_empty()
        );
        assert!(!services.chains.have_model() && services.in_use().next().is_none());
        assert_eq!(services.currency, "USD");
    }

    #[test]
    fn a_chain_of_vendors_is_read_with_its_limits_and_prices() {
        let services = check(
            "[chains]\ntranscription = [\"ears\", \"local\"]\n\
             [providers.ears]\nkind = \"deepgram\"\nkey = { env = \"K\" }\nurl = \"ws://127.0.0.1:9\"\n\
             limits = { first_ms = 900 }\nprices = { audio_seconds = 0.00008 }\n",
        )
        .expect("valid");
        assert_eq!(services.chains.of(Stage::Transcription), ["ears", "local"]);
        let ears = &services.providers["ears"];
        assert_eq!(ears.limits.first.as_millis(), 900);
        assert_eq!(
            ears.limits.open,
            bedside_providers::resilience::EventLimits::remote(Stage::Transcription).open
        );
        assert_eq!(
            ears.prices
                .of(bedside_conversation::service::Unit::AudioSeconds, 100.0),
            Some(8_000)
        );
    }

    #[test]
    fn every_fault_of_every_table_is_named_with_its_place() {
        let said = check(
            "currency = \"dollars\"\n\
             [chains]\ntranscription = [\"deepgram\", \"deepgram\"]\nmodel = [\"cartesia\", \"nobody\"]\nspeech = []\n\
             [resilience]\nhedge = [\"vitals\"]\n\
             [providers.deepgram]\nkey = \"hush-hush\"\nendpointing_ms = \"soon\"\nlimits = { open = 3 }\n\
             prices = { words = 1 }\n\
             [providers.cartesia]\n\
             [providers.local]\n\
             [providers.babel]\n\
             [tools.escalate]\nurl = \"http://127.0.0.1\"\n\
             [knowledge]\nfolders = \"x\"\n",
        )
        .expect_err("faults");
        for expected in [
            "bedside.toml, currency: \"dollars\" is not an ISO 4217 code such as USD",
            "bedside.toml, chains.transcription[1]: \"deepgram\" stands here twice",
            "bedside.toml, chains.model[1]: \"nobody\" is not set up: there is no [providers.nobody]",
            "bedside.toml, chains.speech: there is no such setting",
            "bedside.toml, resilience: hedge: \"vitals\" is not model or synthesis",
            "bedside.toml, providers.deepgram.key: a key does not belong in this file",
            "bedside.toml, providers.deepgram.endpointing_ms: invalid type: a text",
            "bedside.toml, providers.deepgram.limits.open: unknown field `open`",
            "bedside.toml, providers.deepgram.prices.words: there is no such unit",
            "bedside.toml, providers.cartesia.key: is missing",
            "bedside.toml, providers.local: is part of the program",
            "bedside.toml, providers.babel.kind: \"babel\" is none of deepgram, cartesia",
            "bedside.toml, tools.escalate: is the name of a function of Bedside's own",
            "bedside.toml, knowledge.folders: unknown field `folders`",
        ] {
            assert!(said.contains(expected), "{expected:?} is not in {said}");
        }
        assert!(!said.contains("hush"), "{said}");
    }

    #[test]
    fn a_provider_serves_its_own_stage_alone() {
        let said = check(
            "[chains]\nmodel = [\"cartesia\"]\nknowledge = [\"local\"]\n\
             [providers.cartesia]\nkey = { env = \"K\" }\n",
        )
        .expect_err("faults");
        assert!(
            said.contains("chains.model[0]: \"cartesia\" is for synthesis"),
            "{said}"
        );
        assert!(
            said.contains("chains.knowledge[0]: \"local\" has no texts: name their folder under [knowledge]"),
            "{said}"
        );
    }

    #[test]
    fn a_model_that_only_looks_at_devices_is_in_use() {
        let services = check(
            "[chains]\ndevice = [\"vision\"]\n[providers.vision]\nmodel = \"openai\"\n\
             [providers.openai]\n[providers.gemini]\nkey = { env = \"K\" }\n",
        )
        .expect("valid");
        let names: Vec<_> = services.in_use().map(|provider| provider.name).collect();
        assert_eq!(names, ["openai", "vision"]);
    }

    #[cfg(feature = "aws")]
    #[test]
    fn the_example_in_the_documentation_is_a_valid_configuration() {
        let page = include_str!("../../../../docs/providers.md");
        let services = check(example(page)).expect("valid");
        assert_eq!(
            services.chains.of(Stage::Model),
            ["bedrock", "openai", "scripted"]
        );
        assert_eq!((services.providers.len(), services.tools.len()), (7, 1));
    }
}
