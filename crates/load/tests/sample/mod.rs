//! A run with something of everything, and a search that ends with it.

use std::f64::consts::TAU;

use bedside_load::capacity::limiting::{Limiting, Resource};
use bedside_load::capacity::search::{Ended, Outcome};
use bedside_load::capacity::{Broken, Capacity, Trial};
use bedside_load::figures::{Cost, Figure, FigureName, Generator, Run, Second, ServerUse, Sessions, Verdict};
use bedside_load::report::Document;

/// To what JSON carries exactly.
fn round(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// A figure whose tail grows with every nine.
pub(crate) fn figure(count: u64, typical: f64) -> Figure {
    let at = |share: f64| round(typical * (1.0 + 0.35 * -(1.0 - share).log10()));
    let max = at(1.0 - 1.0 / count as f64);
    let shares = (0..=60).map(|step| 1.0 - 10_f64.powf(-f64::from(step) / 10.0));
    Figure {
        count,
        min: round(typical * 0.4),
        mean: typical,
        p50: at(0.5).min(max),
        p90: at(0.9).min(max),
        p99: at(0.99).min(max),
        p999: at(0.999).min(max),
        max,
        curve: shares
            .map(|share| (round(share), at(share).min(max)))
            .chain([(1.0, max)])
            .collect(),
    }
}

pub(crate) fn verdict(objective: &str, figure: Option<FigureName>, limit: f64, measured: f64) -> Verdict {
    Verdict {
        objective: objective.to_owned(),
        figure,
        limit,
        measured: Some(measured),
        kept: measured <= limit,
    }
}

fn timeline(seconds: u32) -> Vec<Second> {
    (1..=seconds)
        .map(|at| {
            let time = f64::from(at);
            let live = (time * 12.0).min(240.0);
            let wave = 1.0 + 0.2 * (time / 17.0 * TAU).sin() + if at == 71 { 1.5 } else { 0.0 };
            let mut p99 = [
                (FigureName::RoundTrip, round(4.2 * wave)),
                (FigureName::VoiceToVoice, round(1_150.0 * wave)),
                (FigureName::Transcript, round(420.0 * wave)),
                (FigureName::OwnLag, round(0.3 * wave)),
            ]
            .into_iter()
            .collect::<std::collections::BTreeMap<_, _>>();
            if at % 13 == 0 {
                p99.insert(FigureName::Connect, round(12.0 * wave));
            }
            Second {
                at: time,
                live: live as u64,
                refused: u64::from(at % 29 == 0) * 3,
                errors: u64::from(at % 41 == 0),
                p99,
                server_cores: Some(round(live / 240.0 * 1.55 * wave.min(1.25))),
                server_rss: Some(90_000_000 + (live * 58_300.0) as u64),
            }
        })
        .collect()
}

pub(crate) fn run() -> Run {
    Run {
        scenario: "consultation".to_owned(),
        scenario_text:
            "name = \"consultation\"\nsessions = 240\nobjectives = [\"voice_to_voice.p99 < 2000\"]\n"
                .to_owned(),
        seed: 7,
        target: "ws://127.0.0.1:8080/v1/realtime".to_owned(),
        began_at_ms: 1_795_636_800_000,
        seconds: 125.0,
        sessions: Sessions {
            due: 240,
            started: 240,
            completed: 239,
            failed: 1,
            resumed: 5,
            most_at_once: 240,
            ..Sessions::default()
        },
        figures: FigureName::ALL
            .into_iter()
            .zip([
                240, 1_204_331, 4_120, 4_101, 51_234, 902_113, 207, 0, 0, 1_204_331,
            ])
            .zip([9.0, 2.1, 310.0, 880.0, 3.2, 1.9, 61.0, 0.0, 0.0, 0.12])
            .filter(|((_, count), _)| *count > 0)
            .map(|((name, count), typical)| (name, figure(count, typical)))
            .collect(),
        drops: [("partial transcripts shed", 412), ("frames late", 3)]
            .map(|(cause, count)| (cause.to_owned(), count))
            .into(),
        errors: [("close 1011", 1), ("server_error", 2)]
            .map(|(cause, count)| (cause.to_owned(), count))
            .into(),
        timeline: timeline(125),
        server: Some(ServerUse {
            cpu_ms_per_session_second: 6.42,
            rss_base: 90_000_000,
            rss_per_session: 58_300.0,
            cores: Some(2.0),
            memory: Some(4_000_000_000),
            lateness_ms: [("final_transcript", 31.0), ("speech_detection", 0.4)]
                .map(|(class, ms)| (class.to_owned(), ms))
                .into(),
        }),
        generator: Generator {
            cpu_share: 0.31,
            invalid: Vec::new(),
        },
        cost: Some(Cost {
            currency: "USD".to_owned(),
            total: 6.02,
            per_session_minute: 0.012,
        }),
        objectives: vec![
            verdict(
                "voice to voice p99 < 2000 ms",
                Some(FigureName::VoiceToVoice),
                2_000.0,
                1_496.0,
            ),
            verdict(
                "gap in an answer p999 < 20 ms",
                Some(FigureName::AudioGap),
                20.0,
                6.6,
            ),
            verdict("failed sessions <= 2", None, 2.0, 1.0),
        ],
    }
}

pub(crate) fn invalid(mut run: Run) -> Run {
    run.generator.invalid = vec!["the generator was late: lag p99 14.2 ms, allowed 5 ms".to_owned()];
    run
}

pub(crate) fn search() -> Capacity {
    let trial = |sessions: u64, measured: f64| {
        let objectives = vec![
            verdict(
                "voice to voice p99 < 2000 ms",
                Some(FigureName::VoiceToVoice),
                2_000.0,
                measured,
            ),
            verdict(
                "gap in an answer p999 < 20 ms",
                Some(FigureName::AudioGap),
                20.0,
                round(measured / 280.0),
            ),
        ];
        let broken = objectives.iter().filter(|it| !it.kept);
        let because: Vec<_> = broken.map(|it| it.objective.clone()).collect();
        Trial {
            sessions,
            outcome: if because.is_empty() {
                Outcome::Kept
            } else {
                Outcome::Broken
            },
            most_at_once: sessions,
            objectives,
            because,
            server_cores: Some(round(sessions as f64 * 0.0078)),
            server_rss: Some(90_000_000 + sessions * 58_300),
        }
    };
    Capacity {
        sessions: 240,
        confirmed: true,
        ended: Ended::Resolved,
        broken: Some(Broken {
            sessions: 250,
            objectives: vec!["voice to voice p99 < 2000 ms".to_owned()],
        }),
        limiting: Some(Limiting {
            resource: Resource::Processor,
            because: "1.93 of 2.00 cores were in use".to_owned(),
        }),
        cpu_ms_per_session_second: Some(6.42),
        rss_per_session: Some(58_300.0),
        trials: [
            (10, 720.0),
            (20, 731.0),
            (40, 748.0),
            (80, 802.0),
            (160, 990.0),
            (320, 5_412.0),
            (320, 6_800.0),
            (240, 1_496.0),
            (280, 3_122.0),
            (280, 2_960.0),
            (260, 2_390.0),
            (260, 2_210.0),
            (250, 1_940.0),
            (250, 2_205.0),
            (250, 2_120.0),
            (240, 1_533.0),
        ]
        .map(|(sessions, measured)| trial(sessions, measured))
        .into(),
    }
}

pub(crate) fn document(run: Run, capacity: Option<Capacity>) -> Document {
    Document { run, capacity }
}
