//! What a chat model answers: a script instead of weights, the same for every vendor.
//!
//! A brain never repeats itself. A model that takes over another's half-spoken answer is told what was said, in
//! whatever form its client chooses; the brain looks for the beginning of its answer in the prompt and goes on after
//! it.

use std::borrow::Cow;

use serde_json::Value;

use crate::script::{Answer, Call, Script};

/// The fewest words of an answer that count as "already said"; fewer may stand in a prompt by chance.
const FEWEST_SAID_WORDS: usize = 3;

/// A request as the brain sees it, stripped of its vendor's form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Prompt {
    /// The system text.
    pub(crate) instructions: String,
    /// The conversation, oldest first.
    pub(crate) messages: Vec<Said>,
    /// Names of the functions that may be called.
    pub(crate) functions: Vec<String>,
}

/// A message of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// Who said it.
    pub(crate) by: Speaker,
    /// Its text; of pictures, nothing.
    pub(crate) text: String,
}

/// Who said a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaker {
    /// The user.
    User,
    /// The model.
    Assistant,
    /// A function that returned.
    Function,
    /// The application, in the midst of a conversation.
    System,
}

/// What a model answers.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Reply {
    /// Thinking before the answer.
    pub(crate) reasoning: String,
    /// What is left to say of the answer.
    pub(crate) text: String,
    /// A function called after it.
    pub(crate) call: Option<Call>,
    /// Whether a filter stepped in.
    pub(crate) blocked: bool,
    /// Whether the allowance of tokens ended the text early.
    pub(crate) truncated: bool,
}

/// A handful of short intake questions, for a script without answers.
const INTAKE: [&str; 6] = [
    "Thank you for telling me. When did this start?",
    "I see. How bad is it, on a scale from one to ten?",
    "Is there anything that makes it better or worse?",
    "Do you take any medicines at the moment?",
    "Are you allergic to anything?",
    "Thank you, that is all I need. The doctor will be with you shortly.",
];

fn intake() -> Vec<Answer> {
    let question = |say: &str| Answer {
        say: say.to_owned(),
        ..Answer::default()
    };
    INTAKE.map(question).into()
}

impl Script {
    /// What the model answers to `prompt`.
    ///
    /// The first answer whose `when` stands in the user's last message (or in what a function returned since) wins;
    /// without one, the answers without `when` take turns by the number of user messages, the last one again and
    /// again. Once a function has returned, answers that call one are passed over.
    pub(crate) fn answer(&self, prompt: &Prompt) -> Reply {
        let recent = prompt.since_last_user();
        let returned = recent.iter().any(|said| said.by == Speaker::Function);
        let heard = recent
            .iter()
            .filter(|said| matches!(said.by, Speaker::User | Speaker::Function))
            .map(|said| said.text.to_lowercase())
            .collect::<Vec<_>>()
            .join("\n");
        let open = |answer: &&Answer| !(returned && answer.call.is_some());
        let matched =
            |answer: &&Answer| !answer.when.is_empty() && heard.contains(&answer.when.to_lowercase());
        let answers = if self.answers.is_empty() {
            Cow::Owned(intake())
        } else {
            Cow::Borrowed(&self.answers)
        };
        let chosen = answers.iter().filter(open).find(matched).or_else(|| {
            let by_turn: Vec<_> = answers
                .iter()
                .filter(open)
                .filter(|answer| answer.when.is_empty())
                .collect();
            let turn = prompt
                .messages
                .iter()
                .filter(|said| said.by == Speaker::User)
                .count();
            by_turn.get(turn.saturating_sub(1)).or(by_turn.last()).copied()
        });
        let Some(chosen) = chosen else {
            return Reply::default();
        };
        let may_call = |call: &&Call| prompt.functions.contains(&call.name);
        Reply {
            reasoning: chosen.reasoning.clone(),
            text: unsaid(&chosen.say, &prompt.where_said_words_stand()).to_owned(),
            call: chosen.call.as_ref().filter(may_call).cloned(),
            blocked: chosen.blocked,
            truncated: false,
        }
    }
}

impl Prompt {
    /// How many tokens a vendor would bill for the prompt.
    pub(crate) fn tokens(&self) -> usize {
        tokens(&self.instructions) + self.messages.iter().map(|said| tokens(&said.text)).sum::<usize>()
    }

    /// The user's last message and all after it.
    fn since_last_user(&self) -> &[Said] {
        let last = self
            .messages
            .iter()
            .rposition(|said| said.by == Speaker::User)
            .unwrap_or(0);
        &self.messages[last.min(self.messages.len())..]
    }

    fn where_said_words_stand(&self) -> Vec<String> {
        let recent = self.since_last_user().iter().map(|said| said.text.as_str());
        std::iter::once(self.instructions.as_str())
            .chain(recent)
            .flat_map(words)
            .collect()
    }
}

impl Reply {
    /// The text in pieces of a word each, which joined give it again.
    pub(crate) fn deltas(&self) -> Vec<&str> {
        pieces(&self.text)
    }

    /// How many tokens a vendor would bill for the answer.
    pub(crate) fn tokens(&self) -> usize {
        let call = self.call.as_ref().map_or(0, |call| {
            tokens(&call.name) + tokens(&Value::from(call.arguments.clone()).to_string())
        });
        tokens(&self.reasoning) + tokens(&self.text) + call
    }

    /// The answer cut to `allowance` tokens, counting a word as one; a call past it is lost.
    #[must_use]
    pub(crate) fn within(mut self, allowance: Option<u64>) -> Self {
        let Some(allowance) = allowance.and_then(|tokens| usize::try_from(tokens).ok()) else {
            return self;
        };
        let deltas = self.deltas();
        if deltas.len() > allowance {
            self.text = deltas[..allowance].concat();
            self.call = None;
            self.truncated = true;
        }
        self
    }
}

/// An estimate of how many tokens `text` takes: four bytes each, as English does on average.
pub(crate) fn tokens(text: &str) -> usize {
    text.len().div_ceil(4)
}

/// `text` in pieces of a word each with the space before it, which joined give it again.
pub(crate) fn pieces(text: &str) -> Vec<&str> {
    let starts = text
        .char_indices()
        .zip(text.chars().skip(1))
        .filter(|((_, this), next)| this.is_whitespace() && !next.is_whitespace())
        .map(|((at, _), _)| at)
        .filter(|at| *at > 0);
    let mut pieces = Vec::new();
    let mut from = 0;
    for start in starts {
        pieces.push(&text[from..start]);
        from = start;
    }
    if from < text.len() {
        pieces.push(&text[from..]);
    }
    pieces
}

/// What is left of `answer` after its longest beginning that stands in `said`.
fn unsaid<'a>(answer: &'a str, said: &[String]) -> &'a str {
    let mut ends = Vec::new();
    let mut wanted = Vec::new();
    for piece in pieces(answer) {
        let start = piece.as_ptr() as usize - answer.as_ptr() as usize;
        if let Some(word) = words(piece).next() {
            wanted.push(word);
            ends.push(start + piece.len());
        }
    }
    let longest = (0..said.len())
        .map(|from| {
            said[from..]
                .iter()
                .zip(&wanted)
                .take_while(|(one, other)| one == other)
                .count()
        })
        .max()
        .unwrap_or(0);
    if longest < FEWEST_SAID_WORDS {
        answer
    } else {
        answer[ends[longest - 1]..].trim_start()
    }
}

/// The words of `text` in lower case, without what stands around them.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split_whitespace()
        .map(|word| {
            word.trim_matches(|letter: char| !letter.is_alphanumeric())
                .to_lowercase()
        })
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(messages: &[(Speaker, &str)]) -> Prompt {
        let said = |(by, text): &(Speaker, &str)| Said {
            by: *by,
            text: (*text).to_owned(),
        };
        Prompt {
            instructions: "Be brief.".to_owned(),
            messages: messages.iter().map(said).collect(),
            functions: vec!["start_heart_rate_scan".to_owned()],
        }
    }

    fn script(json: &str) -> Script {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn answers_of_the_default_script_go_by_turn() {
        let script = Script::default();
        let first = script.answer(&asked(&[(Speaker::User, "My chest hurts.")]));
        assert_eq!(first.text, INTAKE[0]);
        let second = script.answer(&asked(&[
            (Speaker::User, "My chest hurts."),
            (Speaker::Assistant, &first.text),
            (Speaker::User, "Yesterday."),
        ]));
        assert_eq!(second.text, INTAKE[1]);
    }

    #[test]
    fn the_first_match_wins_in_any_case() {
        let script = script(
            r#"{"answers":[{"when":"chest pain","say":"one"},{"when":"chest","say":"two"},{"say":"other"}]}"#,
        );
        assert_eq!(
            script.answer(&asked(&[(Speaker::User, "Chest PAIN")])).text,
            "one"
        );
        assert_eq!(script.answer(&asked(&[(Speaker::User, "my chest")])).text, "two");
        assert_eq!(script.answer(&asked(&[(Speaker::User, "nothing")])).text, "other");
    }

    #[test]
    fn a_call_is_made_once_and_only_if_the_function_is_declared() {
        let script = script(
            r#"{"answers":[{"when":"heart","say":"Hold still.","call":{"name":"start_heart_rate_scan"}},
                           {"when":"72","say":"It is 72."},{"say":"Anything else?"}]}"#,
        );
        let mut prompt = asked(&[(Speaker::User, "Check my heart.")]);
        assert_eq!(
            script.answer(&prompt).call.unwrap().arguments,
            serde_json::Map::new()
        );
        prompt.messages.push(Said {
            by: Speaker::Function,
            text: r#"{"rate":72}"#.to_owned(),
        });
        let after = script.answer(&prompt);
        assert_eq!((after.text.as_str(), after.call), ("It is 72.", None));
        prompt.messages.pop();
        prompt.functions.clear();
        assert_eq!(script.answer(&prompt).call, None);
    }

    #[test]
    fn an_answer_goes_on_after_what_was_said() {
        let script = script(r#"{"answers":[{"say":"Thank you. When did this pain start, and how?"}]}"#);
        let user = (Speaker::User, "It hurts.");
        let heard = "You were cut off; already said: \"Thank you. When did\"";
        for prompt in [
            asked(&[user, (Speaker::Assistant, "Thank you. When did")]),
            asked(&[user, (Speaker::System, heard)]),
            Prompt {
                instructions: heard.to_owned(),
                ..asked(&[user])
            },
        ] {
            assert_eq!(script.answer(&prompt).text, "this pain start, and how?");
        }
    }

    #[test]
    fn two_words_or_an_earlier_turn_do_not_count_as_said() {
        let say = "Thank you. When did this start?";
        let script = Script {
            answers: vec![Answer {
                say: say.to_owned(),
                ..Answer::default()
            }],
        };
        let two = asked(&[(Speaker::User, "It hurts."), (Speaker::Assistant, "Thank you")]);
        assert_eq!(script.answer(&two).text, say);
        let earlier = asked(&[
            (Speaker::User, "Hello."),
            (Speaker::Assistant, say),
            (Speaker::User, "It hurts."),
        ]);
        assert_eq!(script.answer(&earlier).text, say);
    }

    #[test]
    fn an_answer_said_in_full_is_empty() {
        let script = Script::default();
        let said = INTAKE[0];
        let prompt = asked(&[(Speaker::User, "It hurts."), (Speaker::Assistant, said)]);
        assert_eq!(script.answer(&prompt).text, "");
    }

    #[test]
    fn pieces_are_words_and_join_to_the_text() {
        for text in ["Hello there,  friend.", " a b", "", "   ", "ein Übel – ja", "one"] {
            assert_eq!(pieces(text).concat(), text);
        }
        assert_eq!(pieces("Hello there, friend."), ["Hello", " there,", " friend."]);
    }

    #[test]
    fn an_allowance_cuts_the_text() {
        let reply = Reply {
            text: "one two three".to_owned(),
            ..Reply::default()
        };
        let cut = reply.clone().within(Some(2));
        assert_eq!((cut.text.as_str(), cut.truncated), ("one two", true));
        assert_eq!(reply.clone().within(Some(3)), reply);
    }
}
