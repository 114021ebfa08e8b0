//! How late a server's models were, from its metrics.

use std::collections::BTreeMap;

/// The share of jobs that are at most as late as is told.
const SHARE: f64 = 0.99;

/// What a page of metrics says of each class of model work, since the server began.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Lateness(BTreeMap<String, Class>);

#[derive(Debug, Clone, PartialEq, Default)]
struct Class {
    /// Jobs that were done; those that were dropped were not late.
    jobs: f64,
    /// How many were late by at most so many seconds, beyond none.
    late: Vec<(f64, f64)>,
}

impl Lateness {
    /// Reads a page in Prometheus' text format.
    pub(crate) fn of_page(page: &str) -> Self {
        let mut classes: BTreeMap<String, Class> = BTreeMap::new();
        for line in page.lines() {
            let Some((name, labels, value)) = sample(line) else {
                continue;
            };
            let Some(class) = label(labels, "class") else {
                continue;
            };
            match name {
                "bedside_scheduler_jobs_total" if label(labels, "outcome") == Some("finished") => {
                    classes.entry(class.to_owned()).or_default().jobs = value;
                }
                "bedside_scheduler_lateness_seconds_bucket" => {
                    let seconds =
                        label(labels, "le").map_or(f64::INFINITY, |le| le.parse().unwrap_or(f64::INFINITY));
                    classes
                        .entry(class.to_owned())
                        .or_default()
                        .late
                        .push((seconds, value));
                }
                _ => {}
            }
        }
        Self(classes)
    }

    /// How late 99 in 100 jobs since `before` were at most, by class, milliseconds: the upper bound of the bucket, or the
    /// greatest bound there is.
    pub(crate) fn since_ms(&self, before: &Self) -> BTreeMap<String, f64> {
        let none = Class::default();
        self.0
            .iter()
            .filter_map(|(name, class)| {
                let before = before.0.get(name).unwrap_or(&none);
                Some((name.clone(), class.since_ms(before)?))
            })
            .collect()
    }
}

impl Class {
    fn since_ms(&self, before: &Self) -> Option<f64> {
        let jobs = self.jobs - before.jobs;
        if jobs <= 0.0 {
            return None;
        }
        let late: Vec<(f64, f64)> = self
            .late
            .iter()
            .enumerate()
            .map(|(at, &(bound, count))| (bound, count - before.late.get(at).map_or(0.0, |it| it.1)))
            .collect();
        let in_time = jobs - late.iter().map(|it| it.1).fold(0.0, f64::max);
        if in_time >= jobs * SHARE {
            return Some(0.0);
        }
        let reached = late.iter().find(|it| in_time + it.1 >= jobs * SHARE);
        let finite = late.iter().map(|it| it.0).filter(|bound| bound.is_finite());
        let most = finite.fold(0.0, f64::max);
        Some(1_000.0 * reached.map_or(most, |it| it.0.min(most)))
    }
}

/// A line's name, labels and value.
fn sample(line: &str) -> Option<(&str, &str, f64)> {
    let (name, rest) = line.split_once('{')?;
    let (labels, value) = rest.rsplit_once('}')?;
    Some((name, labels, value.split_whitespace().next()?.parse().ok()?))
}

fn label<'l>(labels: &'l str, name: &str) -> Option<&'l str> {
    labels.split(',').find_map(|label| {
        let (own, value) = label.trim().split_once('=')?;
        (own == name).then(|| value.trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page on which of `jobs` final transcripts so many were late by at most 0.1, 0.5 and more seconds.
    fn page(jobs: u32, late: [u32; 3]) -> Lateness {
        let [a, b, c] = late;
        Lateness::of_page(&format!(
            "# TYPE bedside_scheduler_jobs counter\n\
             bedside_scheduler_jobs_total{{class=\"final_transcript\",outcome=\"finished\"}} {jobs}\n\
             bedside_scheduler_jobs_total{{class=\"final_transcript\",outcome=\"shed\"}} 5000\n\
             bedside_scheduler_lateness_seconds_sum{{class=\"final_transcript\"}} 4.5\n\
             bedside_scheduler_lateness_seconds_bucket{{le=\"0.1\",class=\"final_transcript\"}} {a}\n\
             bedside_scheduler_lateness_seconds_bucket{{le=\"0.5\",class=\"final_transcript\"}} {b}\n\
             bedside_scheduler_lateness_seconds_bucket{{le=\"+Inf\",class=\"final_transcript\"}} {c}\n"
        ))
    }

    fn check(after: &Lateness, before: &Lateness, expected: Option<f64>) {
        let late = after.since_ms(before);
        assert_eq!(late.get("final_transcript").copied(), expected, "{late:?}");
    }

    #[test]
    fn lateness_counts_the_jobs_that_were_in_time() {
        let none = Lateness::default();
        check(&page(1_000, [0, 0, 0]), &none, Some(0.0));
        check(&page(1_000, [4, 8, 10]), &none, Some(0.0));
        check(&page(1_000, [40, 45, 45]), &none, Some(100.0));
        check(&page(1_000, [4, 45, 45]), &none, Some(500.0));
        check(&page(1_000, [0, 0, 45]), &none, Some(500.0));
    }

    #[test]
    fn only_what_came_since_counts() {
        let before = page(1_000, [0, 300, 300]);
        check(&page(2_000, [0, 300, 300]), &before, Some(0.0));
        check(&page(2_000, [100, 400, 400]), &before, Some(100.0));
        check(&before, &before, None);
        check(
            &Lateness::of_page("HTTP/1.0 404 Not Found\r\n\r\n"),
            &before,
            None,
        );
    }
}
