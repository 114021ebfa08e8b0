use bedside_conversation::context::{ChatRequest, Finish, Message, ModelEvent, ModelUsage};

use super::reply::Reply;

/// Words in one delta: what a hosted model sends at a time.
const WORDS_A_DELTA: usize = 3;

/// The reply as a stream of events; a word counts as a token.
pub(super) fn events(reply: Reply, request: &ChatRequest) -> Vec<ModelEvent> {
    let mut events = Vec::new();
    let limit = request
        .max_output_tokens
        .map_or(usize::MAX, |tokens| tokens as usize);
    let pieces: Vec<&str> = reply.text.split_inclusive(' ').collect();
    let cut = pieces.len() > limit;
    let pieces = &pieces[..pieces.len().min(limit)];
    events.extend(reply.tag.map(|tag| ModelEvent::Tag(tag.to_string())));
    events.extend(
        pieces
            .chunks(WORDS_A_DELTA)
            .map(|words| ModelEvent::TextDelta(words.concat())),
    );
    if let Some(call) = reply.call.filter(|_| !cut) {
        events.push(ModelEvent::ToolCallStart {
            call_id: call.id.clone(),
            name: call.name,
        });
        events.push(ModelEvent::ToolCallArguments {
            call_id: call.id,
            delta: call.arguments,
        });
    }
    events.push(ModelEvent::Done {
        usage: ModelUsage {
            input_tokens: request.messages.iter().map(words_in).sum(),
            cached_tokens: 0,
            cache_write_tokens: 0,
            output_tokens: pieces.len() as u32,
        },
        finish: if cut { Finish::MaxTokens } else { Finish::Stop },
    });
    events
}

fn words_in(message: &Message) -> u32 {
    let text = match message {
        Message::System { text } | Message::User { text } => text,
        Message::Assistant { heard, .. } => heard,
        Message::ToolCall { arguments, .. } => arguments,
        Message::ToolResult { output, .. } => output,
        Message::Picture { .. } => "",
    };
    text.split_whitespace().count() as u32
}
