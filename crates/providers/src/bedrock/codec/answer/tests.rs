use aws_sdk_bedrockruntime::types::{
    ContentBlockDeltaEvent, ContentBlockStartEvent, ContentBlockStopEvent, ConversationRole,
    ConverseStreamMetadataEvent, MessageStartEvent, MessageStopEvent, ReasoningContentBlockDelta,
    ToolUseBlockDelta, ToolUseBlockStart,
};

use super::*;

fn begin() -> Event {
    let event = MessageStartEvent::builder().role(ConversationRole::Assistant);
    Event::MessageStart(event.build().unwrap())
}

fn delta(index: i32, delta: ContentBlockDelta) -> Event {
    let event = ContentBlockDeltaEvent::builder()
        .content_block_index(index)
        .delta(delta);
    Event::ContentBlockDelta(event.build().unwrap())
}

fn text(index: i32, text: &str) -> Event {
    delta(index, ContentBlockDelta::Text(text.to_owned()))
}

fn call(index: i32, id: &str) -> Event {
    let call = ToolUseBlockStart::builder().tool_use_id(id).name("lookup");
    let event = ContentBlockStartEvent::builder()
        .content_block_index(index)
        .start(ContentBlockStart::ToolUse(call.build().unwrap()));
    Event::ContentBlockStart(event.build().unwrap())
}

fn input(index: i32, fragment: &str) -> Event {
    let piece = ToolUseBlockDelta::builder().input(fragment).build().unwrap();
    delta(index, ContentBlockDelta::ToolUse(piece))
}

fn close(index: i32) -> Event {
    let event = ContentBlockStopEvent::builder().content_block_index(index);
    Event::ContentBlockStop(event.build().unwrap())
}

fn end(reason: StopReason) -> Event {
    Event::MessageStop(MessageStopEvent::builder().stop_reason(reason).build().unwrap())
}

fn used(read: i32, cached: i32, written: i32, out: i32) -> Event {
    let usage = TokenUsage::builder()
        .input_tokens(read)
        .cache_read_input_tokens(cached)
        .cache_write_input_tokens(written)
        .output_tokens(out)
        .total_tokens(read + cached + written + out);
    let usage = usage.build().unwrap();
    Event::Metadata(ConverseStreamMetadataEvent::builder().usage(usage).build())
}

fn answer(events: impl IntoIterator<Item = Event>) -> Result<Vec<ModelEvent>, FaultKind> {
    let mut answer = Answer::default();
    let mut out = VecDeque::new();
    for event in events {
        answer.event(event, &mut out)?;
    }
    answer.end(&mut out)?;
    Ok(out.into())
}

fn done(finish: Finish) -> ModelEvent {
    ModelEvent::Done {
        usage: ModelUsage::default(),
        finish,
    }
}

fn start(id: &str) -> ModelEvent {
    ModelEvent::ToolCallStart {
        call_id: id.to_owned(),
        name: "lookup".to_owned(),
    }
}

fn arguments(id: &str, delta: &str) -> ModelEvent {
    ModelEvent::ToolCallArguments {
        call_id: id.to_owned(),
        delta: delta.to_owned(),
    }
}

fn said(text: &str) -> ModelEvent {
    ModelEvent::TextDelta(text.to_owned())
}

#[test]
fn text_then_usage() {
    let events = [
        begin(),
        text(0, "How "),
        text(0, ""),
        text(0, "long?"),
        close(0),
        end(StopReason::EndTurn),
        used(7, 4000, 90, 3),
    ];
    let usage = ModelUsage {
        input_tokens: 4097,
        cached_tokens: 4000,
        cache_write_tokens: 90,
        output_tokens: 3,
    };
    let finish = Finish::Stop;
    assert_eq!(
        answer(events),
        Ok(vec![
            said("How "),
            said("long?"),
            ModelEvent::Done { usage, finish }
        ])
    );
}

#[test]
fn fragments_belong_to_their_block() {
    let events = [
        begin(),
        text(0, "One moment."),
        call(1, "a"),
        call(2, "b"),
        input(2, "{\"x\""),
        input(1, "{}"),
        input(2, ":1}"),
        close(1),
        close(2),
        end(StopReason::ToolUse),
    ];
    assert_eq!(
        answer(events),
        Ok(vec![
            said("One moment."),
            start("a"),
            start("b"),
            arguments("b", "{\"x\""),
            arguments("a", "{}"),
            arguments("b", ":1}"),
            done(Finish::Stop),
        ])
    );
}

#[test]
fn a_call_without_arguments_has_an_empty_object() {
    let events = [
        begin(),
        call(0, "a"),
        input(0, ""),
        close(0),
        end(StopReason::ToolUse),
    ];
    let expected = vec![start("a"), arguments("a", "{}"), done(Finish::Stop)];
    assert_eq!(answer(events), Ok(expected.clone()));
    let unclosed = [begin(), call(0, "a"), end(StopReason::ToolUse)];
    assert_eq!(answer(unclosed), Ok(expected));
}

#[test]
fn arguments_that_are_no_object_are_a_fault() {
    for wrong in ["{\"x\":", "[1]", "{} {}"] {
        let events = [begin(), call(0, "a"), input(0, wrong), close(0)];
        assert_eq!(answer(events), Err(FaultKind::Internal), "{wrong}");
    }
}

#[test]
fn reasoning_is_not_spoken() {
    let thought = ReasoningContentBlockDelta::Text("The patient may be".to_owned());
    let events = [
        begin(),
        delta(0, ContentBlockDelta::ReasoningContent(thought)),
        delta(
            0,
            ContentBlockDelta::ReasoningContent(ReasoningContentBlockDelta::Signature("s".to_owned())),
        ),
        close(0),
        text(1, "Hello."),
        close(1),
        end(StopReason::from("something_new")),
    ];
    assert_eq!(answer(events), Ok(vec![said("Hello."), done(Finish::Stop)]));
}

#[test]
fn reasons_to_stop() {
    let finish = |reason| answer([begin(), end(reason)]).map(|events| events[0].clone());
    assert_eq!(finish(StopReason::StopSequence), Ok(done(Finish::Stop)));
    assert_eq!(finish(StopReason::MaxTokens), Ok(done(Finish::MaxTokens)));
    assert_eq!(
        finish(StopReason::ModelContextWindowExceeded),
        Ok(done(Finish::MaxTokens))
    );
    assert_eq!(
        finish(StopReason::GuardrailIntervened),
        Ok(done(Finish::ContentFilter))
    );
    assert_eq!(
        finish(StopReason::ContentFiltered),
        Ok(done(Finish::ContentFilter))
    );
    assert_eq!(finish(StopReason::MalformedModelOutput), Err(FaultKind::Internal));
    assert_eq!(finish(StopReason::MalformedToolUse), Err(FaultKind::Internal));
}

#[test]
fn an_answer_without_its_end_is_a_fault() {
    assert_eq!(answer([]), Err(FaultKind::Internal));
    assert_eq!(
        answer([begin(), text(0, "How "), close(0)]),
        Err(FaultKind::Internal)
    );
    assert_eq!(
        answer([begin(), text(0, "How "), used(1, 0, 0, 1)]),
        Err(FaultKind::Internal)
    );
}

#[test]
fn what_is_out_of_order_is_a_fault() {
    let wrong: [Vec<Event>; 9] = [
        vec![text(0, "How "), begin()],
        vec![end(StopReason::EndTurn)],
        vec![begin(), end(StopReason::EndTurn), text(0, "more")],
        vec![begin(), end(StopReason::EndTurn), call(0, "a")],
        vec![begin(), text(0, "How "), close(0), text(0, "long?")],
        vec![begin(), input(0, "{}")],
        vec![begin(), call(0, "a"), text(0, "How ")],
        vec![begin(), text(0, "How "), call(0, "a")],
        vec![begin(), call(0, "a"), close(0), input(0, "{}")],
    ];
    for (number, events) in wrong.into_iter().enumerate() {
        assert_eq!(answer(events), Err(FaultKind::Internal), "{number}");
    }
}

#[test]
fn what_comes_twice_counts_once() {
    let events = [
        begin(),
        begin(),
        call(0, "a"),
        call(0, "a"),
        input(0, "{}"),
        close(0),
        close(0),
        end(StopReason::ToolUse),
        end(StopReason::ToolUse),
        used(1, 0, 0, 2),
        used(1, 0, 0, 2),
    ];
    let events = answer(events).unwrap();
    assert_eq!(events[..2], [start("a"), arguments("a", "{}")]);
    assert!(matches!(events[2..], [ModelEvent::Done { usage, .. }] if usage.output_tokens == 2));
}

#[test]
fn it_is_over_before_it_is_counted() {
    let mut answer = Answer::default();
    let mut out = VecDeque::new();
    for (event, progress) in [
        (begin(), Progress::Open),
        (end(StopReason::EndTurn), Progress::Complete),
        (used(1, 0, 0, 1), Progress::Ended),
    ] {
        assert_eq!(answer.event(event, &mut out), Ok(progress));
    }
}
