//! Whether a mention is plainly denied or recounted. After the idea of `NegEx` (Chapman et al. 2001: a trigger and
//! its scope), with the scope turned round: between trigger and mention only words from a closed list may stand, so
//! anything unforeseen leaves the mention standing.

use std::ops::Range;

use super::super::words::{Break, Word};

#[rustfmt::skip]
const NEGATIONS: &[&str] = &[
    "denied", "denies", "deny", "denying", "neither", "never", "no", "nor", "not", "nothing", "without",
];

/// May stand between a negation and what it denies.
#[rustfmt::skip]
const FILLERS: &[&str] = &[
    "a", "about", "an", "any", "anything", "been", "currently", "episodes", "ever", "experience",
    "experienced", "experiencing", "feel", "feeling", "felt", "for", "from", "get", "getting", "going",
    "got", "had", "has", "have", "having", "history", "in", "kind", "like", "new", "noticed", "noticing",
    "of", "or", "other", "plan", "planning", "plans", "recent", "recently", "sign", "signs", "sort",
    "suffer", "suffered", "suffering", "symptoms", "take", "taken", "that", "the", "there", "think",
    "thinking", "thought", "thoughts", "to", "want", "wanting", "wish", "with", "worst",
];

/// End the reach of a negation: a new statement or a cause.
#[rustfmt::skip]
const BREAKERS: &[&str] = &[
    "and", "because", "but", "can", "due", "except", "he", "however", "i", "if", "is", "it", "just", "me",
    "my", "only", "our", "she", "since", "so", "still", "then", "they", "though", "unless", "until", "we",
    "when", "while", "with", "without", "you",
];

/// After a mention, turn a denial into a comparison ("I never had chest pain like this").
#[rustfmt::skip]
const COMPARISONS: &[&str] = &[
    "as", "before", "like", "so", "than", "this", "until", "worse",
];

#[rustfmt::skip]
const RELATIVES: &[&str] = &[
    "aunt", "brother", "brothers", "cousin", "dad", "daughter", "family", "father", "granddad",
    "grandfather", "grandma", "grandmother", "grandpa", "husband", "mom", "mother", "mum", "nephew",
    "niece", "parents", "sister", "sisters", "son", "uncle", "wife",
];

#[rustfmt::skip]
const PAST: &[&str] = &[
    "died", "felt", "got", "had", "history", "passed", "runs", "suffered", "used", "was", "went", "were",
];

/// Any of these in the sentence means that it may be happening now.
#[rustfmt::skip]
const PRESENT: &[&str] = &[
    "again", "am", "began", "coming", "currently", "days", "getting", "hour", "hours", "just", "keep",
    "keeps", "minutes", "moment", "now", "ongoing", "right", "since", "started", "starting", "still",
    "think", "thinks", "this", "today", "tonight", "week", "weeks", "worse", "yesterday",
];

/// How many words of an enumeration may form one item ("pain in my", no; "shortness of breath", yes).
const LONGEST_ITEM: usize = 5;

pub(super) fn has_negation(words: &[Word]) -> bool {
    words.iter().any(|word| is_one_of(word, NEGATIONS))
}

/// Whether `found` is denied, in its sentence or by the short answer after it.
pub(super) fn denied(words: &[Word], sentence: &Range<usize>, found: &Range<usize>) -> bool {
    denied_before(words, sentence, found) || denied_after(words, sentence, found)
}

/// Whether `found` is told as a relative's history or as years past.
pub(super) fn recounted(words: &[Word], sentence: &Range<usize>, found: &Range<usize>) -> bool {
    let all = &words[sentence.clone()];
    if all.iter().any(|word| is_one_of(word, PRESENT)) {
        return false;
    }
    let before = &words[sentence.start..found.end];
    let past = before
        .iter()
        .any(|word| is_one_of(word, PAST) || word.text.ends_with("ed"));
    let relative = before.iter().position(|word| is_one_of(word, RELATIVES));
    let own = |word: &Word| matches!(word.text.as_str(), "i" | "me" | "myself");
    let of_relative = relative.is_some_and(|at| !before.iter().any(own) && at < before.len());
    past && (of_relative || is_years_back(all))
}

fn is_one_of(word: &Word, list: &[&str]) -> bool {
    list.contains(&word.text.as_str())
}

fn is_years_back(sentence: &[Word]) -> bool {
    let text = |i: usize| sentence.get(i).map_or("", |word| word.text.as_str());
    (0..sentence.len()).any(|i| match text(i) {
        "years" | "year" | "decades" => text(i + 1) == "ago",
        "last" => text(i + 1) == "year",
        "as" => text(i + 1) == "a" && matches!(text(i + 2), "child" | "kid" | "teenager" | "student"),
        "when" => text(i + 1) == "i" && text(i + 2) == "was",
        "in" => text(i + 1).len() == 4 && (text(i + 1).starts_with("19") || text(i + 1).starts_with("20")),
        _ => false,
    })
}

fn denied_before(words: &[Word], sentence: &Range<usize>, found: &Range<usize>) -> bool {
    let Some(trigger) = (sentence.start..found.start)
        .rev()
        .find(|i| is_one_of(&words[*i], NEGATIONS))
    else {
        return false;
    };
    let earlier = &words[sentence.start..trigger];
    let why_not = earlier.last().is_some_and(|word| word.text == "why");
    // "I can't walk without chest pain": the two negations cancel.
    let cancelled = words[trigger].text == "without" && has_negation(earlier);
    if words[trigger].after != Break::None || why_not || cancelled || is_compared(words, sentence, found) {
        return false;
    }
    let gap = &words[trigger + 1..found.start];
    let plain = gap
        .iter()
        .all(|word| is_one_of(word, FILLERS) && word.after == Break::None);
    plain || enumerated(gap, words, sentence, found)
}

fn is_compared(words: &[Word], sentence: &Range<usize>, found: &Range<usize>) -> bool {
    words[found.end..sentence.end]
        .iter()
        .take(3)
        .any(|word| is_one_of(word, COMPARISONS))
}

/// "no fever, cough or chest pain", "no fever, chest pain or cough": one negation before an enumeration that "or" closes.
fn enumerated(gap: &[Word], words: &[Word], sentence: &Range<usize>, found: &Range<usize>) -> bool {
    let starts_anew = is_one_of(&words[found.start], BREAKERS);
    if starts_anew || gap.iter().any(|word| is_one_of(word, BREAKERS)) {
        return false;
    }
    let mut length = 0;
    let mut closed = false;
    for word in gap {
        let or = matches!(word.text.as_str(), "or" | "nor");
        closed = or || (closed && word.after == Break::None && is_one_of(word, FILLERS));
        length = if or || word.after != Break::None {
            0
        } else {
            length + 1
        };
        if length > LONGEST_ITEM {
            return false;
        }
    }
    let follows = words[found.end..sentence.end].iter().take(LONGEST_ITEM);
    let closed_after = follows
        .take_while(|w| !is_one_of(w, BREAKERS))
        .any(|w| matches!(w.text.as_str(), "or" | "nor"));
    let own_item = gap
        .last()
        .is_some_and(|w| w.after != Break::None || is_one_of(w, FILLERS));
    own_item && (closed || closed_after)
}

/// "Chest pain, no." or "Chest pain? No, nothing."
fn denied_after(words: &[Word], sentence: &Range<usize>, found: &Range<usize>) -> bool {
    let refusal = |word: &Word| {
        matches!(
            word.text.as_str(),
            "no" | "nope" | "none" | "negative" | "never" | "denied"
        )
    };
    let rest = &words[found.end..sentence.end];
    if let [only] = rest {
        return refusal(only);
    }
    if !rest.is_empty() || sentence.end >= words.len() {
        return false;
    }
    let next = &words[sentence.end];
    let asked = words[sentence.end - 1].after == Break::Question;
    refusal(next)
        && (next.after >= Break::Sentence
            || sentence.end + 1 == words.len()
            || (asked && next.after == Break::Comma))
}
