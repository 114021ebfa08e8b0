//! Questions with one answer: knowledge and devices.

#![allow(clippy::expect_used, reason = "a helper that fails fails its test")]

mod failover;

use std::sync::Arc;

use bedside_conversation::io::{FaultKind, StageFault};
use bedside_conversation::service::{ChangeReason, Stage};
use bedside_providers::report::{Reporter, Reports};
use bedside_providers::resilience::{Chain, ChainOptions, EmptyChain};
use bedside_providers::traits::{Knowledge, Passage};
use failover::{Trouble, fault, steps, told};
use futures::FutureExt;
use futures::future::BoxFuture;

struct FakeBooks {
    name: &'static str,
    trouble: Option<Trouble>,
}

impl Knowledge for FakeBooks {
    fn name(&self) -> &'static str {
        self.name
    }

    fn search(
        &self,
        text: String,
        _: usize,
        _: Reporter,
    ) -> BoxFuture<'static, Result<Vec<Passage>, StageFault>> {
        let (name, trouble) = (self.name, self.trouble);
        async move {
            match trouble {
                None => Ok(vec![Passage {
                    text,
                    source: name.to_owned(),
                    score: 1.0,
                }]),
                Some(Trouble::Hangs) => std::future::pending().await,
                Some(trouble) => Err(fault(name, trouble.kind())),
            }
        }
        .boxed()
    }
}

fn chain(books: &[(&'static str, Option<Trouble>)]) -> Chain<dyn Knowledge> {
    let link = |&(name, trouble): &(&'static str, Option<Trouble>)| {
        failover::link(Arc::new(FakeBooks { name, trouble }) as Arc<dyn Knowledge>)
    };
    Chain::new(
        Stage::Knowledge,
        books.iter().map(link).collect(),
        ChainOptions::default(),
    )
    .expect("links")
}

#[tokio::test(start_paused = true)]
async fn the_next_link_answers() {
    for trouble in Trouble::ALL {
        let chain = chain(&[("sick", Some(trouble)), ("sound", None)]);
        let (reports, session) = Reports::new();
        let found = chain
            .search("dose".to_owned(), 3, session)
            .await
            .expect("an answer");
        assert_eq!(
            (found[0].text.as_str(), found[0].source.as_str()),
            ("dose", "sound")
        );
        let told = told(&reports);
        assert_eq!(told.faults, [fault("sick", trouble.kind())]);
        assert_eq!(
            steps(&told),
            [("sick", "sound", ChangeReason::Fault(trouble.kind()))]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn without_an_answer_the_last_fault_is_told() {
    let chain = chain(&[
        ("sick", Some(Trouble::Hangs)),
        ("ill", Some(Trouble::Fails(FaultKind::Overloaded))),
    ]);
    let (reports, session) = Reports::new();
    let found = chain.search("dose".to_owned(), 3, session).await;
    assert_eq!(found, Err(fault("ill", FaultKind::Overloaded)));
    assert_eq!(told(&reports).faults, [fault("sick", FaultKind::Timeout)]);
}

#[test]
fn a_chain_without_links_is_none() {
    let none = Chain::<dyn Knowledge>::new(Stage::Knowledge, Vec::new(), ChainOptions::default());
    assert_eq!(none.err(), Some(EmptyChain));
}
