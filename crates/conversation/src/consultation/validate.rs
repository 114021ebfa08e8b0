use std::collections::BTreeSet;

use super::answer::AnswerKind;
use super::condition::Condition;
use super::error::{Fault, Problem};
use super::protocol::Protocol;
use super::question::Question;
use super::value::name_and_part;

/// Every fault in a protocol of the right form.
pub(super) fn validate(protocol: &Protocol) -> Vec<Problem> {
    let mut check = Check { problems: Vec::new() };
    check.head(protocol);
    check.phrases(protocol);
    if protocol.questions.is_empty() {
        check.report("question", Fault::Empty);
    }
    let mut ids = BTreeSet::new();
    let mut slots = BTreeSet::new();
    for (index, question) in protocol.questions.iter().enumerate() {
        let place = format!("question[{}]", question.id);
        check.name(&format!("{place}.id"), &question.id, &mut ids);
        check.name(&format!("{place}.slot"), &question.slot, &mut slots);
        check.question(&place, question);
        check.conditions(&place, &question.when, protocol, &protocol.questions[..index]);
    }
    check.red_flags(protocol);
    check.closing(protocol);
    check.problems
}

struct Check {
    problems: Vec<Problem>,
}

impl Check {
    fn report(&mut self, place: &str, fault: Fault) {
        self.problems.push(Problem {
            place: place.into(),
            fault,
        });
    }

    fn text(&mut self, place: &str, text: &str) {
        if text.trim().is_empty() {
            self.report(place, Fault::Empty);
        }
    }

    fn name(&mut self, place: &str, name: &str, seen: &mut BTreeSet<String>) {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        if name.is_empty() {
            self.report(place, Fault::Empty);
        } else if !name.chars().all(fits) {
            self.report(place, Fault::BadName(name.into()));
        } else if !seen.insert(name.into()) {
            self.report(place, Fault::Duplicate(name.into()));
        }
    }

    fn head(&mut self, protocol: &Protocol) {
        self.name("id", &protocol.id, &mut BTreeSet::new());
        self.text("title", &protocol.title);
        self.text("greeting", &protocol.greeting);
        let numbers: Vec<_> = protocol.version.split('.').collect();
        if numbers.len() != 3 || numbers.iter().any(|n| n.parse::<u32>().is_err()) {
            self.report("version", Fault::BadVersion(protocol.version.clone()));
        }
        if protocol.locale != "en" && !protocol.locale.starts_with("en-") {
            self.report("locale", Fault::UnsupportedLocale(protocol.locale.clone()));
        }
        if !protocol.emergency.contains_key(&protocol.locale) {
            self.report("emergency", Fault::NoEmergencySentence(protocol.locale.clone()));
        }
        for (locale, sentence) in &protocol.emergency {
            self.text(&format!("emergency.{locale}"), sentence);
        }
        if protocol
            .voice
            .speed
            .is_some_and(|speed| !(0.25..=1.5).contains(&speed))
        {
            self.report("voice.speed", Fault::BadRange("0.25 to 1.5".into()));
        }
    }

    fn phrases(&mut self, protocol: &Protocol) {
        let phrases = &protocol.phrases;
        if phrases.acknowledge.is_empty() {
            self.report("phrases.acknowledge", Fault::Empty);
        }
        for (index, text) in phrases.acknowledge.iter().enumerate() {
            self.text(&format!("phrases.acknowledge[{index}]"), text);
        }
        for (name, text) in [
            ("unclear", &phrases.unclear),
            ("move_on", &phrases.move_on),
            ("repeat", &phrases.repeat),
            ("explain", &phrases.explain),
            ("still_there", &phrases.still_there),
            ("stopped", &phrases.stopped),
            ("resume", &phrases.resume),
            ("goodbye", &phrases.goodbye),
        ] {
            self.text(&format!("phrases.{name}"), text);
        }
        self.text("escalation.reminder", &protocol.escalation.reminder);
    }

    fn question(&mut self, place: &str, question: &Question) {
        self.text(&format!("{place}.ask"), &question.ask);
        self.text(&format!("{place}.rephrase"), &question.rephrase);
        for (index, cue) in question.cues.iter().enumerate() {
            self.text(&format!("{place}.cues[{index}]"), cue);
        }
        let words = question.answer.words();
        for on in question
            .escalate_on
            .iter()
            .filter(|on| !words.contains(&on.as_str()))
        {
            self.report(
                &format!("{place}.escalate_on"),
                Fault::Unreachable(format!("the answer is never `{on}`")),
            );
        }
        match &question.answer {
            AnswerKind::Number { unit, min, max } => {
                self.text(&format!("{place}.answer.unit"), unit);
                if !(min.is_finite() && max.is_finite() && min < max) {
                    self.report(
                        &format!("{place}.answer"),
                        Fault::BadRange(format!("{min} to {max}")),
                    );
                }
            }
            AnswerKind::Choice { options } => {
                if options.len() < 2 {
                    self.report(
                        &format!("{place}.answer.options"),
                        Fault::BadRange("fewer than two".into()),
                    );
                }
                let mut seen = BTreeSet::new();
                for said in options
                    .iter()
                    .flat_map(|o| std::iter::once(&o.value).chain(&o.synonyms))
                {
                    self.text(&format!("{place}.answer.options"), said);
                    if !seen.insert(said.to_lowercase()) {
                        self.report(&format!("{place}.answer.options"), Fault::Duplicate(said.clone()));
                    }
                }
            }
            AnswerKind::Scan => {
                let useless = [
                    (!question.cues.is_empty(), "cues"),
                    (!question.escalate_on.is_empty(), "escalate_on"),
                    (question.call.is_some(), "call"),
                ];
                for (_, field) in useless.into_iter().filter(|(present, _)| *present) {
                    self.report(&format!("{place}.{field}"), Fault::NoEffect);
                }
            }
            _ => {}
        }
    }

    /// `before` are the questions asked before the place of the conditions: only their slots can be filled there.
    fn conditions(&mut self, place: &str, when: &[Condition], protocol: &Protocol, before: &[Question]) {
        for (index, condition) in when.iter().enumerate() {
            let place = format!("{place}.when[{index}]");
            let name = condition.slot_name();
            if let Some(question) = before.iter().find(|q| q.slot == name) {
                self.condition(&place, condition, &question.answer);
            } else if protocol.questions.iter().any(|q| q.slot == name) {
                self.report(
                    &place,
                    Fault::Unreachable(format!("`{name}` is asked only later")),
                );
            } else {
                self.report(&format!("{place}.slot"), Fault::UnknownSlot(name.into()));
            }
        }
        for (index, a) in when.iter().enumerate() {
            for b in when[..index].iter().filter(|b| b.slot == a.slot) {
                let disjoint =
                    !a.is.is_empty() && !b.is.is_empty() && !a.is.iter().any(|is| b.is.contains(is));
                let apart =
                    |x: &Condition, y: &Condition| x.at_least.zip(y.at_most).is_some_and(|(l, m)| l > m);
                if disjoint || apart(a, b) || apart(b, a) {
                    let why = format!("it contradicts another condition on `{}`", a.slot);
                    self.report(&format!("{place}.when[{index}]"), Fault::Unreachable(why));
                }
            }
        }
    }

    fn condition(&mut self, place: &str, condition: &Condition, answer: &AnswerKind) {
        let figures = condition.at_least.or(condition.at_most);
        if condition.is.is_empty() && figures.is_none() && condition.answered.is_none() {
            self.report(place, Fault::BadCondition("tests nothing".into()));
        }
        let words = answer.words();
        for is in condition.is.iter().filter(|is| !words.contains(&is.as_str())) {
            self.report(
                &format!("{place}.is"),
                Fault::Unreachable(format!("the answer is never `{is}`")),
            );
        }
        let range = answer.range(condition.part());
        if condition.part().is_some() && range.is_none() {
            self.report(
                place,
                Fault::BadCondition(format!("`{}` is no part of this answer", condition.slot)),
            );
        } else if figures.is_some() {
            let Some((min, max)) = range else {
                return self.report(place, Fault::BadCondition("this answer has no figure".into()));
            };
            let least = condition.at_least.unwrap_or(min);
            let most = condition.at_most.unwrap_or(max);
            if least > most || least > max || most < min {
                let why = format!("{least} to {most} lies outside {min} to {max}");
                self.report(place, Fault::Unreachable(why));
            }
        }
    }

    fn red_flags(&mut self, protocol: &Protocol) {
        let mut ids = BTreeSet::new();
        if protocol.red_flags.is_empty() {
            self.report("red_flag", Fault::Empty);
        }
        for flag in &protocol.red_flags {
            let place = format!("red_flag[{}]", flag.id);
            self.name(&format!("{place}.id"), &flag.id, &mut ids);
            self.text(&format!("{place}.reason"), &flag.reason);
            if flag.patterns.is_empty() {
                self.report(&format!("{place}.patterns"), Fault::Empty);
            }
        }
    }

    fn closing(&mut self, protocol: &Protocol) {
        let closing = &protocol.closing;
        self.text("closing.intro", &closing.intro);
        self.text("closing.end", &closing.end);
        self.text("closing.after", &closing.after);
        for (index, line) in closing.summary.iter().enumerate() {
            let place = format!("closing.summary[{index}]");
            self.text(&format!("{place}.text"), &line.text);
            if line.text.matches('{').count() != line.slots().len()
                || line.text.matches('}').count() != line.slots().len()
            {
                self.report(&format!("{place}.text"), Fault::BadTemplate);
            }
            for slot in line.slots() {
                let (name, part) = name_and_part(slot);
                let question = protocol.questions.iter().find(|q| q.slot == name);
                let known = question.is_some_and(|q| part.is_none() || q.answer.range(part).is_some());
                if !known {
                    self.report(&format!("{place}.text"), Fault::UnknownSlot(slot.into()));
                }
            }
            self.conditions(&place, &line.when, protocol, &protocol.questions);
        }
    }
}
