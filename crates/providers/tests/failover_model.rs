//! Chat models that fail, are slow, or are left alone.

#![allow(clippy::expect_used, reason = "a helper that fails fails its test")]

mod failover;
#[path = "failover/models.rs"]
mod models;

use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bedside_conversation::io::FaultKind;
use bedside_conversation::service::{ChangeReason, Stage, Unit};
use bedside_providers::report::{Prices, Report, Reports};
use bedside_providers::resilience::{BreakerState, BudgetSettings, Chain, ChainOptions, Link};
use bedside_providers::traits::ChatModel;
use failover::{Trouble, breakers, fault, settle, steps, told, wait};
use futures::StreamExt;
use futures::future::join_all;
use models::{FakeModel, Heard, Step, answer, request};
use tokio::time::Instant;

fn chain(links: &[&Arc<FakeModel>], options: ChainOptions) -> Chain<dyn ChatModel> {
    let links = links.iter().map(|model| model.link()).collect();
    Chain::new(Stage::Model, links, options).expect("links")
}

fn heard(by: &'static str, text: &str) -> Heard {
    Heard {
        by: Some(by),
        text: text.to_owned(),
        fault: None,
    }
}

#[tokio::test(start_paused = true)]
async fn before_the_first_event_the_next_link_answers() {
    for trouble in Trouble::ALL {
        let sick = FakeModel::new("sick", vec![Step::Wait(100), Step::Trouble(trouble)]);
        let sound = FakeModel::well("sound", 50);
        let chain = chain(&[&sick, &sound], ChainOptions::default());
        let (reports, session) = Reports::new();
        let began = Instant::now();
        assert_eq!(
            answer(&chain, &session, &[]).await,
            heard("sound", "well"),
            "{trouble:?}"
        );
        let limit = if trouble == Trouble::Hangs { 1_050 } else { 150 };
        assert_eq!(began.elapsed(), Duration::from_millis(limit), "{trouble:?}");
        let told = told(&reports);
        assert_eq!(told.faults, [fault("sick", trouble.kind())]);
        assert_eq!(
            steps(&told),
            [("sick", "sound", ChangeReason::Fault(trouble.kind()))]
        );
        assert_eq!((sick.live.count(), sound.live.count()), (0, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn after_the_first_event_the_fault_is_the_callers_and_avoid_finds_another() {
    for trouble in Trouble::ALL {
        let sick = FakeModel::new("sick", vec![Step::Say("I"), Step::Trouble(trouble)]);
        let sound = FakeModel::well("sound", 50);
        let chain = chain(&[&sick, &sound], ChainOptions::default());
        let (reports, session) = Reports::new();
        let cut = Heard {
            by: Some("sick"),
            text: "I".to_owned(),
            fault: Some(fault("sick", trouble.kind())),
        };
        assert_eq!(answer(&chain, &session, &[]).await, cut, "{trouble:?}");
        assert_eq!(sound.asked(), 0);
        assert_eq!(answer(&chain, &session, &["sick"]).await, heard("sound", "well"));
        let told = told(&reports);
        assert_eq!(told.faults, [], "the caller knows");
        assert_eq!(
            steps(&told),
            [("sick", "sound", ChangeReason::Fault(trouble.kind()))]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn if_every_link_fails_the_last_fault_is_the_answer() {
    let sick = FakeModel::new("sick", vec![Step::Trouble(Trouble::Hangs)]);
    let ill = FakeModel::new("ill", vec![Step::Trouble(Trouble::Fails(FaultKind::Overloaded))]);
    let chain = chain(&[&sick, &ill], ChainOptions::default());
    let (reports, session) = Reports::new();
    let heard = answer(&chain, &session, &[]).await;
    assert_eq!(heard.by, None);
    assert_eq!(heard.fault, Some(fault("ill", FaultKind::Overloaded)));
    assert_eq!(told(&reports).faults, [fault("sick", FaultKind::Timeout)]);
    assert_eq!(
        answer(&chain, &session, &["sick", "ill"]).await.fault,
        heard.fault
    );
    assert_eq!((sick.asked(), ill.asked()), (1, 2), "the last is asked even so");
}

#[tokio::test(start_paused = true)]
async fn the_breaker_opens_lets_one_probe_of_many_sessions_pass_and_closes() {
    let vendor = FakeModel::new("vendor", vec![Step::Trouble(Trouble::Fails(FaultKind::Internal))]);
    let local = FakeModel::well("local", 10);
    let chain = chain(&[&vendor, &local], ChainOptions::default());
    let sessions: Vec<_> = (0..200).map(|_| Reports::new()).collect();
    let all = || async {
        let answers = sessions.iter().map(|(_, session)| answer(&chain, session, &[]));
        let by: Vec<_> = join_all(answers)
            .await
            .into_iter()
            .map(|heard| heard.by)
            .collect();
        by.iter().filter(|&&by| by == Some("vendor")).count()
    };
    for _ in 0..3 {
        answer(&chain, &sessions[0].1, &[]).await;
    }
    assert_eq!(breakers(&chain), [BreakerState::Open, BreakerState::Closed]);
    assert_eq!((all().await, vendor.asked()), (0, 3), "it is left alone");
    let first_time = steps(&told(&sessions[1].0));
    assert_eq!(first_time, [("vendor", "local", ChangeReason::CircuitOpen)]);

    wait(5_000).await;
    assert_eq!(breakers(&chain)[0], BreakerState::HalfOpen);
    assert_eq!((all().await, vendor.asked()), (0, 4), "one probe fails");
    assert_eq!(breakers(&chain)[0], BreakerState::Open);

    wait(9_900).await;
    assert_eq!(
        (all().await, vendor.asked()),
        (0, 4),
        "it waits for twice as long"
    );
    wait(100).await;
    vendor.plan(vec![Step::Wait(100), Step::Say("well"), Step::Done]);
    assert_eq!((all().await, vendor.asked()), (1, 5), "one probe succeeds");
    assert_eq!(breakers(&chain)[0], BreakerState::Closed);
    assert_eq!(all().await, 200);
    let back = steps(&told(&sessions[1].0));
    assert_eq!(back.last(), Some(&("local", "vendor", ChangeReason::Recovered)));
    let health = &chain.health()[0];
    assert_eq!(
        (health.uses, health.p50_ms, health.p95_ms),
        (205, Some(100), Some(100))
    );
    assert_eq!(health.faults[4], (FaultKind::Internal, 4));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_dropped_is_no_outcome_and_frees_the_probe() {
    let vendor = FakeModel::new("vendor", vec![Step::Trouble(Trouble::Fails(FaultKind::Refused))]);
    let local = FakeModel::well("local", 10);
    let chain = chain(&[&vendor, &local], ChainOptions::default());
    let (_reports, session) = Reports::new();
    answer(&chain, &session, &[]).await;
    assert_eq!(breakers(&chain)[0], BreakerState::Open, "a refusal is enough");
    wait(5_000).await;
    vendor.plan(vec![
        Step::Wait(100),
        Step::Say("well"),
        Step::Say("…"),
        Step::Done,
    ]);
    for _ in 0..3 {
        let mut probe = chain.generate(request(&[]), session.clone());
        probe.next().await;
        probe.next().await;
        drop(probe);
        assert_eq!(vendor.live.count(), 0);
        assert_eq!(breakers(&chain)[0], BreakerState::HalfOpen);
    }
    assert_eq!(answer(&chain, &session, &[]).await.by, Some("vendor"));
    assert_eq!(breakers(&chain)[0], BreakerState::Closed);
}

#[tokio::test(start_paused = true)]
async fn without_budget_only_the_last_link_is_tried_again() {
    let options = ChainOptions {
        budget: BudgetSettings {
            per_use: 0.0,
            per_second: 0.0,
            burst: 5.0,
        },
        ..ChainOptions::default()
    };
    let sick = FakeModel::new(
        "sick",
        vec![Step::Wait(10), Step::Trouble(Trouble::Fails(FaultKind::Internal))],
    );
    let ill = FakeModel::new(
        "ill",
        vec![Step::Wait(10), Step::Trouble(Trouble::Fails(FaultKind::Internal))],
    );
    let local = FakeModel::well("local", 10);
    let chain = chain(&[&sick, &ill, &local], options);
    let (_reports, session) = Reports::new();
    let answers = join_all((0..100).map(|_| answer(&chain, &session, &[]))).await;
    assert!(answers.iter().all(|heard| heard.by == Some("local")));
    assert_eq!((sick.asked(), ill.asked(), local.asked()), (100, 5, 100));
}

/// A chain that hedges, and knows that the vendor usually takes 500 ms.
async fn hedging(vendor: &Arc<FakeModel>, other: &Arc<FakeModel>, burst: f64) -> Chain<dyn ChatModel> {
    let options = ChainOptions {
        hedge: true,
        budget: BudgetSettings {
            per_use: 0.0,
            per_second: 0.0,
            burst,
        },
        ..ChainOptions::default()
    };
    let chain = chain(&[vendor, other], options);
    for _ in 0..20 {
        assert_eq!(other.asked(), 0, "too little is known to hedge");
        answer(&chain, &Reports::new().1, &[]).await;
    }
    chain
}

#[tokio::test(start_paused = true)]
async fn a_link_slower_than_usual_races_the_next_and_the_loser_is_cancelled() {
    let (vendor, other) = (FakeModel::well("vendor", 500), FakeModel::well("other", 100));
    let chain = hedging(&vendor, &other, 10.0).await;
    let (reports, session) = Reports::new();
    answer(&chain, &session, &[]).await;
    assert_eq!(other.asked(), 0, "it was as quick as usual");

    vendor.plan(vec![Step::Wait(900), Step::Say("late"), Step::Done]);
    let began = Instant::now();
    assert_eq!(answer(&chain, &session, &[]).await, heard("other", "well"));
    assert_eq!(began.elapsed(), Duration::from_millis(600));
    assert_eq!((vendor.live.count(), other.live.count()), (0, 0));
    assert_eq!(steps(&told(&reports)), [("vendor", "other", ChangeReason::Slow)]);
    assert_eq!(breakers(&chain), [BreakerState::Closed; 2]);

    vendor.plan(vec![Step::Wait(550), Step::Say("still"), Step::Done]);
    assert_eq!(answer(&chain, &session, &[]).await, heard("vendor", "still"));
    assert_eq!(other.asked(), 2);
    assert_eq!(other.live.count(), 0);
    assert_eq!(
        steps(&told(&reports)),
        [("other", "vendor", ChangeReason::Recovered)]
    );
}

#[tokio::test(start_paused = true)]
async fn in_a_race_a_fault_leaves_the_other_running() {
    let (vendor, other) = (FakeModel::well("vendor", 500), FakeModel::well("other", 300));
    let chain = hedging(&vendor, &other, 10.0).await;
    for trouble in [Trouble::Fails(FaultKind::Internal), Trouble::Ends, Trouble::Hangs] {
        vendor.plan(vec![Step::Wait(600), Step::Trouble(trouble)]);
        let began = Instant::now();
        let session = Reports::new().1;
        assert_eq!(answer(&chain, &session, &[]).await, heard("other", "well"));
        assert_eq!(began.elapsed(), Duration::from_millis(800), "{trouble:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_budget_there_is_no_race() {
    let (vendor, other) = (FakeModel::well("vendor", 500), FakeModel::well("other", 10));
    let chain = hedging(&vendor, &other, 3.0).await;
    vendor.plan(vec![Step::Wait(900), Step::Say("late"), Step::Done]);
    let session = Reports::new().1;
    let answers = join_all((0..50).map(|_| answer(&chain, &session, &[]))).await;
    let raced = answers.iter().filter(|heard| heard.by == Some("other")).count();
    assert_eq!((raced, other.asked()), (3, 3));
}

#[tokio::test(start_paused = true)]
async fn a_lone_link_answers_under_no_name_and_its_tokens_cost() {
    let model = FakeModel::well("model", 10);
    let prices = Prices::new([
        (Unit::InputTokens, 3.0),
        (Unit::CachedTokens, 1.0),
        (Unit::CacheWriteTokens, 4.0),
        (Unit::OutputTokens, 15.0),
    ]);
    let link = Link {
        prices,
        ..model.link()
    };
    let chain = Chain::new(Stage::Model, vec![link], ChainOptions::default()).expect("a link");
    let (reports, session) = Reports::new();
    assert_eq!(answer(&chain, &session, &[]).await.by, None);
    let mut cx = Context::from_waker(Waker::noop());
    let mut cost = Vec::new();
    while let Poll::Ready(Report::Used(used)) = reports.poll(&mut cx) {
        cost.push((used.provider, used.unit, used.quantity as u32, used.price_micros));
    }
    assert_eq!(
        cost,
        [
            ("model", Unit::InputTokens, 30, Some(90)),
            ("model", Unit::CachedTokens, 60, Some(60)),
            ("model", Unit::CacheWriteTokens, 10, Some(40)),
            ("model", Unit::OutputTokens, 7, Some(105)),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn dropped_at_any_time_nothing_is_left_running() {
    let (vendor, other) = (FakeModel::well("vendor", 500), FakeModel::well("other", 300));
    let chain = hedging(&vendor, &other, 100.0).await;
    vendor.plan(vec![
        Step::Wait(900),
        Step::Say("late"),
        Step::Wait(300),
        Step::Done,
    ]);
    for ms in (0..1_300).step_by(50) {
        let mut events = chain.generate(request(&[]), Reports::new().1);
        let listening = async { while events.next().await.is_some() {} };
        drop(tokio::time::timeout(Duration::from_millis(ms), listening).await);
        drop(events);
        settle().await;
        assert_eq!((vendor.live.count(), other.live.count()), (0, 0), "{ms} ms");
    }
}
