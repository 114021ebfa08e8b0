//! What a request and its answer cost in tokens, with the prompt cache.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Value, json};

use super::request::{Block, CachePoint, Request, Tool, texts};
use crate::aws::Account;
use crate::brain::{Reply, tokens};

/// Tokens of an exchange.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Outside the cache.
    pub(crate) input: usize,
    pub(crate) output: usize,
    pub(crate) cache_read: usize,
    pub(crate) cache_write: usize,
    hour: bool,
}

impl Usage {
    /// The usage of `request`, answered by `reply`; its prefix is in the cache of `account` from now on.
    pub(crate) fn of(model: &str, request: &Request, reply: &Reply, account: &Account) -> Self {
        let whole = request.prompt().tokens();
        let mut usage = Self {
            input: whole,
            output: reply.tokens(),
            ..Self::default()
        };
        let Some((prefix, point)) = prefix(request) else {
            return usage;
        };
        let cached = tokens(&prefix);
        if cached < fewest(model) {
            return usage;
        }
        let mut hasher = DefaultHasher::new();
        (model, &prefix).hash(&mut hasher);
        usage.hour = point.ttl.as_deref() == Some("1h");
        usage.input = whole.saturating_sub(cached);
        if account.cache(hasher.finish()) {
            usage.cache_read = cached;
        } else {
            usage.cache_write = cached;
        }
        usage
    }

    /// The `usage` of Converse.
    pub(crate) fn to_json(self) -> Value {
        let Self {
            input,
            output,
            cache_read,
            cache_write,
            hour,
        } = self;
        let mut usage = json!({
            "inputTokens": input,
            "outputTokens": output,
            "totalTokens": input + output + cache_read + cache_write,
            "cacheReadInputTokens": cache_read,
            "cacheWriteInputTokens": cache_write,
        });
        if cache_write > 0 {
            let ttl = if hour { "1h" } else { "5m" };
            usage["cacheDetails"] = json!([{ "ttl": ttl, "inputTokens": cache_write }]);
        }
        usage
    }
}

/// The shortest prefix that a model caches, in tokens.
fn fewest(model: &str) -> usize {
    if model.contains("haiku-4-5") { 4096 } else { 1024 }
}

/// What stands before the last checkpoint: tools, then system, then messages.
fn prefix(request: &Request) -> Option<(String, &CachePoint)> {
    let mut text = String::new();
    let mut last = None;
    for tool in request.tool_config.iter().flat_map(|config| &config.tools) {
        match tool {
            Tool::ToolSpec(spec) => text.push_str(&spec.name),
            Tool::System(()) => {}
            Tool::CachePoint(point) => last = Some((text.len(), point)),
        }
    }
    let messages = request.messages.iter().flat_map(|message| &message.content);
    for block in request.system.iter().chain(messages) {
        match block {
            Block::CachePoint(point) => last = Some((text.len(), point)),
            Block::ToolResult(result) => text.push_str(&result.text()),
            block => text.extend(texts(std::slice::from_ref(block))),
        }
    }
    last.map(|(end, point)| (text[..end].to_owned(), point))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(words: usize) -> Request {
        serde_json::from_value(json!({
            "system": [{ "text": "word ".repeat(words) }, { "cachePoint": { "type": "default", "ttl": "1h" } }],
            "messages": [{ "role": "user", "content": [{ "text": "Hello" }] }],
        }))
        .unwrap()
    }

    #[test]
    fn a_long_prefix_is_written_once_and_then_read() {
        let account = Account::default();
        let request = request(1000);
        let first = Usage::of("anthropic.claude-sonnet-4", &request, &Reply::default(), &account);
        assert_eq!((first.cache_write, first.cache_read, first.input), (1250, 0, 2));
        assert_eq!(first.to_json()["cacheDetails"][0]["ttl"], "1h");
        let second = Usage::of("anthropic.claude-sonnet-4", &request, &Reply::default(), &account);
        assert_eq!(
            (second.cache_write, second.cache_read, second.input),
            (0, 1250, 2)
        );
        assert_eq!(second.to_json()["totalTokens"], 1252);
    }

    #[test]
    fn a_prefix_below_the_minimum_is_not_cached() {
        let account = Account::default();
        let usage = Usage::of(
            "anthropic.claude-haiku-4-5",
            &request(1000),
            &Reply::default(),
            &account,
        );
        assert_eq!((usage.cache_write, usage.cache_read, usage.input), (0, 0, 1252));
    }
}
