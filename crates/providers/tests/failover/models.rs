use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bedside_conversation::context::{ChatRequest, Finish, ModelEvent, ModelUsage, ToolChoice};
use bedside_conversation::io::StageFault;
use bedside_providers::report::Reporter;
use bedside_providers::resilience::Link;
use bedside_providers::traits::ChatModel;
use futures::stream::{self, BoxStream, StreamExt};

use crate::failover::{self, Live, Trouble, fault, wait};

/// What a model does, in order.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Wait(u64),
    Say(&'static str),
    Trouble(Trouble),
    Done,
}

/// A model that does as planned, the same for each request.
pub(crate) struct FakeModel {
    name: &'static str,
    plan: Mutex<Vec<Step>>,
    pub(crate) requests: AtomicUsize,
    pub(crate) live: Live,
}

impl FakeModel {
    pub(crate) fn new(name: &'static str, plan: Vec<Step>) -> Arc<Self> {
        Arc::new(Self {
            name,
            plan: Mutex::new(plan),
            requests: AtomicUsize::new(0),
            live: Live::default(),
        })
    }

    /// One that answers "well" after so many milliseconds.
    pub(crate) fn well(name: &'static str, after_ms: u64) -> Arc<Self> {
        Self::new(name, vec![Step::Wait(after_ms), Step::Say("well"), Step::Done])
    }

    pub(crate) fn plan(&self, plan: Vec<Step>) {
        *self.plan.lock().expect("not poisoned") = plan;
    }

    pub(crate) fn asked(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    pub(crate) fn link(self: &Arc<Self>) -> Link<dyn ChatModel> {
        failover::link(self.clone() as Arc<dyn ChatModel>)
    }
}

impl ChatModel for FakeModel {
    fn name(&self) -> &'static str {
        self.name
    }

    fn generate(&self, _: ChatRequest, _: Reporter) -> BoxStream<'static, Result<ModelEvent, StageFault>> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        let (name, lives) = (self.name, self.live.one());
        let plan = self.plan.lock().expect("not poisoned").clone().into_iter();
        stream::unfold((plan, lives), move |(mut plan, lives)| async move {
            loop {
                let event = match plan.next()? {
                    Step::Wait(ms) => {
                        wait(ms).await;
                        continue;
                    }
                    Step::Say(text) => Ok(ModelEvent::TextDelta(text.to_owned())),
                    Step::Trouble(Trouble::Fails(kind)) => Err(fault(name, kind)),
                    Step::Trouble(Trouble::Hangs) => std::future::pending().await,
                    Step::Trouble(Trouble::Ends) => return None,
                    Step::Done => Ok(ModelEvent::Done {
                        usage: ModelUsage {
                            input_tokens: 100,
                            cached_tokens: 60,
                            cache_write_tokens: 10,
                            output_tokens: 7,
                        },
                        finish: Finish::Stop,
                    }),
                };
                return Some((event, (plan, lives)));
            }
        })
        .boxed()
    }
}

pub(crate) fn request(avoid: &[&'static str]) -> ChatRequest {
    ChatRequest {
        instructions: String::new(),
        messages: Vec::new(),
        tools: Vec::new(),
        tool_choice: ToolChoice::Auto,
        max_output_tokens: None,
        vitals: None,
        continues: None,
        avoid: avoid.to_vec(),
    }
}

/// What was said, who answered, and how it ended.
#[derive(Debug, PartialEq)]
pub(crate) struct Heard {
    pub(crate) by: Option<&'static str>,
    pub(crate) text: String,
    pub(crate) fault: Option<StageFault>,
}

pub(crate) async fn answer(model: &dyn ChatModel, session: &Reporter, avoid: &[&'static str]) -> Heard {
    let mut events = model.generate(request(avoid), session.clone());
    let mut heard = Heard {
        by: None,
        text: String::new(),
        fault: None,
    };
    while let Some(event) = events.next().await {
        match event {
            Ok(ModelEvent::ServedBy(name)) => {
                assert!(heard.by.replace(name).is_none() && heard.text.is_empty());
            }
            Ok(ModelEvent::TextDelta(text)) => heard.text += &text,
            Ok(ModelEvent::Done { .. }) => return heard,
            Ok(_) => {}
            Err(fault) => heard.fault = Some(fault),
        }
    }
    assert!(heard.fault.is_some(), "an answer ends with Done or a fault");
    heard
}
