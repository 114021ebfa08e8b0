//! Written text to spoken words, each with the place in the written text it stands for.

mod clock;
mod measure;
mod numeric;
mod reader;
mod web;
mod words;

use std::ops::Range;

use reader::{Reader, Spoken};

use super::token::{self, Kind};

/// The break after a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Break {
    /// None: the next word follows.
    #[default]
    None,
    /// A comma, a dash, a bracket.
    Comma,
    /// A semicolon or a colon.
    Colon,
    /// The end of a statement.
    Stop,
    /// The end of an exclamation.
    Exclamation,
    /// The end of a question.
    Question,
}

/// A word as it is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpokenWord {
    /// ASCII letters and apostrophes; a single capital is the name of the letter.
    pub text: String,
    /// The bytes of the written text it stands for, punctuation included, on character boundaries. Several words may
    /// share one range (`98.6`); ranges never go back.
    pub source: Range<usize>,
    /// The break after it.
    pub after: Break,
}

/// Tries to read what starts at a token; says how many tokens it took.
type Rule = fn(&Reader<'_>, usize, &mut Spoken) -> Option<usize>;

/// The first rule that applies wins: the more specific come first.
const RULES: &[Rule] = &[
    web::address,
    numeric::telephone,
    numeric::emergency,
    clock::date,
    clock::iso_date,
    clock::time,
    clock::month_day,
    clock::day_month,
    measure::blood_pressure,
    measure::fraction,
    measure::money,
    numeric::range,
    measure::quantity,
    clock::year,
    numeric::ordinal,
    numeric::multiple,
    numeric::signed,
    numeric::plain,
    words::slash_form,
    words::abbreviation,
    words::code,
    words::capitals,
    words::plain,
    words::symbol,
];

/// Says how a text is spoken in American English.
///
/// Every character that is not white space lies in the range of some word, provided the text holds any word at all.
pub fn normalise(written: &str) -> Vec<SpokenWord> {
    let reader = Reader::new(written);
    let mut spoken = Spoken::default();
    let mut at = 0;
    while at < reader.len() {
        at += RULES
            .iter()
            .find_map(|rule| rule(&reader, at, &mut spoken))
            .unwrap_or_else(|| punctuation(&reader, at, &mut spoken));
    }
    let mut words = spoken.into_words();
    cover(written, &mut words);
    words
}

/// What no rule reads: punctuation, which becomes the break after the last word.
fn punctuation(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> usize {
    if let Some(Kind::Symbol(symbol)) = reader.kind(at) {
        spoken.pause(match symbol {
            ',' | '(' | ')' | '[' | ']' | '\u{2014}' | '\u{3001}' => Break::Comma,
            '-' | '\u{2013}' | '/' if reader.loose(at) => Break::Comma,
            ';' | ':' => Break::Colon,
            '.' | '\u{2026}' | '\n' | '\u{3002}' => Break::Stop,
            '!' => Break::Exclamation,
            '?' | '\u{ff1f}' => Break::Question,
            _ => Break::None,
        });
    }
    1
}

/// Stretches the words' ranges over the punctuation between them: what touches a word before it belongs to that word,
/// the rest to the word after it, and what is left at the end to the last.
fn cover(written: &str, words: &mut [SpokenWord]) {
    let mut covered = 0;
    let mut index = 0;
    while index < words.len() {
        let source = words[index].source.clone();
        let next = words[index..]
            .iter()
            .take_while(|word| word.source == source)
            .count()
            + index;
        let limit = words.get(next).map_or(written.len(), |word| word.source.start);
        let gap = &written[source.end..limit];
        let touching = gap.find(char::is_whitespace).unwrap_or(gap.len());
        let end = if next == words.len() {
            source.end + gap.trim_end().len()
        } else if touching == gap.len() && !gap.is_empty() {
            source.end + closing(gap)
        } else {
            source.end + touching
        };
        let lead = &written[covered..source.start];
        let start = source.start - lead.trim_start().len();
        for word in &mut words[index..next] {
            word.source = start..end;
        }
        covered = end;
        index = next;
    }
}

/// How much of the punctuation between two words that touch belongs to the first: all up to an opening mark.
fn closing(gap: &str) -> usize {
    gap.find(['(', '[', '{', '"', '\u{201c}', '\u{2018}', '$', '#'])
        .unwrap_or(gap.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(written: &str) -> String {
        let words: Vec<String> = normalise(written).into_iter().map(|word| word.text).collect();
        words.join(" ")
    }

    fn check(table: &[(&str, &str)]) {
        for (written, spoken) in table {
            assert_eq!(said(written), *spoken, "{written}");
        }
    }

    #[test]
    fn plain_words_pass_through() {
        check(&[
            (
                "Hello, how can I help you today?",
                "Hello how can I help you today",
            ),
            (
                "A well-being check, isn\u{2019}t it?",
                "a well being check isn't it",
            ),
            ("Ren\u{e9}e's caf\u{e9}", "Renee's cafe"),
        ]);
    }

    #[test]
    fn numbers() {
        check(&[
            ("98.6", "ninety eight point six"),
            ("1,250 steps", "one thousand two hundred fifty steps"),
            ("the 1st and 22nd", "the first and twenty second"),
            ("2-3 days", "two to three days"),
            ("5\u{2013}10 mg", "five to ten milligrams"),
            ("-5 \u{b0}C", "minus five degrees Celsius"),
            ("twice, 2x daily", "twice two times daily"),
            ("for x3 days", "for three days"),
            ("x10 nights", "for ten nights"),
            ("a 45-year-old", "a forty five year old"),
        ]);
    }

    #[test]
    fn vital_signs() {
        check(&[
            (
                "Your BP is 120/80.",
                "Your blood pressure is one twenty over eighty",
            ),
            (
                "105/65 mmHg",
                "one oh five over sixty five millimeters of mercury",
            ),
            (
                "128/84 mm Hg",
                "one twenty eight over eighty four millimeters of mercury",
            ),
            ("HR 72 bpm", "heart rate seventy two beats per minute"),
            ("98.6\u{b0}F", "ninety eight point six degrees Fahrenheit"),
            ("38.5 \u{b0}C", "thirty eight point five degrees Celsius"),
            ("SpO2 of 97%", "oxygen saturation of ninety seven percent"),
            ("pain of 7/10", "pain of seven out of ten"),
        ]);
    }

    #[test]
    fn units_and_doses() {
        check(&[
            ("500 mg twice daily", "five hundred milligrams twice daily"),
            ("1 mg", "one milligram"),
            ("500mg", "five hundred milligrams"),
            ("0.5 mL", "zero point five milliliters"),
            ("1/2 tablet", "half a tablet"),
            ("1 1/2 tablets", "one and a half tablets"),
            ("\u{bd} tablet", "half a tablet"),
            ("2\u{bd} tablets", "two and a half tablets"),
            ("5 mg/kg/day", "five milligrams per kilogram per day"),
            ("110 mg/dL", "one hundred ten milligrams per deciliter"),
            ("1000 IU", "one thousand international units"),
            ("24.5 kg/m2", "twenty four point five kilograms per square meter"),
            ("50 mcg q.d.", "fifty micrograms once daily"),
            (
                "10 mg PO b.i.d. p.r.n.",
                "ten milligrams by mouth twice daily as needed",
            ),
            ("10 mg PO BID", "ten milligrams by mouth twice daily"),
            ("70 kg, 154 lb", "seventy kilograms one hundred fifty four pounds"),
        ]);
    }

    #[test]
    fn dates_and_times() {
        check(&[
            ("8:30 am", "eight thirty A M"),
            ("8:05 p.m.", "eight oh five P M"),
            ("at 9:00", "at nine o'clock"),
            ("9 AM", "nine A M"),
            ("14:30", "fourteen thirty"),
            ("June 3, 2024", "June third twenty twenty four"),
            ("3 June 2024", "the third of June twenty twenty four"),
            ("Sept. 21st", "september twenty first"),
            ("03/15/2024", "march fifteenth twenty twenty four"),
            ("2024-03-15", "march fifteenth twenty twenty four"),
            ("since 1998", "since nineteen ninety eight"),
            ("1998 steps", "one thousand nine hundred ninety eight steps"),
            ("10 May", "the tenth of May"),
            ("you may take 2", "you may take two"),
        ]);
    }

    #[test]
    fn abbreviations_and_acronyms() {
        check(&[
            ("Dr. Smith and Mrs. Jones", "doctor Smith and missus Jones"),
            ("e.g. an ECG", "for example an E C G"),
            ("approx. 5 min", "approximately five minutes"),
            ("A1C", "A one C"),
            ("the ER", "the E R"),
            ("COVID-19", "covid nineteen"),
            ("your GP", "your G P"),
            ("vitamin B12 and vitamin D", "vitamin B twelve and vitamin D"),
            ("hepatitis A. A test", "hepatitis A a test"),
            ("MRIs", "M R I's"),
            ("NSAIDs", "nsaids"),
            ("STOP NOW", "stop now"),
            ("and/or, w/o, he/she", "and or without he or she"),
        ]);
    }

    #[test]
    fn telephones_money_and_addresses() {
        check(&[
            ("Call 911 now", "Call nine one one now"),
            ("988 lifeline", "nine eight eight lifeline"),
            ("911 mg", "nine hundred eleven milligrams"),
            (
                "(555) 123-4567",
                "five five five one two three four five six seven",
            ),
            (
                "1-800-555-0199",
                "one eight zero zero five five five zero one nine nine",
            ),
            ("$20", "twenty dollars"),
            ("$1", "one dollar"),
            ("$12.50", "twelve dollars and fifty cents"),
            ("$3 million", "three million dollars"),
            ("jo@clinic.org", "jo at clinic dot org"),
            ("https://www.nhs.uk/flu", "W W W dot N H S dot U K slash flu"),
            ("salt & water", "salt and water"),
        ]);
    }

    #[test]
    fn punctuation_becomes_breaks() {
        let breaks: Vec<Break> = normalise("Yes, now; go! Why? (so) - ok.")
            .into_iter()
            .map(|word| word.after)
            .collect();
        assert_eq!(
            breaks,
            [
                Break::Comma,
                Break::Colon,
                Break::Exclamation,
                Break::Question,
                Break::Comma,
                Break::Stop
            ]
        );
    }

    #[test]
    fn words_know_their_source() {
        let written = "BP 120/80 (high).";
        let words = normalise(written);
        let sources: Vec<(&str, &str)> = words
            .iter()
            .map(|word| (word.text.as_str(), &written[word.source.clone()]))
            .collect();
        assert_eq!(
            sources,
            [
                ("blood", "BP"),
                ("pressure", "BP"),
                ("one", "120"),
                ("twenty", "120"),
                ("over", "/"),
                ("eighty", "80"),
                ("high", "(high)."),
            ]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn every_character_is_covered_in_order(written in "\\PC{0,60}|[ -~\\n]{0,60}|([0-9]{1,4}[ /.,:%-]?(mg|am|st|A|Dr)?[ .]?){0,8}") {
            let words = normalise(&written);
            let mut covered = 0;
            for word in &words {
                prop_assert!(!word.text.is_empty());
                prop_assert!(word.text.chars().all(|c| c.is_ascii_alphabetic() || c == '\''), "{:?}", word.text);
                prop_assert!(written.is_char_boundary(word.source.start) && written.is_char_boundary(word.source.end));
                prop_assert!(word.source.start >= covered || word.source.end == covered);
                prop_assert!(written[covered.min(word.source.start)..word.source.start].trim().is_empty());
                covered = word.source.end;
            }
            prop_assert!(words.is_empty() || written[covered..].trim().is_empty());
        }

        #[test]
        fn no_word_is_dropped(written in "([a-zA-Z]{1,9}|[0-9]{1,5}|\u{440}\u{43e}\u{442}|\u{4f60}\u{597d})( ([a-zA-Z]{1,9}|[0-9]{1,5})){0,5}") {
            let words = normalise(&written);
            for piece in written.split(' ') {
                let at = piece.as_ptr() as usize - written.as_ptr() as usize;
                prop_assert!(words.iter().any(|word| word.source.start <= at && word.source.end >= at + piece.len()
                    || word.source.start >= at && word.source.end <= at + piece.len()));
            }
        }
    }
}
