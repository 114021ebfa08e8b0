use serde::Deserialize;

use super::condition::Condition;
use super::value::{Answers, Value, name_and_part};

/// One sentence of the closing summary.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SummaryLine {
    /// The sentence; `{slot}` stands for an answer, `{slot.part}` for one figure of it. It is left out unless every slot
    /// in it has one to read back.
    pub text: String,
    /// It is said only if all of these hold.
    #[serde(default)]
    pub when: Vec<Condition>,
}

impl SummaryLine {
    /// The slots it mentions, as they stand there.
    pub fn slots(&self) -> Vec<&str> {
        self.text
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
            .collect()
    }

    /// The sentence with the answers filled in, or `None` where it does not apply.
    pub fn render(&self, answers: &Answers) -> Option<String> {
        if !Condition::all_hold(&self.when, answers) {
            return None;
        }
        let mut pieces = self.text.split('{');
        let mut out = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (slot, after) = piece.split_once('}')?;
            let (name, part) = name_and_part(slot);
            match (answers.get(name)?, part) {
                (Value::Nothing | Value::Unknown, _) => return None,
                (value, None) => out.push_str(&value.to_string()),
                (value, part) => out.push_str(&value.figure(part)?.to_string()),
            }
            out.push_str(after);
        }
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_said_only_when_its_slots_can_be_read_back() {
        let line = SummaryLine {
            text: "You take {what}, {often}.".into(),
            when: Vec::new(),
        };
        let mut answers = Answers::new();
        answers.insert(
            "what".into(),
            Value::Medicines(vec!["aspirin".into(), "ramipril".into()]),
        );
        assert_eq!(line.render(&answers), None);
        answers.insert("often".into(), Value::Choice("every day".into()));
        assert_eq!(
            line.render(&answers).as_deref(),
            Some("You take aspirin and ramipril, every day.")
        );
        answers.insert("what".into(), Value::Nothing);
        assert_eq!(line.render(&answers), None);
    }
}
