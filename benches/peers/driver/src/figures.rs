//! What a run comes to.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::failure::Failure;
use crate::frames::PERIOD_NS;
use crate::process::{cpu_ns, resident_bytes};

const MIB: f64 = (1 << 20) as f64;

/// What the server and this process have used at one moment.
#[derive(Clone, Copy)]
pub struct Used {
    at: Instant,
    server_ns: u64,
    generator_ns: u64,
    resident: u64,
}

impl Used {
    pub fn read(pid: u32) -> Result<Self, Failure> {
        Ok(Self {
            at: Instant::now(),
            server_ns: cpu_ns(pid)?,
            generator_ns: cpu_ns(std::process::id())?,
            resident: resident_bytes(pid)?,
        })
    }
}

/// Counts and times of one run.
pub struct Figures {
    pub wrong: u64,
    sessions: u32,
    /// Frames measured, of all sessions.
    measured: u64,
    idle: Used,
    begin: Used,
    end: Used,
    /// Frames that came back since measuring began, those of the warm-up too; and how many of them before it ended.
    echoed: u64,
    echoed_at_end: u64,
    late: Vec<Duration>,
    round_trips: Vec<Duration>,
}

impl Figures {
    /// `idle` was read before the first session.
    pub fn new(sessions: u32, frames: u32, idle: Used) -> Self {
        let measured = u64::from(sessions) * u64::from(frames);
        Self {
            wrong: 0,
            sessions,
            measured,
            idle,
            begin: idle,
            end: idle,
            echoed: 0,
            echoed_at_end: 0,
            late: Vec::with_capacity(measured as usize),
            round_trips: Vec::with_capacity(measured as usize),
        }
    }

    /// Measuring begins.
    pub fn begin(&mut self, used: Used) {
        self.begin = used;
        self.echoed = 0;
    }

    /// Measuring ends; what comes from now on is only late.
    pub fn end(&mut self, used: Used) {
        self.end = used;
        self.echoed_at_end = self.echoed;
    }

    /// A frame came back, measured or not.
    pub fn echoed(&mut self) {
        self.echoed += 1;
    }

    /// A frame left `late` after it was due.
    pub fn sent(&mut self, late: Duration) {
        self.late.push(late);
    }

    /// A frame came back so long after it was due to leave.
    pub fn returned(&mut self, round_trip: Duration) {
        self.round_trips.push(round_trip);
    }

    /// Measured frames that have not come back.
    pub fn outstanding(&self) -> u64 {
        self.measured - self.round_trips.len() as u64
    }

    pub fn report(mut self) -> Report {
        let wall = self.end.at.duration_since(self.begin.at).as_secs_f64();
        // Of what was echoed, not of what was sent: a server that falls behind has not done the rest of the work.
        let session_seconds = self.echoed_at_end as f64 * PERIOD_NS as f64 / 1e9;
        let server = self.end.server_ns.saturating_sub(self.begin.server_ns) as f64 / 1e9;
        let generator = self.end.generator_ns.saturating_sub(self.begin.generator_ns) as f64 / 1e9;
        self.late.sort_unstable();
        self.round_trips.sort_unstable();
        Report {
            sessions: self.sessions,
            seconds: wall,
            cpu_ms_per_session_second: (session_seconds > 0.0).then(|| server * 1e3 / session_seconds),
            kept_up: self.echoed_at_end as f64 / self.measured as f64,
            server_busy: server / wall,
            idle_mib: self.idle.resident as f64 / MIB,
            resident_mib: self.end.resident as f64 / MIB,
            round_trip_p50_ms: quantile(&self.round_trips, 0.5),
            round_trip_p99_ms: quantile(&self.round_trips, 0.99),
            sent: self.measured,
            lost: self.outstanding(),
            wrong: self.wrong,
            generator_busy: generator / wall,
            generator_late_p99_ms: quantile(&self.late, 0.99),
        }
    }
}

/// One run in figures.
#[derive(Serialize)]
pub struct Report {
    sessions: u32,
    /// Time measured.
    seconds: f64,
    /// CPU time of the server for a second of one session, which is 50 frames echoed; null if none were.
    cpu_ms_per_session_second: Option<f64>,
    /// Frames that came back while measuring, for each that was sent then: less than 1 when the server falls behind.
    kept_up: f64,
    /// CPU time of the server for a second of time: 1 is a whole core.
    server_busy: f64,
    /// Memory of the server before the first session.
    idle_mib: f64,
    /// Memory of the server as measuring ends, with all sessions.
    resident_mib: f64,
    /// From when a frame was due to leave until all of it was back; null if none came back.
    round_trip_p50_ms: Option<f64>,
    round_trip_p99_ms: Option<f64>,
    /// Frames sent while measuring.
    sent: u64,
    /// Those of them that were not back 2 s after the last.
    lost: u64,
    /// Frames that came back and were not what was sent, or out of order; those of the warm-up too.
    wrong: u64,
    generator_busy: f64,
    /// How late the generator sent.
    generator_late_p99_ms: Option<f64>,
}

/// The nearest-rank quantile of sorted times, in ms.
fn quantile(sorted: &[Duration], share: f64) -> Option<f64> {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    let time = sorted.get(rank.saturating_sub(1))?;
    Some(time.as_secs_f64() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_the_nearest_rank() {
        let times: Vec<_> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(quantile(&times, 0.5), Some(100.0));
        assert_eq!(quantile(&times, 0.99), Some(198.0));
        assert_eq!(quantile(&times[..1], 0.99), Some(1.0));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn cpu_is_that_of_a_session_for_a_second() {
        let began = Instant::now();
        let used = |seconds: u64, server_ms: u64, resident: u64| Used {
            at: began + Duration::from_secs(seconds),
            server_ns: server_ms * 1_000_000,
            generator_ns: 0,
            resident,
        };
        let mut figures = Figures::new(10, 100, used(0, 5, 1 << 20));
        figures.echoed();
        figures.begin(used(1, 10, 2 << 20));
        (0..500).for_each(|_| figures.echoed());
        figures.end(used(3, 110, 3 << 20));
        figures.echoed();
        figures.returned(Duration::from_millis(2));
        let report = figures.report();
        assert_eq!(report.cpu_ms_per_session_second, Some(10.0));
        assert!((report.kept_up - 0.5).abs() < 1e-9);
        assert!((report.server_busy - 0.05).abs() < 1e-9);
        assert_eq!((report.idle_mib, report.resident_mib), (1.0, 3.0));
        assert_eq!((report.sent, report.lost), (1_000, 999));
        assert_eq!(report.round_trip_p99_ms, Some(2.0));
    }
}
