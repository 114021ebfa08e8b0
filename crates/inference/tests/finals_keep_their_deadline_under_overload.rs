//! Under several times the load there is room for, final transcripts are on time and partials are shed: first in simulated
//! time over thousands of jobs, then with threads.

use std::time::{Duration, Instant};

use bedside_inference::scheduler::queue::{Admission, Lane, Next, Queue, Running};
use bedside_inference::scheduler::{Class, ClassMetrics, Config, JobError, Scheduler, Step};
use futures::executor::block_on;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Numbers that are the same in every run (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }
}

/// Steps left, each of so long.
#[derive(Debug, Clone, Copy)]
struct Cost {
    steps: u32,
    each: Duration,
}

/// One arrival.
#[derive(Debug, Clone, Copy)]
struct Arrival {
    at: Duration,
    class: Class,
    within: Duration,
    cost: Cost,
}

/// `sessions` patients for a minute, each with speech windows, a turn every six seconds, and partials twice a second.
/// Costs are those of the default models on one thread.
fn consultations(sessions: u64, partials_as: Class) -> Vec<Arrival> {
    let mut numbers = Numbers(7);
    let mut arrivals = Vec::new();
    let mut add = |at, class, within, steps, each| {
        arrivals.push(Arrival {
            at,
            class,
            within,
            cost: Cost { steps, each },
        });
    };
    for _ in 0..sessions {
        let start = Duration::from_micros(numbers.below(6_000_000));
        for window in 0..60_000 / 32 {
            add(
                start + ms(32 * window),
                Class::SpeechDetection,
                ms(32),
                1,
                Duration::from_micros(330),
            );
        }
        for turn in 0..10u64 {
            let end = start + ms(turn * 6_000 + numbers.below(500));
            add(end, Class::EndOfTurn, ms(500), 1, ms(40));
            add(end + ms(50), Class::FinalTranscript, ms(500), 15, ms(5));
            add(end + ms(600), Class::FirstSynthesis, ms(500), 1, ms(60));
            for partial in 0..8 {
                add(end + ms(2_000 + 500 * partial), partials_as, ms(500), 14, ms(5));
            }
        }
    }
    arrivals.sort_by_key(|arrival| arrival.at);
    arrivals
}

/// What a thread takes, and the step it is in with the time of its end.
type Processor = (Lane, Option<(Duration, Running<Cost>)>);

/// Two threads and the reflex thread work the arrivals off. The reflex thread is simulated as a third processor: its jobs
/// are too short to slow the others down measurably.
fn simulate(arrivals: &[Arrival]) -> Queue<Cost> {
    let mut queue = Queue::new(4_096);
    let mut threads: [Processor; 3] = [(Lane::Any, None), (Lane::Any, None), (Lane::Reflex, None)];
    let mut arrivals = arrivals.iter().peekable();
    loop {
        let next_end = threads
            .iter()
            .filter_map(|(_, busy)| Some(busy.as_ref()?.0))
            .min();
        let Some(now) = arrivals
            .peek()
            .map(|arrival| arrival.at)
            .into_iter()
            .chain(next_end)
            .min()
        else {
            return queue;
        };
        for (_, busy) in &mut threads {
            if let Some((_, mut running)) = busy.take_if(|(end, _)| *end <= now) {
                running.job.steps -= 1;
                if running.job.steps == 0 {
                    queue.finish(now, running);
                } else {
                    queue.put_back(now, running);
                }
            }
        }
        while let Some(arrival) = arrivals.next_if(|arrival| arrival.at <= now) {
            let admission = queue.submit(now, arrival.class, now + arrival.within, arrival.cost);
            assert!(!matches!(admission, Admission::Refused(_)), "{arrival:?}");
        }
        for (lane, busy) in &mut threads {
            while busy.is_none() {
                match queue.next(now, *lane) {
                    Next::Idle => break,
                    Next::Shed(_) => {}
                    Next::Run(running) => *busy = Some((now + running.job.each, running)),
                }
            }
        }
    }
}

fn on_time(metrics: &ClassMetrics) -> bool {
    metrics.late == 0 && metrics.finished > 0
}

#[test]
fn in_simulated_time_over_thousands_of_jobs() {
    let arrivals = consultations(30, Class::PartialTranscript);
    assert!(arrivals.len() > 50_000);
    let work: Duration = arrivals
        .iter()
        .map(|arrival| arrival.cost.each * arrival.cost.steps)
        .sum();
    assert!(
        work > ms(120_000) * 3 / 2,
        "not an overload of two threads for a minute: {work:?}"
    );
    let queue = simulate(&arrivals);
    for class in [
        Class::FinalTranscript,
        Class::FirstSynthesis,
        Class::EndOfTurn,
        Class::SpeechDetection,
    ] {
        assert!(
            on_time(&queue.metrics(class)),
            "{class:?}: {:?}",
            queue.metrics(class)
        );
    }
    let partials = queue.metrics(Class::PartialTranscript);
    assert!(partials.shed > 500, "{partials:?}");
    assert!(
        partials.finished > 100,
        "spare time should go to partials: {partials:?}"
    );
}

#[test]
fn the_same_load_misses_deadlines_when_partials_are_treated_as_finals() {
    let queue = simulate(&consultations(30, Class::FinalTranscript));
    assert!(queue.metrics(Class::FinalTranscript).late > 100);
}

/// Keeps the thread busy.
fn work(span: Duration) {
    let start = Instant::now();
    while start.elapsed() < span {
        std::hint::spin_loop();
    }
}

#[test]
fn with_threads() {
    let scheduler = Scheduler::new(Config {
        threads: 2,
        ..Config::default()
    });
    let now = Instant::now();
    let stepped = |class, deadline| {
        let mut left = 10;
        scheduler.submit_steps(class, deadline, move || {
            work(ms(2));
            left -= 1;
            if left == 0 { Step::Done(()) } else { Step::More }
        })
    };
    // Four seconds' work of partials that are worthless after 200 ms, and among them 20 finals.
    let mut partials = Vec::new();
    let mut finals = Vec::new();
    for i in 0..200 {
        partials.push(stepped(Class::PartialTranscript, now + ms(200)));
        if i % 10 == 0 {
            finals.push(stepped(Class::FinalTranscript, now + ms(2_000)));
        }
    }
    for handle in finals {
        assert_eq!(block_on(handle).map(|done| done.late), Ok(Duration::ZERO));
    }
    let shed = partials.into_iter().filter_map(|handle| block_on(handle).err());
    let shed: Vec<_> = shed.collect();
    assert!(shed.len() > 100, "{} shed", shed.len());
    assert!(shed.iter().all(|error| *error == JobError::Shed), "{shed:?}");
    assert!(
        now.elapsed() < ms(3_500),
        "shedding should have saved most of the work"
    );
}
