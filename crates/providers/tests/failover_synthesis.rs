//! Voices that fail before or while they speak.

#![allow(clippy::expect_used, reason = "a helper that fails fails its test")]

mod failover;
#[path = "failover/voices.rs"]
mod voices;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bedside_conversation::io::{FaultKind, StageFault};
use bedside_conversation::service::{ChangeReason, Stage};
use bedside_providers::report::{Reporter, Reports};
use bedside_providers::resilience::{BreakerState, Chain, ChainOptions};
use bedside_providers::traits::{
    SynthesisInput, SynthesisOutput, SynthesisParams, SynthesisStream, Synthesizer,
};
use failover::{Trouble, breakers, fault, settle, steps, told, wait};
use tokio::time::Instant;
use voices::{FakeVoice, Moment};

fn chain(links: &[&Arc<FakeVoice>], hedge: bool) -> Chain<dyn Synthesizer> {
    let options = ChainOptions {
        hedge,
        ..ChainOptions::default()
    };
    let links = links.iter().map(|voice| voice.link()).collect();
    Chain::new(Stage::Synthesis, links, options).expect("links")
}

fn pair() -> (Arc<FakeVoice>, Arc<FakeVoice>) {
    (
        FakeVoice::new("sick", &["anna", "bert"], 50),
        FakeVoice::new("sound", &["carl", "bert"], 50),
    )
}

async fn open(chain: &Chain<dyn Synthesizer>, session: &Reporter, avoid: &[&'static str]) -> SynthesisStream {
    let params = SynthesisParams {
        voice: "anna".to_owned(),
        speed: 1.0,
        avoid: avoid.to_vec(),
    };
    chain.open(params, session.clone()).await.expect("a stream")
}

async fn say(stream: &SynthesisStream, segment: u32) {
    let text = "Well.".to_owned();
    let told = stream.input.send(SynthesisInput { segment, text }).await;
    told.expect("it listens");
}

/// How many pieces were heard, of which segments by whom, and how it ended.
#[derive(Debug, Default, PartialEq)]
struct Heard {
    pieces: usize,
    done: Vec<(u32, &'static str)>,
    fault: Option<StageFault>,
}

async fn hear(stream: &mut SynthesisStream) -> Heard {
    let mut heard = Heard::default();
    while let Some(said) = stream.output.recv().await {
        match said {
            Ok(SynthesisOutput::Audio { .. }) => heard.pieces += 1,
            Ok(SynthesisOutput::SegmentDone {
                segment, provider, ..
            }) => heard.done.push((segment, provider)),
            Err(fault) => heard.fault = Some(fault),
        }
    }
    heard
}

/// Speaks two segments, and then no more.
async fn response(chain: &Chain<dyn Synthesizer>, session: &Reporter, avoid: &[&'static str]) -> Heard {
    let SynthesisStream { input, output } = open(chain, session, avoid).await;
    let mut stream = SynthesisStream { input, output };
    say(&stream, 0).await;
    say(&stream, 1).await;
    let (closed, _) = tokio::sync::mpsc::channel(1);
    stream.input = closed;
    hear(&mut stream).await
}

fn all_by(provider: &'static str) -> Heard {
    Heard {
        pieces: 6,
        done: vec![(0, provider), (1, provider)],
        fault: None,
    }
}

#[tokio::test(start_paused = true)]
async fn before_the_first_audio_the_next_link_speaks() {
    for moment in [Moment::Opening, Moment::Asked] {
        for trouble in Trouble::ALL {
            let (sick, sound) = pair();
            sick.plan(50, Some((moment, trouble)));
            let chain = chain(&[&sick, &sound], false);
            let (reports, session) = Reports::new();
            let began = Instant::now();
            assert_eq!(
                response(&chain, &session, &[]).await,
                all_by("sound"),
                "{moment:?} {trouble:?}"
            );
            assert!(began.elapsed() < Duration::from_millis(1_400));
            let told = told(&reports);
            assert_eq!(
                told.faults,
                [fault("sick", trouble.kind())],
                "{moment:?} {trouble:?}"
            );
            assert_eq!(
                steps(&told),
                [("sick", "sound", ChangeReason::Fault(trouble.kind()))]
            );
            settle().await;
            assert_eq!((sick.live.count(), sound.live.count()), (0, 0));
            assert_eq!(
                *sound.voice.lock().expect("not poisoned"),
                "carl",
                "it knows no anna"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn while_it_speaks_the_fault_is_the_callers_and_avoid_finds_another() {
    for pieces in 1..6 {
        for trouble in Trouble::ALL {
            let (sick, sound) = pair();
            sick.plan(50, Some((Moment::Pieces(pieces), trouble)));
            let chain = chain(&[&sick, &sound], false);
            let (reports, session) = Reports::new();
            let heard = response(&chain, &session, &[]).await;
            assert_eq!(heard.pieces, pieces);
            assert_eq!(heard.fault, Some(fault("sick", trouble.kind())));
            assert_eq!(response(&chain, &session, &["sick"]).await, all_by("sound"));
            let told = told(&reports);
            assert_eq!(told.faults, [], "the caller knows");
            assert_eq!(
                steps(&told),
                [("sick", "sound", ChangeReason::Fault(trouble.kind()))]
            );
            assert_eq!(
                chain.health()[0]
                    .faults
                    .iter()
                    .map(|(_, count)| count)
                    .sum::<u64>(),
                1
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_voice_that_speaks_more_slowly_than_it_plays_gives_way_if_there_is_another() {
    let (sick, sound) = pair();
    // Pieces of 100 ms, each 600 ms late.
    sick.plan(700, None);
    let chain_of_two = chain(&[&sick, &sound], false);
    let (reports, session) = Reports::new();
    let began = Instant::now();
    let heard = response(&chain_of_two, &session, &[]).await;
    assert_eq!(heard.pieces, 2);
    assert_eq!(heard.fault, Some(fault("sick", FaultKind::Timeout)));
    let (first, played, gaps) = (700, 200, 1_000);
    assert_eq!(began.elapsed().as_millis(), first + played + gaps);
    assert_eq!(
        response(&chain_of_two, &session, &["sick"]).await,
        all_by("sound")
    );
    assert_eq!(
        steps(&told(&reports)),
        [("sick", "sound", ChangeReason::Fault(FaultKind::Timeout))]
    );

    let session = Reports::new().1;
    let alone = response(&chain(&[&sick], false), &session, &[]).await;
    assert_eq!(alone, all_by("sick"), "a slow voice is better than none");
}

#[tokio::test(start_paused = true)]
async fn a_link_is_not_late_while_no_text_is_owed_or_nobody_takes_its_audio() {
    let (sick, sound) = pair();
    let chain = chain(&[&sick, &sound], false);
    let (reports, session) = Reports::new();
    let mut stream = open(&chain, &session, &[]).await;
    wait(60_000).await;
    for segment in 0..9 {
        say(&stream, segment).await;
    }
    wait(60_000).await;
    let mut pieces = 0;
    while pieces < 9 * 4 {
        assert!(stream.output.recv().await.expect("it speaks").is_ok());
        pieces += 1;
    }
    wait(60_000).await;
    say(&stream, 9).await;
    assert!(stream.output.recv().await.expect("it speaks").is_ok());
    drop(stream.input);
    assert_eq!(told(&reports), failover::Told::default());
    assert_eq!(sound.opened.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn the_breaker_counts_failures_and_successes_and_not_what_is_interrupted() {
    let (sick, sound) = pair();
    sick.plan(50, Some((Moment::Pieces(2), Trouble::Hangs)));
    let chain = chain(&[&sick, &sound], false);
    let session = Reports::new().1;
    for _ in 0..5 {
        let mut stream = open(&chain, &session, &[]).await;
        say(&stream, 0).await;
        stream.output.recv().await;
        drop(stream);
        settle().await;
        assert_eq!(sick.live.count(), 0, "an interruption cancels the work");
    }
    assert_eq!(breakers(&chain)[0], BreakerState::Closed);
    for _ in 0..3 {
        response(&chain, &session, &[]).await;
    }
    assert_eq!(breakers(&chain)[0], BreakerState::Open);
    assert_eq!(response(&chain, &session, &[]).await, all_by("sound"));
    wait(5_000).await;
    sick.plan(50, None);
    assert_eq!(response(&chain, &session, &[]).await, all_by("sick"));
    assert_eq!(breakers(&chain)[0], BreakerState::Closed);
}

#[tokio::test(start_paused = true)]
async fn if_all_links_fail_the_fault_is_the_callers() {
    let (sick, ill) = pair();
    sick.plan(50, Some((Moment::Asked, Trouble::Ends)));
    ill.plan(50, Some((Moment::Opening, Trouble::Fails(FaultKind::Overloaded))));
    let chain = chain(&[&sick, &ill], false);
    let (reports, session) = Reports::new();
    let heard = response(&chain, &session, &[]).await;
    assert_eq!(heard.fault, Some(fault("sound", FaultKind::Overloaded)));
    assert_eq!(told(&reports).faults, [fault("sick", FaultKind::Disconnected)]);
}

#[tokio::test(start_paused = true)]
async fn a_voice_slower_than_usual_races_the_next_and_the_loser_is_cancelled() {
    let (sick, sound) = pair();
    let chain = chain(&[&sick, &sound], true);
    let (reports, session) = Reports::new();
    for _ in 0..20 {
        assert_eq!(response(&chain, &session, &[]).await, all_by("sick"));
    }
    sick.plan(600, None);
    let mut stream = open(&chain, &session, &[]).await;
    let began = Instant::now();
    say(&stream, 0).await;
    stream.output.recv().await;
    assert_eq!(began.elapsed(), Duration::from_millis(450));
    settle().await;
    assert_eq!((sick.live.count(), sound.live.count()), (1 - 1, 1));
    assert_eq!(steps(&told(&reports)), [("sick", "sound", ChangeReason::Slow)]);
    drop(stream);
    settle().await;
    assert_eq!(sound.live.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_voices_are_those_of_all_links_and_the_default_is_the_firsts() {
    let (sick, sound) = pair();
    assert_eq!(chain(&[&sick, &sound], false).voices(), ["anna", "bert", "carl"]);
}
