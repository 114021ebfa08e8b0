//! Which job runs next: the scheduler's policy, without threads or clocks. All times are since the scheduler started.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Band, Class, ClassMetrics, Overflow};

/// Jobs that wait, of type `J`, and what has been measured of those that ran.
#[derive(Debug)]
pub struct Queue<J> {
    /// Ordered by deadline, then by submission.
    waiting: [BTreeMap<(Duration, u64), Entry<J>>; Class::ALL.len()],
    /// Jobs that must not start yet, ordered by when they may, then by submission.
    held: BTreeMap<(Duration, u64), (Ticket, Entry<J>)>,
    metrics: [ClassMetrics; Class::ALL.len()],
    capacity: usize,
    submitted: u64,
}

/// Names a job for as long as it exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket {
    class: Class,
    deadline: Duration,
    number: u64,
}

impl Ticket {
    /// The job's class.
    pub const fn class(self) -> Class {
        self.class
    }

    /// When the job should be done.
    pub const fn deadline(self) -> Duration {
        self.deadline
    }
}

#[derive(Debug)]
struct Entry<J> {
    job: J,
    submitted: Duration,
    /// When its first step began.
    began: Option<Duration>,
    /// Time in steps so far.
    busy: Duration,
}

/// A job in the hands of a thread, to be given back by [`Queue::put_back`], [`Queue::finish`] or [`Queue::give_up`].
#[derive(Debug)]
pub struct Running<J> {
    /// The job.
    pub job: J,
    ticket: Ticket,
    submitted: Duration,
    began: Duration,
    resumed: Duration,
    busy: Duration,
}

/// What became of a submission.
#[derive(Debug)]
pub enum Admission<J> {
    /// It waits.
    Admitted(Ticket),
    /// It waits, in the place of an older one.
    Evicted {
        /// The new job.
        ticket: Ticket,
        /// The job dropped for it.
        oldest: J,
    },
    /// There was no room.
    Refused(J),
}

/// What a thread does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Everything.
    Any,
    /// Nothing but [`Band::Reflex`].
    Reflex,
}

/// What a thread should do now.
#[derive(Debug)]
pub enum Next<J> {
    /// Run a step of this job.
    Run(Running<J>),
    /// Tell this job's submitter that it came too late to be run.
    Shed(J),
    /// Wait for work.
    Idle,
}

/// How a job went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// From submission to the first step.
    pub wait: Duration,
    /// Time in steps.
    pub busy: Duration,
    /// How long after its deadline it was done; zero if in time.
    pub late: Duration,
}

/// Why a job did not come to its end although it was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenUp {
    /// Its submitter no longer wants it.
    Cancelled,
    /// It panicked.
    Panicked,
}

impl<J> Queue<J> {
    /// A queue holding at most `capacity` waiting jobs of each class.
    pub fn new(capacity: usize) -> Self {
        Self {
            waiting: Class::ALL.map(|_| BTreeMap::new()),
            held: BTreeMap::new(),
            metrics: Class::ALL.map(|_| ClassMetrics::default()),
            capacity,
            submitted: 0,
        }
    }

    /// Takes a job in, to be done by `deadline`.
    pub fn submit(&mut self, now: Duration, class: Class, deadline: Duration, job: J) -> Admission<J> {
        let full = self.waiting[class as usize].len() >= self.capacity;
        let mut oldest = None;
        if full && class.overflow() == Overflow::DropOldest {
            oldest = self.waiting[class as usize]
                .pop_first()
                .map(|(_, entry)| entry.job);
        }
        if full && oldest.is_none() {
            self.metrics[class as usize].refused += 1;
            return Admission::Refused(job);
        }
        self.submitted += 1;
        let ticket = Ticket {
            class,
            deadline,
            number: self.submitted,
        };
        self.insert(
            ticket,
            Entry {
                job,
                submitted: now,
                began: None,
                busy: Duration::ZERO,
            },
        );
        match oldest {
            None => Admission::Admitted(ticket),
            Some(oldest) => {
                self.metrics[class as usize].evicted += 1;
                Admission::Evicted { ticket, oldest }
            }
        }
    }

    /// Keeps a job that waits from starting before `until`.
    pub fn hold(&mut self, ticket: Ticket, until: Duration) {
        let waiting = &mut self.waiting[ticket.class as usize];
        if let Some(entry) = waiting.remove(&(ticket.deadline, ticket.number)) {
            self.held.insert((until, ticket.number), (ticket, entry));
        }
    }

    /// Lets a held job start.
    pub fn release(&mut self, ticket: Ticket) {
        let held = self.held.iter().find(|(_, (held, _))| *held == ticket);
        if let Some(key) = held.map(|(key, _)| *key)
            && let Some((ticket, entry)) = self.held.remove(&key)
        {
            self.insert(ticket, entry);
        }
    }

    /// When the next held job may start.
    pub fn held_until(&self) -> Option<Duration> {
        self.held.first_key_value().map(|((until, _), _)| *until)
    }

    /// What a thread of a lane should do.
    pub fn next(&mut self, now: Duration, lane: Lane) -> Next<J> {
        while let Some(held) = self.held.first_entry().filter(|held| held.key().0 <= now) {
            let (ticket, entry) = held.remove();
            self.insert(ticket, entry);
        }
        let Some(class) = self.most_urgent(lane) else {
            return Next::Idle;
        };
        let Some(((deadline, number), entry)) = self.waiting[class as usize].pop_first() else {
            return Next::Idle;
        };
        if class.band() == Band::Sheddable && now > deadline {
            self.metrics[class as usize].shed += 1;
            return Next::Shed(entry.job);
        }
        Next::Run(Running {
            job: entry.job,
            ticket: Ticket {
                class,
                deadline,
                number,
            },
            submitted: entry.submitted,
            began: entry.began.unwrap_or(now),
            resumed: now,
            busy: entry.busy,
        })
    }

    /// Lets a job whose step is over wait for its next one, at its old place. It needs no room: it had it before.
    pub fn put_back(&mut self, now: Duration, running: Running<J>) {
        let Running {
            job,
            ticket,
            submitted,
            began,
            resumed,
            busy,
        } = running;
        let busy = busy + now.saturating_sub(resumed);
        self.insert(
            ticket,
            Entry {
                job,
                submitted,
                began: Some(began),
                busy,
            },
        );
    }

    /// Takes note of a job that is done.
    pub fn finish(&mut self, now: Duration, running: Running<J>) -> (J, Timing) {
        let timing = Timing {
            wait: running.began.saturating_sub(running.submitted),
            busy: running.busy + now.saturating_sub(running.resumed),
            late: now.saturating_sub(running.ticket.deadline),
        };
        let metrics = &mut self.metrics[running.ticket.class as usize];
        metrics.finished += 1;
        metrics.wait.record(timing.wait);
        metrics.run.record(timing.busy);
        if timing.late > Duration::ZERO {
            metrics.late += 1;
            metrics.lateness.record(timing.late);
        }
        (running.job, timing)
    }

    /// Takes note of a job that was begun and will not be done.
    pub fn give_up(&mut self, running: Running<J>, why: GivenUp) -> J {
        let metrics = &mut self.metrics[running.ticket.class as usize];
        match why {
            GivenUp::Cancelled => metrics.cancelled += 1,
            GivenUp::Panicked => metrics.panicked += 1,
        }
        running.job
    }

    /// Takes a waiting job out. `None` if it is running or gone.
    pub fn cancel(&mut self, ticket: Ticket) -> Option<J> {
        self.release(ticket);
        let entry = self.waiting[ticket.class as usize].remove(&(ticket.deadline, ticket.number))?;
        self.metrics[ticket.class as usize].cancelled += 1;
        Some(entry.job)
    }

    /// What has been measured of a class.
    pub fn metrics(&self, class: Class) -> ClassMetrics {
        ClassMetrics {
            waiting: self.waiting[class as usize].len(),
            ..self.metrics[class as usize]
        }
    }

    fn insert(&mut self, ticket: Ticket, entry: Entry<J>) {
        let waiting = &mut self.waiting[ticket.class as usize];
        waiting.insert((ticket.deadline, ticket.number), entry);
        let most = &mut self.metrics[ticket.class as usize].most_waiting;
        *most = waiting.len().max(*most);
    }

    fn most_urgent(&self, lane: Lane) -> Option<Class> {
        Class::ALL
            .into_iter()
            .filter(|class| lane == Lane::Any || class.band() == Band::Reflex)
            .filter_map(|class| {
                let (key, _) = self.waiting[class as usize].first_key_value()?;
                Some((class.band(), *key, class))
            })
            .min_by_key(|(band, key, _)| (*band, *key))
            .map(|(_, _, class)| class)
    }
}

#[cfg(test)]
mod tests;
