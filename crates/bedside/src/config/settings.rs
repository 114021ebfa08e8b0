//! Every setting, checked.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use bedside_engine::SessionLimits;
use bedside_inference::store::Size;
use bedside_protocol::{SemanticVad, ServerVad, TurnDetection};
use bedside_server::{Access, AccessError, HandshakeRate};
use reqwest::Url;
use tracing_subscriber::EnvFilter;

use super::capacity::Capacity;
use super::defaults;
use super::layers::Layers;
use super::reader::Reader;
use super::services::Services;
use crate::failure::Failure;

/// The names of all settings: keys of the file, and in capitals after `BEDSIDE_` variables.
pub(super) const KEYS: [&str; 28] = [
    "aliases",
    "allowed_origins",
    "aws",
    "capacity",
    "chains",
    "currency",
    "data",
    "default_protocol",
    "drain_seconds",
    "handshakes_per_second",
    "idle_seconds",
    "keys",
    "knowledge",
    "listen",
    "log",
    "log_format",
    "models",
    "otlp_endpoint",
    "providers",
    "recogniser",
    "resilience",
    "session_minutes",
    "sessions",
    "threads",
    "tools",
    "turn_detection",
    "vitals",
    "voice",
];

/// A checked configuration.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// Address to serve on.
    pub(crate) listen: SocketAddr,
    /// Who may use the server.
    pub(crate) access: Access,
    /// Folder of this installation's own files; protocols lie in its `protocols`.
    pub(crate) data: PathBuf,
    /// Folder of prepared models.
    pub(crate) models: PathBuf,
    /// The protocol of clients that name no model.
    pub(crate) default_protocol: String,
    /// Further names of protocols.
    pub(crate) aliases: BTreeMap<String, String>,
    /// Which recogniser hears.
    pub(crate) recogniser: Size,
    /// Who speaks.
    pub(crate) voice: Voice,
    /// Whether vital signs are read from video.
    pub(crate) vitals: bool,
    /// Threads that run models.
    pub(crate) threads: NonZeroUsize,
    /// Sessions at a time, whatever they take; if not set, what they take decides.
    pub(crate) sessions: Option<usize>,
    /// How much of this machine sessions may take.
    pub(crate) capacity: Capacity,
    /// Limits of a session.
    pub(crate) limits: SessionLimits,
    /// How often one address may connect.
    pub(crate) handshakes: HandshakeRate,
    /// How long a stopping server waits for its sessions.
    pub(crate) drain: Duration,
    /// How sessions begin to find turns.
    pub(crate) turn_detection: TurnDetection,
    /// Who does the work of each stage.
    pub(crate) services: Services,
    /// Which log lines are written.
    pub(crate) log: String,
    /// How they are written.
    pub(crate) log_format: LogFormat,
    /// The OTLP collector that traces go to.
    pub(crate) otlp_endpoint: Option<Url>,
    /// Variables that look like settings and are none.
    pub(crate) unknown_variables: Vec<String>,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Who speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Voice {
    /// The voice of the model store.
    Joe,
    /// A Piper voice of one's own: an `.onnx` file with its `.onnx.json` beside it.
    File(PathBuf),
}

impl Config {
    /// Checks every setting of `layers`.
    pub(crate) fn check(layers: &Layers) -> Result<Self, Failure> {
        let mut reader = Reader::new(layers);
        let listen = listen(&mut reader);
        let threads = reader
            .get("threads", "a number of at least 1")
            .unwrap_or_else(defaults::cores);
        let config = Self {
            listen,
            access: access(&mut reader, listen),
            data: reader.get("data", "a folder").unwrap_or_else(defaults::data),
            models: reader.get("models", "a folder").unwrap_or_else(defaults::models),
            default_protocol: reader
                .get("default_protocol", "a protocol's name")
                .unwrap_or_else(|| defaults::PROTOCOL.to_owned()),
            aliases: reader.map("aliases").unwrap_or_else(defaults::aliases),
            recogniser: recogniser(&mut reader),
            voice: reader
                .get("voice", "\"joe\" or an .onnx file of Piper")
                .unwrap_or(Voice::Joe),
            vitals: reader.get("vitals", "true or false").unwrap_or(true),
            threads,
            sessions: reader
                .get::<NonZeroUsize>("sessions", "a number of at least 1")
                .map(NonZeroUsize::get),
            capacity: Capacity::read(&mut reader),
            limits: limits(&mut reader),
            handshakes: handshakes(&mut reader),
            drain: seconds(&mut reader, "drain_seconds", 1)
                .unwrap_or(Duration::from_secs(defaults::DRAIN_SECONDS)),
            turn_detection: reader
                .get("turn_detection", "\"server_vad\" or \"semantic_vad\"")
                .map_or_else(
                    || TurnDetection::ServerVad(ServerVad::default()),
                    |name: TurnDetectionName| name.0,
                ),
            services: Services::read(&mut reader),
            log: log(&mut reader),
            log_format: reader
                .get("log_format", "\"text\" or \"json\"")
                .unwrap_or(LogFormat::Text),
            otlp_endpoint: reader.get_if(
                "otlp_endpoint",
                "an address such as http://127.0.0.1:4318",
                is_http,
            ),
            unknown_variables: layers.unknown_variables().map(str::to_owned).collect(),
        };
        reader.finish(config)
    }
}

fn listen(reader: &mut Reader<'_>) -> SocketAddr {
    let loopback = SocketAddr::from(([127, 0, 0, 1], 8080));
    let default = defaults::LISTEN.parse().unwrap_or(loopback);
    reader
        .get("listen", "an address such as 127.0.0.1:8080")
        .unwrap_or(default)
}

fn access(reader: &mut Reader<'_>, listen: SocketAddr) -> Access {
    let (keys, origins) = (reader.list("keys"), reader.list("allowed_origins"));
    Access::new(listen, keys, origins).unwrap_or_else(|error| {
        let key = match error {
            AccessError::KeylessNetwork { .. } => "listen",
            AccessError::WeakKey => "keys",
        };
        reader.refuse(key, &error);
        Access::local()
    })
}

fn recogniser(reader: &mut Reader<'_>) -> Size {
    let name: Option<RecogniserName> = reader.get("recogniser", "\"tiny.en\" or \"base\"");
    name.map_or(Size::TinyEn, |name| name.0)
}

fn limits(reader: &mut Reader<'_>) -> SessionLimits {
    let defaults = SessionLimits::default();
    let minutes = seconds(reader, "session_minutes", 60);
    SessionLimits {
        idle: seconds(reader, "idle_seconds", 1).unwrap_or(defaults.idle),
        session: minutes.unwrap_or(defaults.session),
        ..defaults
    }
}

fn handshakes(reader: &mut Reader<'_>) -> HandshakeRate {
    let defaults = HandshakeRate::default();
    let per_second = reader.get_if("handshakes_per_second", "a number above 0", |rate: &f64| {
        rate.is_finite() && *rate > 0.0
    });
    HandshakeRate {
        per_second: per_second.unwrap_or(defaults.per_second),
        ..defaults
    }
}

/// A duration of whole units of `unit` seconds, at most a day.
fn seconds(reader: &mut Reader<'_>, key: &str, unit: u64) -> Option<Duration> {
    let most = 86_400 / unit;
    let expected = format!("a whole number from 1 to {most}");
    let value = reader.get_if(key, &expected, |value: &u64| (1..=most).contains(value))?;
    Some(Duration::from_secs(value * unit))
}

fn log(reader: &mut Reader<'_>) -> String {
    let filter = |text: &String| EnvFilter::try_new(text).is_ok();
    reader
        .get_if(
            "log",
            "a log filter such as \"info\" or \"warn,bedside_engine=debug\"",
            filter,
        )
        .unwrap_or_else(|| defaults::LOG.to_owned())
}

/// Whether `address` is one of HTTP, and holds no key: it stands in messages.
fn is_http(address: &Url) -> bool {
    let keyless = address.username().is_empty() && address.password().is_none();
    keyless && matches!(address.scheme(), "http" | "https")
}

/// A recogniser as people name it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RecogniserName(pub(crate) Size);

impl FromStr for RecogniserName {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "tiny.en" => Ok(Self(Size::TinyEn)),
            "base" => Ok(Self(Size::Base)),
            _ => Err(()),
        }
    }
}

impl FromStr for LogFormat {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(()),
        }
    }
}

impl FromStr for Voice {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "joe" => Ok(Self::Joe),
            path if Path::new(path).extension().is_some_and(|end| end == "onnx") => {
                Ok(Self::File(PathBuf::from(path)))
            }
            _ => Err(()),
        }
    }
}

/// A way to find turns as the wire names it, with everything else at its default.
#[derive(Debug, Clone, Copy)]
struct TurnDetectionName(TurnDetection);

impl FromStr for TurnDetectionName {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "server_vad" => Ok(Self(TurnDetection::ServerVad(ServerVad::default()))),
            "semantic_vad" => Ok(Self(TurnDetection::SemanticVad(SemanticVad::default()))),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Flags;
    use super::*;

    fn layers(file: &str, variables: &[(&str, &str)], flags: &[(&'static str, &str)]) -> Layers {
        Layers {
            file: Some((PathBuf::from("bedside.toml"), file.parse().expect("TOML"))),
            variables: variables
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            flags: flags
                .iter()
                .map(|(k, v)| (*k, (*v).to_owned()))
                .collect::<Flags>(),
        }
    }

    fn faults(layers: &Layers) -> String {
        Config::check(layers).expect_err("a fault").to_string()
    }

    #[test]
    fn flags_win_over_variables_and_variables_over_the_file() {
        let file = "listen = \"127.0.0.1:1\"\nthreads = 3\nsessions = 5\n";
        let variables = [("BEDSIDE_LISTEN", "127.0.0.1:2"), ("BEDSIDE_THREADS", "4")];
        let config = Config::check(&layers(file, &variables, &[("listen", "127.0.0.1:3")])).expect("valid");
        assert_eq!(config.listen.port(), 3);
        assert_eq!((config.threads.get(), config.sessions), (4, Some(5)));
    }

    #[test]
    fn every_fault_is_named_with_its_place() {
        let file = "listen = 5\nlisen = \"127.0.0.1:1\"\naliases = 7\n";
        let variables = [("BEDSIDE_THREADS", "0"), ("BEDSIDE_TURN_DETECTION", "none")];
        let said = faults(&layers(file, &variables, &[("drain_seconds", "-1")]));
        for expected in [
            "bedside.toml, lisen: there is no such setting",
            "bedside.toml, listen: \"5\" is not an address such as 127.0.0.1:8080",
            "bedside.toml, aliases: not a table",
            "BEDSIDE_THREADS: \"0\" is not a number of at least 1",
            "BEDSIDE_TURN_DETECTION: \"none\" is not \"server_vad\" or \"semantic_vad\"",
            "--drain-seconds: \"-1\" is not a whole number from 1 to 86400",
        ] {
            assert!(said.contains(expected), "{expected:?} is not in {said}");
        }
    }

    #[test]
    fn a_keyless_server_on_the_network_is_refused_and_keys_are_never_shown() {
        let said = faults(&layers("listen = \"0.0.0.0:80\"", &[], &[]));
        assert!(
            said.contains("bedside.toml, listen: 0.0.0.0:80 can be reached from other machines"),
            "{said}"
        );
        let said = faults(&layers(
            "",
            &[("BEDSIDE_KEYS", "hush,a-long-key-of-mine-17")],
            &[],
        ));
        assert!(
            said.contains("BEDSIDE_KEYS:") && !said.contains("hush") && !said.contains("mine"),
            "{said}"
        );
    }

    #[test]
    fn lists_and_tables_are_read_from_both_kinds_of_source() {
        let config = Config::check(&layers("[aliases]\nx = \"general-intake\"\n", &[], &[])).expect("valid");
        assert_eq!(
            config.aliases,
            BTreeMap::from([("x".to_owned(), "general-intake".to_owned())])
        );
        let variables = [("BEDSIDE_ALIASES", "y = general-intake")];
        let config = Config::check(&layers("", &variables, &[])).expect("valid");
        assert!(config.aliases.contains_key("y"));
    }

    #[test]
    fn traces_go_to_an_address_of_http_alone() {
        let config = Config::check(&layers("log_format = \"json\"", &[], &[])).expect("valid");
        assert_eq!((config.log_format, config.otlp_endpoint), (LogFormat::Json, None));
        for wrong in [
            "127.0.0.1:4318",
            "grpc://127.0.0.1:4317",
            "http://me:hush@collector",
        ] {
            let said = faults(&layers("", &[("BEDSIDE_OTLP_ENDPOINT", wrong)], &[]));
            assert!(said.contains("BEDSIDE_OTLP_ENDPOINT:"), "{wrong}: {said}");
        }
    }

    #[test]
    fn variables_of_an_orchestrator_are_no_fault() {
        let variables = [("BEDSIDE_SERVICE_HOST", "10.0.0.1")];
        let config = Config::check(&layers("", &variables, &[])).expect("valid");
        assert_eq!(config.unknown_variables, ["BEDSIDE_SERVICE_HOST"]);
    }
}
