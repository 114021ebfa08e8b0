//! The shipped protocols are sound, and an unsound one is refused with the place of every fault.

use bedside_conversation::consultation::{
    AnswerKind, Answers, Condition, Fault, Protocol, ProtocolError, SummaryLine, Value,
};

const INTAKE: &str = include_str!("../src/consultation/protocols/general-intake.toml");

fn problems(text: &str) -> Vec<(String, Fault)> {
    match Protocol::parse(text) {
        Err(ProtocolError::Content(problems)) => problems.into_iter().map(|p| (p.place, p.fault)).collect(),
        other => panic!("expected faults of content, got {other:?}"),
    }
}

fn edited(from: &str, to: &str) -> String {
    assert!(INTAKE.contains(from), "the intake has no {from:?}");
    INTAKE.replacen(from, to, 1)
}

#[test]
fn the_shipped_protocols_are_sound() {
    for protocol in [Protocol::general_intake(), Protocol::blood_pressure_follow_up()] {
        let protocol = protocol.unwrap();
        assert_eq!(protocol.version, "1.1.0");
        assert!(
            protocol.questions.len() >= 10 && protocol.red_flags.len() >= 9,
            "{}",
            protocol.id
        );
        assert!(protocol.emergency_sentence("en-US").contains("911"));
        assert!(protocol.emergency_sentence("en-GB").contains("999"));
        assert!(
            protocol.emergency_sentence("de-DE").contains("911"),
            "falls back to its own locale"
        );
    }
}

#[test]
fn each_fault_names_its_place() {
    let pain_only = "when = [{ slot = \"pain\", is = [\"yes\"] }]";
    let contradiction = "when = [{ slot = \"pain\", is = [\"yes\"] }, { slot = \"pain\", is = [\"no\"] }]";
    let never = |word: &str| Fault::Unreachable(format!("the answer is never `{word}`"));
    #[rustfmt::skip]
    let cases = [
        ("id = \"onset\"", "id = \"complaint\"", "question[complaint].id", Fault::Duplicate("complaint".into())),
        ("id = \"onset\"", "id = \"On set\"", "question[On set].id", Fault::BadName("On set".into())),
        ("slot = \"onset\"", "slot = \"complaint\"", "question[onset].slot", Fault::Duplicate("complaint".into())),
        ("ask = \"When did this start?\"", "ask = \" \"", "question[onset].ask", Fault::Empty),
        ("min = 0, max = 10", "min = 10, max = 0", "question[pain-score].answer", Fault::BadRange("10 to 0".into())),
        ("slot = \"pain\", is", "slot = \"pian\", is", "question[pain-score].when[0].slot", Fault::UnknownSlot("pian".into())),
        ("slot = \"pain\", is", "slot = \"allergies\", is", "question[pain-score].when[0]", Fault::Unreachable("`allergies` is asked only later".into())),
        ("slot = \"pain\", is = [\"yes\"]", "slot = \"pain\", is = [\"maybe\"]", "question[pain-score].when[0].is", never("maybe")),
        (pain_only, "when = [{ slot = \"pain\" }]", "question[pain-score].when[0]", Fault::BadCondition("tests nothing".into())),
        (pain_only, "when = [{ slot = \"pain\", at_least = 3 }]", "question[pain-score].when[0]", Fault::BadCondition("this answer has no figure".into())),
        (pain_only, contradiction, "question[pain-score].when[1]", Fault::Unreachable("it contradicts another condition on `pain`".into())),
        ("locale = \"en-US\"", "locale = \"en-AU\"", "emergency", Fault::NoEmergencySentence("en-AU".into())),
        ("locale = \"en-US\"", "locale = \"de-DE\"", "locale", Fault::UnsupportedLocale("de-DE".into())),
        ("version = \"1.1.0\"", "version = \"1\"", "version", Fault::BadVersion("1".into())),
        ("It is {course}.", "It is {curse}.", "closing.summary[2].text", Fault::UnknownSlot("curse".into())),
        ("It is {course}.", "It is {course.", "closing.summary[2].text", Fault::BadTemplate),
        ("escalate_on = [\"yes\"]", "escalate_on = [\"often\"]", "question[danger-signs].escalate_on", never("often")),
        ("id = \"stroke\"", "id = \"chest-pain\"", "red_flag[chest-pain].id", Fault::Duplicate("chest-pain".into())),
        ("speed = 1.0", "speed = 3.0", "voice.speed", Fault::BadRange("0.25 to 1.5".into())),
        ("slot = \"pulse\"", "slot = \"pulse\"\ncues = [\"pulse\"]", "question[pulse].cues", Fault::NoEffect),
        ("slot = \"pulse\"", "slot = \"pulse\"\nescalate_on = [\"unknown\"]", "question[pulse].escalate_on", Fault::NoEffect),
        ("slot = \"pulse\"", "slot = \"pulse\"\ncall = \"note\"", "question[pulse].call", Fault::NoEffect),
        ("slot = \"pulse.heart_rate\", at_least = 120", "slot = \"pulse\", at_least = 120", "question[fast-pulse].when[0]", Fault::BadCondition("this answer has no figure".into())),
        ("slot = \"pulse.heart_rate\", at_least = 120", "slot = \"pulse.rate\", at_least = 120", "question[fast-pulse].when[0]", Fault::BadCondition("`pulse.rate` is no part of this answer".into())),
        ("slot = \"pulse.heart_rate\", at_least = 120", "slot = \"pulse.heart_rate\", at_least = 300", "question[fast-pulse].when[0]", Fault::Unreachable("300 to 240 lies outside 30 to 240".into())),
        ("was {pulse.heart_rate} beats", "was {pulse.rate} beats", "closing.summary[7].text", Fault::UnknownSlot("pulse.rate".into())),
    ];
    for (from, to, place, fault) in cases {
        let found = problems(&edited(from, to));
        assert!(
            found.contains(&(place.into(), fault.clone())),
            "{place}: {fault} not in {found:?}"
        );
    }
}

#[test]
fn a_fault_of_form_is_refused_by_the_parser() {
    for (from, to) in [
        (
            "ask = \"When did this start?\"",
            "ask = \"When did this start?\"\nasks = 1",
        ),
        ("'heart attack',", "'Heart attack',"),
        ("'heart attack',", "'heart (attack',"),
        ("'heart attack',", "'(heart attack)?',"),
        ("kind = \"text\"", "kind = \"txet\""),
    ] {
        let parsed = Protocol::parse(&edited(from, to));
        assert!(matches!(parsed, Err(ProtocolError::Form(_))), "{to}: {parsed:?}");
    }
}

#[test]
fn conditions_hold_only_for_answered_slots() {
    let condition = |part: &str| Condition {
        slot: format!("reading.{part}"),
        is: Vec::new(),
        at_least: Some(120.0),
        at_most: None,
        answered: None,
    };
    let mut answers = Answers::new();
    assert!(!condition("systolic").holds(&answers));
    answers.insert(
        "reading".into(),
        Value::BloodPressure {
            systolic: 150,
            diastolic: 90,
        },
    );
    assert!(condition("systolic").holds(&answers));
    assert!(!condition("diastolic").holds(&answers));
}

#[test]
fn a_figure_that_was_not_measured_is_unknown_where_another_was() {
    let condition = |slot: &str, is: &[&str], answered| Condition {
        slot: slot.to_owned(),
        is: is.iter().map(|&word| word.to_owned()).collect(),
        at_least: None,
        at_most: None,
        answered,
    };
    let unknown = condition("pulse.heart_rate", &["unknown"], None);
    let mut answers = Answers::new();
    assert!(!unknown.holds(&answers), "nothing was measured");
    answers.insert("pulse".into(), AnswerKind::measured(None, Some(14.7)));
    assert!(unknown.holds(&answers));
    assert!(condition("pulse.heart_rate", &[], Some(false)).holds(&answers));
    assert!(condition("pulse.respiratory_rate", &[], Some(true)).holds(&answers));
    assert!(condition("pulse", &[], Some(true)).holds(&answers));
    let line = |text: &str| SummaryLine {
        text: text.to_owned(),
        when: Vec::new(),
    };
    let rendered = |text: &str| line(text).render(&answers);
    assert_eq!(
        rendered("{pulse.respiratory_rate} a minute").as_deref(),
        Some("15 a minute")
    );
    assert_eq!(rendered("{pulse.heart_rate} a minute"), None);
    assert_eq!(rendered("{pulse}").as_deref(), Some("15 breaths per minute"));
    answers.insert("pulse".into(), AnswerKind::measured(Some(f64::NAN), Some(0.0)));
    assert!(
        unknown.holds(&answers),
        "what no person can have was not measured"
    );
}
