//! Transcribers that fail while the patient speaks, pauses or waits.

#![allow(clippy::expect_used, reason = "a helper that fails fails its test")]

#[path = "failover/ears.rs"]
mod ears;
mod failover;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bedside_conversation::io::FaultKind;
use bedside_conversation::service::{ChangeReason, Stage};
use bedside_providers::report::Reports;
use bedside_providers::resilience::{BreakerState, Chain, ChainOptions};
use bedside_providers::traits::Transcriber;
use ears::{FakeEars, Moment, Patient};
use failover::{Trouble, breakers, fault, settle, steps, told};

fn chain(links: &[&Arc<FakeEars>]) -> Chain<dyn Transcriber> {
    let links = links.iter().map(|ears| ears.link()).collect();
    Chain::new(Stage::Transcription, links, ChainOptions::default()).expect("links")
}

/// Three utterances, the second of which goes on after a pause that looked like its end.
async fn consult(patient: &mut Patient) {
    patient.pass(1_000).await;
    patient.start(1, 400).await;
    patient.pass(2_500).await;
    patient.finish(1, 1).await;
    patient.pass(4_000).await;

    patient.start(2, 400).await;
    patient.pass(2_000).await;
    patient.finish(2, 1).await;
    patient.pass(100).await;
    patient.finish(2, 2).await;
    patient.pass(700).await;
    patient.finish(2, 3).await;
    patient.pass(300).await;

    patient.start(3, 200).await;
    patient.pass(1_000).await;
    patient.finish(3, 1).await;
    patient.pass(5_000).await;
}

/// The last answer for each utterance.
fn texts(patient: &Patient) -> Vec<(u32, u32, String)> {
    let mut last = std::collections::BTreeMap::new();
    for (utterance, attempt, text) in &patient.finals {
        last.insert(*utterance, (*utterance, *attempt, text.clone()));
    }
    last.into_values().collect()
}

#[tokio::test(start_paused = true)]
async fn no_word_is_lost_whenever_and_however_a_transcriber_fails() {
    let mut undisturbed = Patient::new(&chain(&[&FakeEars::new("sound", 200)]), &Reports::new().1).await;
    consult(&mut undisturbed).await;
    let expected = texts(&undisturbed);
    assert_eq!(expected.len(), 3);
    assert!(
        expected
            .iter()
            .all(|(_, _, text)| text.starts_with("all of (Some"))
    );

    let seconds = (0..16).map(Moment::Second);
    let asked = (1..=5).map(Moment::Asked);
    let answering = (1..=5).map(Moment::Answering);
    for moment in [Moment::Opening]
        .into_iter()
        .chain(seconds)
        .chain(asked)
        .chain(answering)
    {
        for trouble in Trouble::ALL {
            let (sick, sound) = (FakeEars::new("sick", 200), FakeEars::new("sound", 100));
            sick.trouble(Some((moment, trouble)));
            let chain = chain(&[&sick, &sound]);
            let (reports, session) = Reports::new();
            let mut patient = Patient::new(&chain, &session).await;
            consult(&mut patient).await;
            assert!(!patient.cut, "{moment:?} {trouble:?}");
            assert_eq!(patient.failed, [], "{moment:?} {trouble:?}");
            assert_eq!(texts(&patient), expected, "{moment:?} {trouble:?}");
            let mut twice = patient.finals.clone();
            twice.dedup_by_key(|(utterance, attempt, _)| (*utterance, *attempt));
            assert_eq!(twice.len(), patient.finals.len(), "each answer comes once");
            let told = told(&reports);
            assert!(told.faults.iter().all(|fault| fault.provider == "sick"));
            assert_eq!(told.changes.is_empty(), told.faults.is_empty());
            drop(patient);
            settle().await;
            assert_eq!(
                (sick.live.count(), sound.live.count()),
                (0, 0),
                "{moment:?} {trouble:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_transcriber_that_hangs_is_replaced_within_its_limit() {
    let (sick, sound) = (FakeEars::new("sick", 200), FakeEars::new("sound", 100));
    sick.trouble(Some((Moment::Second(2), Trouble::Hangs)));
    let chain = chain(&[&sick, &sound]);
    let (reports, session) = Reports::new();
    let mut patient = Patient::new(&chain, &session).await;
    patient.pass(1_500).await;
    patient.start(1, 500).await;
    patient.pass(1_000).await;
    patient.finish(1, 1).await;
    patient.pass(1_000).await;
    assert_eq!(patient.finals, []);
    patient.pass(120).await;
    assert_eq!(patient.finals.len(), 1);
    let told = told(&reports);
    assert_eq!(told.faults, [fault("sick", FaultKind::Timeout)]);
    assert_eq!(
        steps(&told),
        [("sick", "sound", ChangeReason::Fault(FaultKind::Timeout))]
    );
}

#[tokio::test(start_paused = true)]
async fn the_preferred_link_serves_again_between_utterances_once_it_has_rested() {
    let (sick, sound) = (FakeEars::new("sick", 200), FakeEars::new("sound", 100));
    sick.trouble(Some((Moment::Second(1), Trouble::Ends)));
    let chain = chain(&[&sick, &sound]);
    let (reports, session) = Reports::new();
    let mut patient = Patient::new(&chain, &session).await;
    patient.pass(2_000).await;
    sick.trouble(None);
    patient.start(1, 400).await;
    patient.pass(12_000).await;
    assert_eq!(
        sick.opened.load(Ordering::SeqCst),
        1,
        "not while the patient speaks"
    );
    patient.finish(1, 1).await;
    patient.pass(2_900).await;
    assert_eq!(
        sick.opened.load(Ordering::SeqCst),
        1,
        "nor while the utterance may go on"
    );
    patient.pass(200).await;
    let told = told(&reports);
    assert_eq!(
        steps(&told),
        [
            ("sick", "sound", ChangeReason::Fault(FaultKind::Disconnected)),
            ("sound", "sick", ChangeReason::Recovered),
        ]
    );
    assert_eq!((sick.live.count(), sound.live.count()), (1, 0));
    patient.start(2, 300).await;
    patient.pass(1_000).await;
    patient.finish(2, 1).await;
    patient.pass(300).await;
    let late = "all of (Some(840), Some(904))";
    assert_eq!(patient.finals.last(), Some(&(2, 1, late.to_owned())));
    // An utterance that was over goes on after all.
    patient.finish(2, 2).await;
    patient.pass(300).await;
    assert_eq!(patient.finals.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_utterance_that_is_over_for_the_new_stream_can_still_be_asked_for() {
    let (sick, sound) = (FakeEars::new("sick", 200), FakeEars::new("sound", 100));
    let chain = chain(&[&sick, &sound]);
    let mut patient = Patient::new(&chain, &Reports::new().1).await;
    sick.trouble(Some((Moment::Second(6), Trouble::Ends)));
    let mut other = Patient::new(&chain, &Reports::new().1).await;
    for patient in [&mut patient, &mut other] {
        patient.pass(1_000).await;
        patient.start(1, 500).await;
        patient.pass(1_000).await;
        patient.finish(1, 1).await;
        patient.pass(5_000).await;
        patient.finish(1, 2).await;
        patient.pass(1_000).await;
        assert_eq!(patient.finals.len(), 2);
    }
    assert_eq!(patient.finals, other.finals);
    assert_eq!(sound.opened.load(Ordering::SeqCst), 2, "it was told again");
}

#[tokio::test(start_paused = true)]
async fn when_every_link_has_failed_the_stream_ends() {
    let (sick, ill) = (FakeEars::new("sick", 200), FakeEars::new("ill", 100));
    sick.trouble(Some((Moment::Opening, Trouble::Fails(FaultKind::Refused))));
    ill.trouble(Some((Moment::Second(1), Trouble::Ends)));
    let chain = chain(&[&sick, &ill]);
    let (reports, session) = Reports::new();
    let mut patient = Patient::new(&chain, &session).await;
    patient.pass(900).await;
    assert!(!patient.cut);
    patient.pass(200).await;
    assert!(patient.cut);
    assert_eq!(breakers(&chain), [BreakerState::Open, BreakerState::Closed]);
    assert_eq!(told(&reports).faults, [fault("sick", FaultKind::Refused)]);
}

#[tokio::test(start_paused = true)]
async fn what_the_last_link_cannot_answer_has_failed_and_the_next_utterance_has_not() {
    let (sick, ill) = (FakeEars::new("sick", 200), FakeEars::new("ill", 100));
    sick.trouble(Some((Moment::Opening, Trouble::Ends)));
    ill.trouble(Some((
        Moment::Answering(1),
        Trouble::Fails(FaultKind::Overloaded),
    )));
    let chain = chain(&[&sick, &ill]);
    let mut patient = Patient::new(&chain, &Reports::new().1).await;
    patient.pass(1_000).await;
    for utterance in [1, 2] {
        patient.start(utterance, 500).await;
        patient.pass(1_000).await;
        patient.finish(utterance, 1).await;
        patient.pass(500).await;
    }
    assert_eq!(patient.failed, [(1, 1, fault("ill", FaultKind::Overloaded))]);
    assert_eq!(patient.finals.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_session_of_many_probes_a_link_that_has_failed_them_all() {
    let (sick, sound) = (FakeEars::new("sick", 200), FakeEars::new("sound", 100));
    sick.trouble(Some((Moment::Opening, Trouble::Fails(FaultKind::Disconnected))));
    let chain = chain(&[&sick, &sound]);
    let mut patients = Vec::new();
    for _ in 0..20 {
        patients.push(Patient::new(&chain, &Reports::new().1).await);
        settle().await;
    }
    assert_eq!(sick.opened.load(Ordering::SeqCst), 3, "then the breaker is open");
    assert_eq!(sound.live.count(), 20);
    sick.trouble(None);
    futures::future::join_all(patients.iter_mut().map(|patient| patient.pass(12_000))).await;
    assert_eq!(sick.live.count(), 1, "one probes");
    let consultations = patients.iter_mut().map(|patient| async {
        patient.start(1, 500).await;
        patient.pass(1_000).await;
        patient.finish(1, 1).await;
        patient.pass(6_000).await;
        assert_eq!(patient.finals.len(), 1);
    });
    futures::future::join_all(consultations).await;
    assert_eq!(breakers(&chain)[0], BreakerState::Closed);
    assert_eq!((sick.live.count(), sound.live.count()), (20, 0), "all went back");
    drop(patients);
    settle().await;
    assert_eq!((sick.live.count(), sound.live.count()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_lone_link_serves_without_anything_between() {
    let only = FakeEars::new("only", 100);
    let chain = chain(&[&only]);
    let mut patient = Patient::new(&chain, &Reports::new().1).await;
    assert_eq!(patient.stream.input.max_capacity(), 64);
    patient.pass(100).await;
    only.trouble(Some((Moment::Opening, Trouble::Hangs)));
    let opening = chain.open(
        bedside_providers::traits::TranscriberParams::default(),
        Reports::new().1,
    );
    assert_eq!(opening.await.err(), Some(fault("only", FaultKind::Timeout)));
    let health = &chain.health()[0];
    assert_eq!((health.uses, health.faults[0]), (2, (FaultKind::Timeout, 1)));
}
