//! The page around it all.

use std::time::{Duration, SystemTime};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::headline::{Headline, Tone};
use super::json::Document;
use super::number::{duration, number};
use super::{capacity, curves, summary, tables, timeline};
use crate::figures::Run;

const STYLE: &str = include_str!("style.css");

/// The last moment that has a date with a year of four digits, in milliseconds since the Unix epoch.
const LAST_DATE_MS: u64 = 253_402_300_799_000;

/// The report as one page of HTML without scripts, that loads nothing.
pub fn html(document: &Document) -> String {
    let Document { run, capacity } = document;
    let of_run = Headline::of_run(run);
    let of_search = capacity.as_ref().map(Headline::of_search);
    let first = of_search.as_ref().unwrap_or(&of_run);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (first.words) " · " (run.scenario) }
                style { (PreEscaped(STYLE)) }
            }
            body class=[(of_run.tone == Tone::Void).then_some("invalid")] {
                (first.strip())
                (head(run))
                main {
                    (first.banner())
                    @if let Some(found) = capacity {
                        (capacity::section(found))
                        h2 class="part" { "The run with " (run.sessions.due) " sessions" }
                        (of_run.banner())
                    }
                    (measured(run))
                    (repeat(run, capacity.is_some()))
                }
            }
        }
    }
    .into_string()
}

fn head(run: &Run) -> Markup {
    let began = SystemTime::UNIX_EPOCH + Duration::from_millis(run.began_at_ms.min(LAST_DATE_MS));
    html! {
        header {
            p class="kind" { "Bedside load report" }
            h1 { (run.scenario) }
            dl {
                div { dt { "Server" } dd { (run.target) } }
                div { dt { "Began" } dd { (httpdate::fmt_http_date(began)) } }
                div { dt { "Took" } dd { (duration(run.seconds)) } }
                div { dt { "Seed" } dd { (run.seed) } }
            }
        }
    }
}

fn measured(run: &Run) -> Markup {
    html! {
        (section("summary", "Summary", &summary::summary(run)))
        @if !run.objectives.is_empty() {
            (section("objectives", "Objectives", &tables::objectives(run)))
        }
        (section("figures", "Figures", &tables::figures(run)))
        (section("curves", "Percentiles", &html! {
            p class="note" { "Across: the share of all values, with each further nine given the same room. Up: what that share does not exceed." }
            (curves::curves(run))
        }))
        (section("timeline", "Second by second", &timeline::timeline(run)))
        (section("lost", "Drops and errors", &html! {
            div class="pair" {
                div { (tables::causes("Drops", &run.drops)) }
                div { (tables::causes("Errors", &run.errors)) }
            }
        }))
        (section("server", "Server and cost", &html! {
            @match &run.server {
                Some(server) => (tables::server(server)),
                None => p class="none" { "The server could not be asked what it took." },
            }
            @match &run.cost {
                Some(cost) => p { "Providers cost " (number(cost.total)) " " (cost.currency) " in all, "
                    (number(cost.per_session_minute)) " " (cost.currency) " a session-minute." },
                None => p class="none" { "The server does not say what providers cost." },
            }
        }))
    }
}

fn repeat(run: &Run, search: bool) -> Markup {
    let how = if search {
        "--find-capacity".to_owned()
    } else {
        format!("--sessions {}", run.sessions.due)
    };
    let command = format!(
        "bedside load scenario.toml --url {} {how} --html report.html --json report.json",
        quoted(&run.target),
    );
    section(
        "repeat",
        "How to repeat it",
        &html! {
            p { "Save the scenario as " code { "scenario.toml" } ", start the server as it was, and run this, with the other flags that were given:" }
            pre tabindex="0" { code { (command) } }
            h3 { "Scenario" }
            pre tabindex="0" { code { (run.scenario_text) } }
        },
    )
}

fn section(id: &str, title: &str, body: &Markup) -> Markup {
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (title) }
            (body)
        }
    }
}

/// A word of a shell's command line.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._:/[]".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn no_address_is_more_than_one_word_to_a_shell() {
        assert_eq!(quoted("ws://127.0.0.1:8080/v1"), "ws://127.0.0.1:8080/v1");
        assert_eq!(quoted("a; rm 'b'"), r"'a; rm '\''b'\'''");
    }
}
