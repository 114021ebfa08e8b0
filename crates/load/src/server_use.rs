//! What the server takes of its machine.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::figures::{Second, ServerUse};
use crate::lateness::Lateness;
use crate::target::Target;

/// A server that does not tell within this is not asked for this second.
const PATIENCE: Duration = Duration::from_millis(500);

/// The most that is read of a page of metrics, bytes.
const MOST_PAGE: u64 = 4 << 20;

/// Seconds with at least this share of the most sessions are those in which all were live.
const ALL: f64 = 0.95;

/// What the server has taken by now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sample {
    /// Processor time since it began, seconds.
    pub(crate) cpu_s: f64,
    /// Resident memory, bytes.
    pub(crate) rss: u64,
}

/// What the server has to work with, and how late its models have been.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Means {
    /// Processors it may use.
    cores: Option<f64>,
    /// Memory it may use, bytes.
    memory: Option<u64>,
    lateness: Lateness,
}

/// Where the server's use is read.
#[derive(Debug)]
pub(crate) struct Gauge {
    /// Its process on this machine.
    process: Option<u32>,
    /// Host and port of its metrics.
    metrics: Option<String>,
}

impl Gauge {
    /// For this server.
    pub(crate) fn new(target: &Target) -> Self {
        Self {
            process: target.process,
            metrics: target.plain_authority(),
        }
    }

    /// Reads what it has taken, of the process if that is known, else from metrics.
    pub(crate) async fn read(&self) -> Option<Sample> {
        match self.process {
            Some(process) => of_process(process),
            None => of_page(&self.page().await?),
        }
    }

    /// Reads what it has to work with; what cannot be read is left out.
    pub(crate) async fn means(&self) -> Means {
        let page = self.page().await.unwrap_or_default();
        let processes = self.process.and_then(cores_of_process);
        Means {
            cores: processes.or_else(|| value(&page, "bedside_cores")),
            memory: self.process.and_then(|_| memory_of_machine()),
            lateness: Lateness::of_page(&page),
        }
    }

    async fn page(&self) -> Option<String> {
        let authority = self.metrics.as_deref()?;
        timeout(PATIENCE, page(authority)).await.ok()?.ok()
    }
}

/// What a session took, from seconds in which all were live. `base` is what was resident before the first one; `means` are
/// those before the first one and after the last.
pub(crate) fn sum_up(
    base: Option<Sample>,
    timeline: &[Second],
    (before, after): (&Means, &Means),
) -> Option<ServerUse> {
    let most = timeline.iter().map(|second| second.live).max()? as f64;
    let full: Vec<&Second> = timeline
        .iter()
        .filter(|second| second.live > 0 && second.live as f64 >= most * ALL)
        .filter(|second| second.server_cores.is_some())
        .collect();
    let cores: f64 = full.iter().filter_map(|second| second.server_cores).sum();
    let session_seconds: f64 = full.iter().map(|second| second.live as f64).sum();
    let last = full.last()?;
    let rss_base = base?.rss;
    let added = last.server_rss?.saturating_sub(rss_base) as f64;
    Some(ServerUse {
        cpu_ms_per_session_second: cores * 1_000.0 / session_seconds,
        rss_base,
        rss_per_session: added / last.live as f64,
        cores: after.cores,
        memory: after.memory,
        lateness_ms: after.lateness.since_ms(&before.lateness),
    })
}

/// From Linux's `/proc`, as proc(5) describes it.
fn of_process(process: u32) -> Option<Sample> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, in brackets, may hold anything.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    let pages: u64 = fields.get(21)?.parse().ok()?;
    Some(Sample {
        cpu_s: (ticks(11)? + ticks(12)?) / rustix::param::clock_ticks_per_second() as f64,
        rss: pages * rustix::param::page_size() as u64,
    })
}

/// From metrics that Prometheus' clients call by the same names in every language.
fn of_page(page: &str) -> Option<Sample> {
    Some(Sample {
        cpu_s: value(page, "process_cpu_seconds_total")?,
        rss: value(page, "process_resident_memory_bytes")? as u64,
    })
}

/// The first value of this name on a page of metrics.
fn value(page: &str, name: &str) -> Option<f64> {
    let line = page.lines().find(|line| {
        line.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with([' ', '{']))
    })?;
    line.split_whitespace().last()?.parse().ok()
}

/// How many processors a process may run on, of the mask in proc(5).
fn cores_of_process(process: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed:"))?;
    let bits = mask
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .map(u32::count_ones);
    Some(f64::from(bits.sum::<u32>()))
}

/// All memory of this machine, bytes.
fn memory_of_machine() -> Option<u64> {
    let info = std::fs::read_to_string("/proc/meminfo").ok()?;
    let total = info.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: u64 = total.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1_024)
}

/// The metrics' page. HTTP 1.0, which needs no more than this.
async fn page(authority: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(authority).await?;
    let request = format!("GET /metrics HTTP/1.0\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut page = String::new();
    stream.take(MOST_PAGE).read_to_string(&mut page).await?;
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_found_among_others() {
        let page = "HTTP/1.0 200 OK\r\n\r\n# TYPE process_cpu_seconds_total counter\n\
                    process_cpu_seconds_total 12.5\nprocess_cpu_seconds_total_more 3\n\
                    process_resident_memory_bytes 1.5e6\n";
        let sample = of_page(page).unwrap();
        assert!((sample.cpu_s - 12.5).abs() < 1e-9);
        assert_eq!(sample.rss, 1_500_000);
        assert_eq!(of_page("HTTP/1.0 404 Not Found\r\n\r\n"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_read() {
        let sample = of_process(std::process::id()).unwrap();
        assert!(sample.rss > 1 << 20 && sample.rss < 1 << 40, "{}", sample.rss);
        assert_eq!(of_process(0), None);
        let cores = cores_of_process(std::process::id()).unwrap();
        let available = std::thread::available_parallelism().unwrap().get();
        assert!(cores >= available as f64, "{cores}");
        assert!(memory_of_machine().unwrap() > sample.rss);
    }

    #[test]
    fn a_session_is_charged_for_seconds_in_which_all_were_live() {
        let second = |live, cores, rss| Second {
            live,
            server_cores: Some(cores),
            server_rss: Some(rss),
            ..Second::default()
        };
        let timeline = [
            second(10, 0.5, 2_000),
            second(100, 0.2, 6_000),
            second(99, 0.2, 10_900),
        ];
        let base = Sample {
            cpu_s: 0.0,
            rss: 1_000,
        };
        let before = Means::default();
        let after = Means {
            cores: Some(2.0),
            ..Means::default()
        };
        let used = sum_up(Some(base), &timeline, (&before, &after)).unwrap();
        assert!((used.cpu_ms_per_session_second - 400.0 / 199.0).abs() < 1e-9);
        assert!((used.rss_per_session - 100.0).abs() < 1e-9);
        assert_eq!(used.cores, Some(2.0));
        assert_eq!(sum_up(None, &timeline, (&before, &after)), None);
    }
}
