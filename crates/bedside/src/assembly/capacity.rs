//! What this node has for its sessions, and how late its models are.

use std::fs;

use bedside_engine::{Budget, Capacity, Cost, Lateness, Recent, Signal};
use bedside_inference::scheduler::{Class, ClassMetrics, Scheduler};

use crate::config::{Config, cores};

/// What a scheduler measures of each class.
type Classes = [(Class, ClassMetrics); Class::ALL.len()];

/// What the settings allow, of what this machine has.
pub(super) fn capacity(config: &Config) -> Capacity {
    let settings = &config.capacity;
    let part = |count: usize| (count as f64 * 1e6 * settings.utilisation) as u64;
    let memory = settings.memory_mb.map(|mb| mb << 20);
    let memory = memory.or_else(|| Some((free_memory()? as f64 * settings.utilisation) as u64));
    Capacity {
        budget: Budget {
            sessions: config.sessions.unwrap_or(usize::MAX),
            cost: Cost {
                processor_us: part(cores().get()),
                models_us: part(config.threads.get()),
                memory: memory.unwrap_or(u64::MAX),
            },
        },
        coefficients: settings.coefficients,
    }
}

/// Bytes that this process can still take, as the kernel tells once the models are loaded: of the machine, or of the
/// control group if that allows less. `None` on systems that do not say.
fn free_memory() -> Option<u64> {
    let machine = available(&fs::read_to_string("/proc/meminfo").ok()?)?;
    let number = |path| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let limit = number("/sys/fs/cgroup/memory.max");
    let used = number("/sys/fs/cgroup/memory.current");
    let group = limit.zip(used).map(|(limit, used)| limit.saturating_sub(used));
    Some(group.map_or(machine, |group| group.min(machine)))
}

fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes << 10)
}

/// How late models are that a patient waits for, over the last seconds. To be called every second.
pub(super) fn lateness(recent: &mut Recent<Classes>, scheduler: &Scheduler) -> Vec<Lateness> {
    let now = scheduler.metrics();
    let then = recent.look(&now);
    let pairs = now.iter().zip(&then);
    pairs
        .filter_map(|((class, now), (_, then))| {
            let (count, p95) = now.lateness_since(then);
            Some(Lateness {
                signal: signal(*class)?,
                count,
                p95,
            })
        })
        .collect()
}

fn signal(class: Class) -> Option<Signal> {
    match class {
        Class::SpeechDetection => Some(Signal::SpeechDetection),
        Class::FirstSynthesis => Some(Signal::FirstSynthesis),
        Class::FinalTranscript => Some(Signal::FinalTranscript),
        // The others are late by choice, or nobody waits for them.
        Class::EndOfTurn | Class::LaterSynthesis | Class::Vitals | Class::PartialTranscript => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use bedside_inference::scheduler;

    use super::*;

    #[test]
    fn free_memory_is_read_as_the_kernel_writes_it() {
        let meminfo = "MemTotal:       24576000 kB\nMemFree:  1 kB\nMemAvailable:   20480000 kB\n";
        assert_eq!(available(meminfo), Some(20_480_000 * 1_024));
        assert_eq!(available("MemTotal: 1 kB\n"), None);
    }

    #[test]
    fn jobs_that_were_late_are_forgotten_after_the_last_seconds() {
        let scheduler = Scheduler::new(scheduler::Config {
            threads: 1,
            ..scheduler::Config::default()
        });
        let mut recent = Recent::default();
        lateness(&mut recent, &scheduler);
        let began = Instant::now();
        let run = scheduler.submit(Class::FinalTranscript, began, move || {
            while began.elapsed() < Duration::from_millis(3) {}
        });
        assert!(futures::executor::block_on(run).is_ok());
        let finals = |recent: &mut Recent<Classes>| {
            let finals = lateness(recent, &scheduler)
                .into_iter()
                .find(|late| late.signal == Signal::FinalTranscript);
            finals.map(|late| (late.count, late.p95 > Duration::ZERO))
        };
        for _ in 1..10 {
            assert_eq!(finals(&mut recent), Some((1, true)));
        }
        assert_eq!(finals(&mut recent), Some((1, true)));
        assert_eq!(finals(&mut recent), Some((0, false)));
    }
}
