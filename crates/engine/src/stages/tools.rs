//! The server's functions: run for the model, a few at a time, each within its limit.

use std::future::ready;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bedside_conversation::TOOLS_AT_A_TIME;
use bedside_conversation::context;
use bedside_conversation::io::{FaultKind, StageFault};
use bedside_providers::report::Reporter;
use bedside_providers::traits::{Tool, ToolRun};
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::metrics::Stage;
use crate::stages::open_within;

/// Who answers for a call that no function took.
const NOBODY: &str = "tools";

/// One session's calls of the server's functions. What is no longer wanted is dropped, and so cancelled. Overflow policy:
/// the core has no more than [`TOOLS_AT_A_TIME`] of them run; further ones would be answered as overloaded.
pub(crate) struct Tools {
    offered: Vec<Offered>,
    reporter: Reporter,
    limit: Duration,
    running: Vec<Running>,
}

struct Offered {
    description: context::Tool,
    tool: Arc<dyn Tool>,
}

struct Running {
    call_id: String,
    stage: Stage,
    result: BoxFuture<'static, Result<String, StageFault>>,
}

/// What a call came to.
#[derive(Debug, PartialEq)]
pub(crate) struct Returned {
    pub(crate) call_id: String,
    /// What has worked or failed with it.
    pub(crate) stage: Stage,
    pub(crate) result: Result<String, StageFault>,
}

impl Tools {
    pub(crate) fn new(tools: &[Arc<dyn Tool>], reporter: Reporter, limit: Duration) -> Self {
        let offered = tools.iter().map(|tool| Offered {
            description: tool.description(),
            tool: Arc::clone(tool),
        });
        Self {
            offered: offered.collect(),
            reporter,
            limit,
            running: Vec::new(),
        }
    }

    /// What the model is told of the functions.
    pub(crate) fn descriptions(&self) -> Vec<context::Tool> {
        let descriptions = self.offered.iter().map(|offered| offered.description.clone());
        descriptions.collect()
    }

    /// Whether any of them looks at the camera's picture.
    pub(crate) fn look(&self) -> bool {
        self.offered.iter().any(|offered| offered.tool.looks())
    }

    /// Whether no call waits for its result.
    pub(crate) fn is_idle(&self) -> bool {
        self.running.is_empty()
    }

    /// Begins to run the function `name`. Only one that looks at the camera's picture is shown it.
    pub(crate) fn start(&mut self, name: &str, mut call: ToolRun) {
        let call_id = call.call_id.clone();
        let named = |offered: &&Offered| offered.description.name == name;
        let refused = |kind| {
            ready(Err(StageFault {
                provider: NOBODY,
                kind,
            }))
            .boxed()
        };
        let (stage, result) = match self.offered.iter().find(named) {
            None => (Stage::Tools, refused(FaultKind::Refused)),
            Some(_) if self.running.len() >= TOOLS_AT_A_TIME => {
                (Stage::Tools, refused(FaultKind::Overloaded))
            }
            Some(Offered { tool, .. }) => {
                // Whoever works behind it names itself.
                let reporter = self.reporter.of(
                    tool.stage().unwrap_or(bedside_protocol::Stage::Model),
                    NOBODY,
                    Arc::default(),
                );
                if !tool.looks() {
                    call.picture = None;
                }
                let running = tool.run(call, reporter);
                let stage = tool.stage().map_or(Stage::Tools, Stage::of);
                (stage, open_within(self.limit, NOBODY, running).boxed())
            }
        };
        self.running.push(Running {
            call_id,
            stage,
            result,
        });
    }

    pub(crate) fn cancel(&mut self, call_id: &str) {
        self.running.retain(|running| running.call_id != call_id);
    }

    /// The next call that is over.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Returned> {
        for index in 0..self.running.len() {
            if let Poll::Ready(result) = self.running[index].result.poll_unpin(cx) {
                let Running { call_id, stage, .. } = self.running.remove(index);
                return Poll::Ready(Returned {
                    call_id,
                    stage,
                    result,
                });
            }
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, poll_fn};

    use bedside_providers::traits::{PictureFormat, VideoFrame};

    use super::*;

    /// Answers with its arguments, or never.
    struct Echo {
        answers: bool,
    }

    /// Says whether it was shown a picture.
    struct Eyes {
        looks: bool,
    }

    impl Tool for Eyes {
        fn looks(&self) -> bool {
            self.looks
        }

        fn description(&self) -> context::Tool {
            context::Tool {
                name: "eyes".to_owned(),
                description: String::new(),
                parameters: serde_json::json!({}),
            }
        }

        fn run(&self, call: ToolRun, _: Reporter) -> BoxFuture<'static, Result<String, StageFault>> {
            ready(Ok(call.picture.is_some().to_string())).boxed()
        }
    }

    impl Tool for Echo {
        fn description(&self) -> context::Tool {
            context::Tool {
                name: if self.answers { "echo" } else { "silence" }.to_owned(),
                description: String::new(),
                parameters: serde_json::json!({}),
            }
        }

        fn run(&self, call: ToolRun, _: Reporter) -> BoxFuture<'static, Result<String, StageFault>> {
            if self.answers {
                ready(Ok(call.arguments)).boxed()
            } else {
                pending().boxed()
            }
        }
    }

    fn tools() -> Tools {
        let tools: Vec<Arc<dyn Tool>> = vec![
            Arc::new(Echo { answers: true }),
            Arc::new(Echo { answers: false }),
        ];
        Tools::new(&tools, Reporter::silent(), Duration::from_secs(10))
    }

    fn call(call_id: &str) -> ToolRun {
        ToolRun {
            call_id: call_id.to_owned(),
            arguments: "{}".to_owned(),
            picture: None,
        }
    }

    async fn next(tools: &mut Tools) -> (String, Result<String, FaultKind>) {
        let returned = poll_fn(|cx| tools.poll(cx)).await;
        (returned.call_id, returned.result.map_err(|fault| fault.kind))
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_returns_its_result_or_is_given_up() {
        let mut tools = tools();
        tools.start("silence", call("a"));
        tools.start("echo", call("b"));
        assert_eq!(next(&mut tools).await, ("b".to_owned(), Ok("{}".to_owned())));
        let began = tokio::time::Instant::now();
        assert_eq!(next(&mut tools).await, ("a".to_owned(), Err(FaultKind::Timeout)));
        assert_eq!(began.elapsed(), Duration::from_secs(10));
        assert!(tools.is_idle());
    }

    #[tokio::test(start_paused = true)]
    async fn only_a_function_that_looks_is_shown_the_picture() {
        for looks in [true, false] {
            let eyes: Arc<dyn Tool> = Arc::new(Eyes { looks });
            let mut tools = Tools::new(&[eyes], Reporter::silent(), Duration::from_secs(10));
            assert_eq!(tools.look(), looks);
            let picture = VideoFrame {
                captured_us: 0,
                format: PictureFormat::Jpeg,
                width: 1,
                height: 1,
                data: bytes::Bytes::new(),
            };
            let picture = Some(picture);
            tools.start("eyes", ToolRun { picture, ..call("a") });
            assert_eq!(next(&mut tools).await.1, Ok(looks.to_string()));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_offers_and_what_is_too_much_is_answered_at_once() {
        let mut tools = tools();
        tools.start("dance", call("a"));
        assert_eq!(next(&mut tools).await, ("a".to_owned(), Err(FaultKind::Refused)));
        for number in 0..=TOOLS_AT_A_TIME {
            tools.start("silence", call(&number.to_string()));
        }
        let last = TOOLS_AT_A_TIME.to_string();
        assert_eq!(next(&mut tools).await, (last, Err(FaultKind::Overloaded)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_call_never_returns() {
        let mut tools = tools();
        tools.start("echo", call("a"));
        tools.cancel("a");
        tools.start("silence", call("b"));
        assert_eq!(next(&mut tools).await.0, "b");
    }
}
