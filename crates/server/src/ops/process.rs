//! What this process takes of the machine.

use std::time::Duration;

use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};
use tokio::time::Instant;

/// Processor time used from one look to the next.
#[derive(Debug)]
pub(super) struct CpuMeter {
    looked: Instant,
    used: Duration,
}

impl CpuMeter {
    pub(super) fn start() -> Self {
        Self {
            looked: Instant::now(),
            used: cpu_time(),
        }
    }

    /// Processor time of all threads since the last look, in percent of one core.
    pub(super) fn percent(&mut self) -> f64 {
        let (now, used) = (Instant::now(), cpu_time());
        let passed = now.saturating_duration_since(self.looked);
        let worked = used.saturating_sub(self.used);
        *self = Self { looked: now, used };
        if passed.is_zero() {
            return 0.0;
        }
        100.0 * worked.as_secs_f64() / passed.as_secs_f64()
    }
}

/// Processor time of all threads since the process began, in user and system mode.
pub(crate) fn cpu_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap_or_default()
}

/// Memory the process has in RAM, bytes; `None` where the system does not say (it is no Linux).
pub(crate) fn resident_bytes() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

/// Processors the process may use.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// File descriptors of the process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenFiles {
    /// How many are open.
    pub(crate) open: usize,
    /// How many may be; `None` if there is no limit.
    pub(crate) most: Option<u64>,
}

/// The process's file descriptors; `None` where the system does not say (it is no Linux).
pub(crate) fn open_files() -> Option<OpenFiles> {
    let listed = std::fs::read_dir("/proc/self/fd").ok()?.count();
    Some(OpenFiles {
        // One is that of the list.
        open: listed.saturating_sub(1),
        most: getrlimit(Resource::Nofile).current,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_memory_and_files_are_seen() {
        let mut meter = CpuMeter::start();
        let began = std::time::Instant::now();
        let mut sum = 0_u64;
        while began.elapsed() < Duration::from_millis(50) {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        let busy = meter.percent();
        // Other programs may take most of the machine meanwhile.
        assert!(busy > 1.0, "{busy} %");
        let resident = resident_bytes();
        assert!(cfg!(not(target_os = "linux")) || resident.is_some_and(|bytes| bytes > 1 << 20));
        // Input, output and errors at least.
        assert!(cfg!(not(target_os = "linux")) || open_files().is_some_and(|files| files.open >= 3));
    }
}
