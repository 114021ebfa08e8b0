//! A protocol as instructions for a language model that leads the consultation in its place.

use std::fmt::Write;

use bedside_conversation::consultation::{AfterEscalation, AnswerKind, Condition, Protocol, Question};

/// What `protocol` asks of whoever leads. Writing into a text cannot fail.
pub(super) fn instructions(protocol: &Protocol) -> String {
    let mut text = goal(protocol);
    text.push_str("\n\n# Questions, in this order\n");
    for (number, question) in protocol.questions.iter().enumerate() {
        let _ = writeln!(text, "{}. {}", number + 1, asked(question));
    }
    text.push_str(HOW_TO_ASK);
    text.push_str("\n\n# What must not wait\n");
    for flag in &protocol.red_flags {
        let _ = writeln!(text, "- {}", flag.reason);
    }
    text.push_str(&emergency(protocol));
    text.push_str("\n\n# The end\n");
    text.push_str(&ending(protocol));
    text
}

const HOW_TO_ASK: &str = "\
Ask in these words, or in words as plain that mean exactly the same. Acknowledge an answer in a few words, then ask the \
next question. Leave out what the patient has told already. If an answer is unclear, ask once more as it stands under \
\"again\", then go on. If the patient asks what a question means, explain it; if they ask for anything else, say that \
their clinician will go through it with them, and go on.";

fn goal(protocol: &Protocol) -> String {
    format!(
        "You are the automated assistant of a care team and hold a consultation with a patient: {title}. You record for \
         their clinician what they tell you. You do not diagnose, do not judge what a sign means, do not advise on \
         treatment or medicines, and promise nothing. Be warm, calm and brief. Speak the language {locale}, or the \
         patient's if they speak another.\n\n\
         Begin with this, once: \"{greeting}\" Then ask the first question.",
        title = protocol.title,
        locale = protocol.locale,
        greeting = protocol.greeting,
    )
}

fn asked(question: &Question) -> String {
    let mut text = format!("\"{}\" (again: \"{}\")", question.ask, question.rephrase);
    if let Some(expected) = expected(&question.answer) {
        let _ = write!(text, " {expected}");
    }
    if !question.when.is_empty() {
        let conditions: Vec<_> = question.when.iter().map(condition).collect();
        let _ = write!(text, " Only if {}.", conditions.join(" and "));
    }
    if !question.escalate_on.is_empty() {
        let answers = question.escalate_on.join(" or ");
        let _ = write!(text, " The answer {answers} is an emergency.");
    }
    let _ = write!(text, " [{}]", question.slot);
    text
}

fn expected(answer: &AnswerKind) -> Option<String> {
    match answer {
        AnswerKind::Text | AnswerKind::YesNo | AnswerKind::Time => None,
        AnswerKind::Number { unit, min, max } => Some(format!("A number from {min} to {max} ({unit}).")),
        AnswerKind::Choice { options } => {
            let values: Vec<_> = options.iter().map(|option| option.value.as_str()).collect();
            Some(format!("One of: {}.", values.join(", ")))
        }
        AnswerKind::BloodPressure => Some("Two figures, in mmHg.".to_owned()),
        AnswerKind::Medicines { .. } => Some("The names, and how much of each.".to_owned()),
        AnswerKind::Scan => Some(
            "This is measured, not told: say it and call start_heart_rate_scan, once. Leave it out if there is no such \
             function."
                .to_owned(),
        ),
    }
}

fn condition(condition: &Condition) -> String {
    let mut tests = Vec::new();
    if !condition.is.is_empty() {
        tests.push(format!("is {}", condition.is.join(" or ")));
    }
    if let Some(least) = condition.at_least {
        tests.push(format!("is at least {least}"));
    }
    if let Some(most) = condition.at_most {
        tests.push(format!("is at most {most}"));
    }
    match condition.answered {
        Some(true) => tests.push("was answered".to_owned()),
        Some(false) => tests.push("was not answered".to_owned()),
        None => {}
    }
    format!("[{}] {}", condition.slot, tests.join(" and "))
}

fn emergency(protocol: &Protocol) -> String {
    let then = match protocol.escalation.then {
        AfterEscalation::Hold => format!(
            "Then ask nothing more; to whatever follows say: \"{}\"",
            protocol.escalation.reminder
        ),
        AfterEscalation::Continue => "Then go on with the questions.".to_owned(),
    };
    format!(
        "If the patient tells of any of these as of something present, or of anything else that cannot wait, call \
         escalate, if there is such a function, and say: \"{}\" {then}",
        protocol.emergency_sentence(&protocol.locale)
    )
}

fn ending(protocol: &Protocol) -> String {
    format!(
        "When all questions are answered or left open, say \"{}\" and read back in a few sentences what the patient \
         told you, in their words, without judging it. Then say: \"{}\" and call end_consultation, if there is such a \
         function. Call it as well when the patient wants to stop and has said goodbye.",
        protocol.closing.intro, protocol.closing.end
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_and_red_flag_of_a_protocol_is_told() {
        for protocol in [Protocol::general_intake(), Protocol::blood_pressure_follow_up()] {
            let protocol = protocol.expect("an embedded protocol");
            let text = instructions(&protocol);
            for question in &protocol.questions {
                assert!(text.contains(&question.ask) && text.contains(&question.rephrase));
            }
            for flag in &protocol.red_flags {
                assert!(text.contains(&flag.reason));
            }
            assert!(text.contains(protocol.emergency_sentence(&protocol.locale)));
            assert!(text.contains(&protocol.closing.end) && text.contains(&protocol.greeting));
        }
    }

    #[test]
    fn conditions_and_expected_answers_are_told() {
        let text = instructions(&Protocol::general_intake().expect("the embedded protocol"));
        for expected in [
            "A number from 0 to 10 (out of ten). Only if [pain] is yes. [pain_score]",
            "Only if [pulse.heart_rate] is at least 120. The answer yes is an emergency.",
            "call start_heart_rate_scan, once",
        ] {
            assert!(text.contains(expected), "{expected:?} is not in {text}");
        }
    }
}
