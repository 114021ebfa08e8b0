//! CAIRE: vital signs from the patient's video, by a service.
//!
//! Nothing is promised of it in public; what is known is the traffic of its clients. It gives a heart rate and a pulse
//! wave. A rate is passed on only with a quality of our own making (see `evidence`); respiration and variability are
//! absent. The key travels in the address: prefer `wss://`.

mod client;
mod codec;
mod evidence;
mod scan;

use std::sync::Arc;
use std::time::Duration;

use bedside_conversation::io::StageFault;
use bedside_conversation::scan::ScanParams;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Deserialize;

use crate::fault::ConfigFault;
use crate::report::Reporter;
use crate::secret::Secret;
use crate::socket::{self, Dial};
use crate::traits::{VitalsService, VitalsStream};

/// As the vendor's own clients take.
const LARGEST_MESSAGE: usize = 4 * 1024 * 1024;

/// A few pictures; a vendor that is further behind has failed.
const MOST_UNSENT: usize = 4 * 1024 * 1024;

/// Settings of CAIRE.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where it is, such as `wss://HOST:8003/ws/`. There is no default: everyone runs their own.
    pub url: String,
    /// The name this installation is known by there.
    pub client: String,
    /// Quality of pictures that are not JPEG already, 1 to 100.
    pub jpeg_quality: u8,
    /// Pictures per second, at most.
    pub frames_per_second: u32,
    /// How long connecting may take, ms.
    pub connect_ms: u64,
    /// The longest time without an answer while pictures are sent, ms. Then the vendor has failed.
    pub silence_ms: u64,
    /// After the last picture: how long its answer is waited for, ms. A conversation waits two seconds for a summary, which
    /// is made of what was told before.
    pub summary_ms: u64,
    /// After the last picture: how long the vendor may take to finish, ms.
    pub finish_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            url: String::new(),
            client: "bedside".into(),
            jpeg_quality: 75,
            frames_per_second: 30,
            connect_ms: 3_000,
            silence_ms: 3_000,
            summary_ms: 1_500,
            finish_ms: 20_000,
        }
    }
}

/// Vital signs by CAIRE.
#[derive(Debug, Clone)]
pub struct Caire {
    name: &'static str,
    config: Arc<Config>,
    key: Secret,
}

impl Caire {
    /// A service shown as `name`, with a key of the vendor's.
    pub fn new(name: &'static str, config: Config, key: Secret) -> Result<Self, ConfigFault> {
        socket::check(&config.url)?;
        if !(1..=100).contains(&config.jpeg_quality) {
            return Err(ConfigFault::new("jpeg_quality", "must be 1 to 100"));
        }
        if config.frames_per_second == 0 {
            return Err(ConfigFault::new("frames_per_second", "must be 1 or more"));
        }
        Ok(Self {
            name,
            config: Arc::new(config),
            key,
        })
    }

    fn dial(&self) -> Dial {
        let base = self.config.url.trim_end_matches('/');
        let mut url = format!("{base}/?api_key=");
        socket::encode(&self.key.expose(), &mut url);
        url.push_str("&client=");
        socket::encode(&self.config.client, &mut url);
        Dial {
            url,
            headers: Vec::new(),
            largest: LARGEST_MESSAGE,
            most_unsent: MOST_UNSENT,
            limit: Duration::from_millis(self.config.connect_ms),
        }
    }
}

impl VitalsService for Caire {
    fn name(&self) -> &'static str {
        self.name
    }

    fn open(
        &self,
        params: ScanParams,
        reporter: Reporter,
    ) -> BoxFuture<'static, Result<VitalsStream, StageFault>> {
        let (dial, name, config) = (self.dial(), self.name, Arc::clone(&self.config));
        async move {
            let serving = async {
                let socket = dial.dial().await?;
                client::serve(name, config, params.interval, socket, reporter)
            };
            serving.await.map_err(|kind| StageFault { provider: name, kind })
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests;
