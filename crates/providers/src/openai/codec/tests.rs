use super::*;
use crate::sse::decoded;

/// The events as short lines: `+text`, `id name`, `id(arguments`, `reason in/cached/out`.
async fn read(stream: &str, piece: usize) -> Result<Vec<String>, FaultKind> {
    let events = decoded(stream, piece, Decoder::default()).await?;
    let mut ids: Vec<String> = Vec::new();
    let mut lines: Vec<String> = Vec::new();
    for event in events {
        match event {
            // However the stream is cut, its text is the same.
            ModelEvent::TextDelta(text) => match lines.last_mut().filter(|last| last.starts_with('+')) {
                Some(last) => last.push_str(&text),
                None => lines.push(format!("+{text}")),
            },
            ModelEvent::ToolCallStart { call_id, name } => {
                assert!(!ids.contains(&call_id));
                lines.push(format!("{} {name}", ids.len()));
                ids.push(call_id);
            }
            ModelEvent::ToolCallArguments { call_id, delta } => {
                let at = ids
                    .iter()
                    .position(|id| *id == call_id)
                    .expect("a call that began");
                lines.push(format!("{at}({delta}"));
            }
            ModelEvent::Done { usage: u, finish } => {
                lines.push(format!(
                    "{finish:?} {}/{}/{}",
                    u.input_tokens, u.cached_tokens, u.output_tokens
                ));
            }
            other => panic!("{other:?}"),
        }
    }
    Ok(lines)
}

async fn check(stream: &str, expected: Result<&[&str], FaultKind>) {
    let expected = expected.map(|lines| lines.iter().map(ToString::to_string).collect::<Vec<_>>());
    for piece in 1..=stream.len() {
        assert_eq!(
            read(stream, piece).await,
            expected,
            "in pieces of {piece}: {stream}"
        );
    }
}

fn chunk(delta: &str, finish: &str) -> String {
    let finish = if finish.is_empty() {
        "null".into()
    } else {
        format!("{finish:?}")
    };
    format!(
        "data: {{\"object\":\"chat.completion.chunk\",\"choices\":[{{\"index\":0,\"delta\":{delta},\
         \"finish_reason\":{finish}}}]}}\n\n"
    )
}

#[tokio::test]
async fn an_answer_is_the_same_however_its_bytes_are_cut() {
    let stream = [
        ": ping\r\n\r\n:\n\n",
        &chunk(r#"{"role":"assistant","content":""}"#, ""),
        &chunk(r#"{"content":"Grüß "}"#, ""),
        &chunk(r#"{"content":"Gott 👋."}"#, ""),
        &chunk("{}", "stop"),
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":5,\
         \"prompt_tokens_details\":{\"cached_tokens\":8}}}\n\ndata: [DONE]\n\n",
    ]
    .concat();
    check(&stream, Ok(&["+Grüß Gott 👋.", "Stop 12/8/5"])).await;
}

#[tokio::test]
async fn usage_may_come_with_the_last_words_or_not_at_all() {
    let usage = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"length\"}],\
                 \"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1},\"timings\":{}}\n\ndata: [DONE]";
    check(usage, Ok(&["+Hi", "MaxTokens 3/0/1"])).await;
    let none = chunk(r#"{"content":"Hi"}"#, "stop");
    check(&none, Ok(&["+Hi", "Stop 0/0/0"])).await;
}

#[tokio::test]
async fn calls_are_joined_by_index_or_id() {
    let call = |json: &str| chunk(&format!("{{\"tool_calls\":[{json}]}}"), "");
    let end = chunk("{}", "tool_calls");
    let by_index = [
        call(r#"{"index":0,"id":"a","type":"function","function":{"name":"lookup","arguments":""}}"#),
        call(r#"{"index":1,"id":"b","function":{"name":"search","arguments":"{"}}"#),
        call(r#"{"index":0,"function":{"arguments":"{\"id\":"}}"#),
        call(r#"{"index":1,"id":"","function":{"name":"","arguments":"}"}}"#),
        call(r#"{"index":0,"function":{"arguments":"7}"}}"#),
        end.clone(),
    ];
    let expected: &[&str] = &[
        "0 lookup",
        "1 search",
        "1({",
        "0({\"id\":",
        "1(}",
        "0(7}",
        "Stop 0/0/0",
    ];
    check(&by_index.concat(), Ok(expected)).await;
    let all_zero = [
        call(r#"{"index":0,"id":"a","function":{"name":"lookup","arguments":"{}"}}"#),
        call(r#"{"index":0,"id":"b","function":{"name":"search","arguments":{"q":1}}}"#),
        end.clone(),
    ];
    let expected: &[&str] = &["0 lookup", "0({}", "1 search", "1({\"q\":1}", "Stop 0/0/0"];
    check(&all_zero.concat(), Ok(expected)).await;
    let nothing = [call(r#"{"function":{"name":"ping"}}"#), end];
    check(&nothing.concat(), Ok(&["0 ping", "0({}", "Stop 0/0/0"])).await;
}

#[tokio::test]
async fn thoughts_and_other_choices_are_not_said() {
    let stream = [
        &chunk(r#"{"reasoning_content":"hm","reasoning":"hm"}"#, ""),
        &chunk(r#"{"content":"<think>he"}"#, ""),
        &chunk(r#"{"content":"y</thi"}"#, ""),
        &chunk(r#"{"content":"nk>\nYes."}"#, ""),
        &chunk(
            r#"{"content":[{"type":"thinking","thinking":"x"},{"type":"text","text":" No."}]}"#,
            "",
        ),
        "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"other\"}}]}\n\n",
        "data: {\"unknown\":true}\n\n",
        &chunk("null", "stop"),
        "data: [DONE]\n\n",
    ]
    .concat();
    check(&stream, Ok(&["+Yes. No.", "Stop 0/0/0"])).await;
}

#[tokio::test]
async fn what_goes_wrong_is_told_apart() {
    let begun = chunk(r#"{"content":"Hi"}"#, "");
    let cases = [
        (String::new(), FaultKind::Internal),
        (begun.clone(), FaultKind::Internal),
        (format!("{begun}data: [DONE]\n\n"), FaultKind::Internal),
        (format!("{begun}data: {{\"choices\":\n\n"), FaultKind::Internal),
        (format!("{begun}data: not json\n\n"), FaultKind::Internal),
        (
            "data: {\"error\":{\"message\":\"x\",\"type\":\"server_error\",\"code\":null}}\n\n".into(),
            FaultKind::Internal,
        ),
        (
            "data: {\"error\":{\"message\":\"x\",\"code\":429}}\n\n".into(),
            FaultKind::Overloaded,
        ),
        (
            "data: {\"error\":{\"code\":\"rate_limit_exceeded\"}}\n\n".into(),
            FaultKind::Overloaded,
        ),
        (
            "data: {\"error\":{\"code\":400,\"type\":\"exceed_context_size_error\"}}\n\n".into(),
            FaultKind::Refused,
        ),
        ("data: {\"error\":\"gone\"}\n\n".into(), FaultKind::Internal),
        (chunk("{}", "content_filter"), FaultKind::Refused),
        (
            chunk(r#"{"tool_calls":[{"index":0,"function":{"arguments":"{"}}]}"#, ""),
            FaultKind::Internal,
        ),
    ];
    for (stream, kind) in cases {
        check(&stream, Err(kind)).await;
        assert_eq!(read(&stream, 1_000).await, Err(kind), "{stream}");
    }
}
