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
            _ => None::<&str>,
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
        return Default::default();
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
