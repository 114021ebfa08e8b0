//! What the report says, that it loads nothing, and that no name or text in it can become markup.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may stop at the first thing that is not there"
)]

mod sample;

use bedside_load::capacity::search::Ended;
use bedside_load::figures::{FigureName, Run};
use bedside_load::report::{Document, html, json};
use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// Every element of a page: its name, its attributes, and the text below it.
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
}

impl Element {
    fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }
}

struct Page(Vec<Element>);

impl Page {
    /// Reads a page as browsers do, and does not forgive what they forgive.
    fn read(text: &str) -> Self {
        let dom = parse_document(RcDom::default(), ParseOpts::default()).one(text);
        let errors = dom.errors.borrow();
        assert!(errors.is_empty(), "{errors:?}");
        let mut elements = Vec::new();
        collect(&dom.document, &mut elements);
        Self(elements)
    }

    fn of(document: &Document) -> Self {
        Self::read(&html(document))
    }

    fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.0.iter().filter(move |element| element.name == name)
    }

    fn with_class<'a>(&'a self, class: &'a str) -> impl Iterator<Item = &'a Element> {
        let has = move |classes: &str| classes.split(' ').any(|own| own == class);
        self.0
            .iter()
            .filter(move |element| element.attribute("class").is_some_and(has))
    }

    fn text_of(&self, name: &str) -> String {
        self.named(name)
            .next()
            .map(|element| element.text.clone())
            .unwrap()
    }

    fn has_row(&self, cells: &[&str]) -> bool {
        let text = cells.concat();
        self.named("tr").any(|row| row.text == text)
    }
}

fn collect(node: &Handle, into: &mut Vec<Element>) {
    if let NodeData::Element { name, attrs, .. } = &node.data {
        let attributes = attrs.borrow();
        let attributes = attributes.iter();
        into.push(Element {
            name: name.local.to_string(),
            attributes: attributes
                .map(|it| (it.name.local.to_string(), it.value.to_string()))
                .collect(),
            text: text(node),
        });
    }
    for child in node.children.borrow().iter() {
        collect(child, into);
    }
}

fn text(node: &Handle) -> String {
    if let NodeData::Text { contents } = &node.data {
        return contents.borrow().to_string();
    }
    node.children.borrow().iter().map(text).collect()
}

fn plain(run: Run) -> Document {
    sample::document(run, None)
}

/// Every kind of report.
fn all() -> Vec<Document> {
    let run = sample::run;
    vec![
        plain(run()),
        plain(sample::invalid(run())),
        plain(Run::default()),
        sample::document(run(), Some(sample::search())),
    ]
}

#[test]
fn every_report_is_well_formed_and_loads_nothing() {
    for document in all() {
        let page = Page::of(&document);
        for element in &page.0 {
            assert!(
                !["script", "link", "img", "iframe", "object", "use", "image"]
                    .contains(&element.name.as_str()),
                "<{}>",
                element.name
            );
            for (name, _) in &element.attributes {
                assert!(
                    !["src", "href", "srcset", "style"].contains(&name.as_str()) && !name.starts_with("on")
                );
            }
        }
        let style = page.text_of("style");
        assert!(
            !style.contains("url(") && !style.contains("@import"),
            "the style loads something"
        );
    }
}

#[test]
fn every_plot_and_table_can_be_read_to_one_who_does_not_see_it() {
    for document in all() {
        let page = Page::of(&document);
        let mut ids: Vec<_> = page
            .0
            .iter()
            .filter_map(|element| element.attribute("id"))
            .collect();
        for plot in page.named("svg") {
            let labels = plot.attribute("aria-labelledby").unwrap();
            assert_eq!(
                labels.split(' ').filter(|label| ids.contains(label)).count(),
                2,
                "{labels}"
            );
        }
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "an id is there twice");
        for cell in page.named("th") {
            assert!(matches!(cell.attribute("scope"), Some("col" | "row")));
        }
        assert!(page.named("desc").all(|description| description.text.len() > 20));
    }
}

#[test]
fn every_figure_is_there() {
    let page = Page::of(&plain(sample::run()));
    for figure in FigureName::ALL {
        assert!(
            page.named("th").any(|cell| cell.text == figure.title()),
            "{figure:?} has no row"
        );
        let drawn = page.named("title").any(|title| title.text == figure.title());
        assert_eq!(drawn, sample::run().figures.contains_key(&figure), "{figure:?}");
    }
    assert!(page.has_row(&["Scan to first heart rate", "ms", "0", "–", "–", "–", "–", "–"]));
    assert!(page.has_row(&["partial transcripts shed", "412"]));
    assert!(page.has_row(&["close 1011", "1"]));
    assert!(page.has_row(&["Memory each session added", "58.3 kB"]));
    assert!(page.named("pre").any(|it| it.text == sample::run().scenario_text));
}

#[test]
fn the_verdict_comes_first_and_an_invalid_run_cannot_be_taken_for_a_valid_one() {
    let kept = Page::of(&plain(sample::run()));
    assert_eq!(kept.text_of("title"), "All 3 objectives were kept · consultation");
    assert_eq!(kept.with_class("strip").count(), 0);

    let mut run = sample::run();
    run.objectives[1].kept = false;
    let broken = Page::of(&plain(run.clone()));
    assert!(
        broken
            .text_of("title")
            .starts_with("1 of 3 objectives were broken")
    );
    assert_eq!(broken.with_class("strip").count(), 1);
    assert!(
        broken
            .with_class("banner")
            .any(|it| it.text.contains("gap in an answer p999 < 20 ms"))
    );

    for run in [run, sample::run()] {
        let invalid = Page::of(&plain(sample::invalid(run)));
        assert!(invalid.text_of("title").starts_with("Run invalid"));
        assert_eq!(invalid.with_class("strip").count(), 1);
        assert_eq!(invalid.with_class("invalid").count(), 1, "sections are marked");
        assert!(
            invalid
                .with_class("banner")
                .any(|it| it.text.contains("lag p99 14.2 ms"))
        );
        assert!(
            invalid
                .named("td")
                .all(|it| !it.text.contains('✓') && !it.text.contains('✕'))
        );
    }
}

#[test]
fn a_search_is_reported_with_every_trial() {
    let page = Page::of(&sample::document(sample::run(), Some(sample::search())));
    assert!(page.text_of("title").starts_with("Capacity: 240 sessions"));
    assert!(
        page.with_class("banner")
            .any(|it| it.text.contains("processor of the server"))
    );
    assert_eq!(page.named("td").filter(|it| it.text == "✕ broken").count(), 8);
    assert!(page.has_row(&["8", "240", "✓ kept", "1.87", "104 MB", ""]));
    assert!(page.named("title").any(|it| it.text == "320 sessions: 5,412 ms"));

    let mut limited = sample::search();
    limited.ended = Ended::GeneratorLimited { at: 320 };
    let page = Page::of(&sample::document(sample::run(), Some(limited)));
    assert!(page.text_of("title").starts_with("Generator-limited at 320"));
    assert_eq!(page.with_class("strip").count(), 1);
}

#[test]
fn hostile_texts_stay_texts() {
    let hostile = "</title></style></pre><script>alert(1)</script><img src=x onerror=\"a('&amp;')\">]]>";
    let mut run = sample::run();
    run.scenario = hostile.to_owned();
    run.scenario_text = hostile.to_owned();
    run.target = hostile.to_owned();
    run.drops = [(hostile.to_owned(), 1)].into();
    run.errors = [(hostile.to_owned(), 1)].into();
    run.objectives[0].objective = hostile.to_owned();
    run.objectives[0].kept = false;
    if let Some(cost) = &mut run.cost {
        cost.currency = hostile.to_owned();
    }
    if let Some(server) = &mut run.server {
        server.lateness_ms = [(hostile.to_owned(), 1.0)].into();
    }
    let mut search = sample::search();
    search.trials[0].because = vec![hostile.to_owned()];
    search.trials[0].objectives[0].objective = hostile.to_owned();
    for run in [run.clone(), sample::invalid(run)] {
        let page = Page::of(&sample::document(run, Some(search.clone())));
        assert_eq!(page.named("script").count() + page.named("img").count(), 0);
        assert_eq!(page.text_of("h1"), hostile);
        assert!(page.named("pre").any(|it| it.text == hostile));
        assert_eq!(page.named("th").filter(|it| it.text == hostile).count(), 3);
    }
}

#[test]
fn numbers_that_are_none_do_no_harm() {
    let mut run = sample::run();
    run.seconds = f64::NAN;
    run.began_at_ms = u64::MAX;
    for figure in run.figures.values_mut() {
        figure.max = f64::INFINITY;
        figure.curve = vec![(f64::NAN, f64::NAN), (2.0, f64::INFINITY), (-1.0, 3.0)];
    }
    for second in &mut run.timeline {
        second.server_cores = Some(f64::NAN);
        second.at = f64::NAN;
    }
    let text = html(&plain(run));
    Page::read(&text);
    assert!(!text.contains("NaN") && !text.contains("inf "));
}

#[test]
fn a_long_run_makes_no_long_page() {
    let mut run = sample::run();
    let second = run.timeline[60].clone();
    run.timeline = (1..=86_400)
        .map(|at| bedside_load::figures::Second {
            at: f64::from(at),
            ..second.clone()
        })
        .collect();
    assert!(html(&plain(run)).len() < 200_000);
}

#[test]
fn json_is_what_was_measured() {
    for capacity in [None, Some(sample::search())] {
        let document = sample::document(sample::run(), capacity);
        let text = json(&document).unwrap();
        assert_eq!(serde_json::from_str::<Document>(&text).unwrap(), document);
    }
    let text = json(&plain(sample::run())).unwrap();
    assert_eq!(
        serde_json::from_str::<Run>(&text).unwrap(),
        sample::run(),
        "a document is a run"
    );
}
