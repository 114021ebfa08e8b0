//! What stands around the name of a medicine.

/// Words that are said before one.
const BEFORE: &str = "inject injected on prescribe prescribed start started stop stopped take taken takes taking took \
    tried try use used uses using";
/// Measures of a dose, as written, and how they begin.
const MEASURES: [&str; 10] = [
    "mg",
    "mcg",
    "ml",
    "milligram",
    "microgram",
    "milliliter",
    "unit",
    "tablet",
    "capsule",
    "puff",
];

/// How much likelier a medicine is where it is taken or a dose of it is given, as a natural logarithm: twenty times.
const CUE: f32 = 3.0;

/// What the text before and after a stretch says for the stretch being a medicine, as a natural logarithm.
pub(super) fn cue(before: &str, after: &str) -> f32 {
    let clean = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let mut previous = before.split_whitespace().rev().map(clean);
    let last = previous.next().unwrap_or_default();
    let taken = BEFORE.split_whitespace().any(|word| word == last);
    let of_dose = last == "of" && previous.next().is_some_and(|word| is_measure(&word));
    let mut next = after.split_whitespace().map(clean);
    let first = next.next().unwrap_or_default();
    let dosed = begins_with_digit(&first)
        || is_measure(&first)
        || next.next().is_some_and(|second| is_measure(&second));
    if taken || of_dose || dosed { CUE } else { 0.0 }
}

pub(super) fn begins_with_digit(text: &str) -> bool {
    text.trim_start().starts_with(|c: char| c.is_ascii_digit())
}

fn is_measure(word: &str) -> bool {
    MEASURES.iter().any(|measure| match measure.len() {
        ..=3 => word == *measure,
        _ => word.starts_with(measure),
    })
}

#[cfg(test)]
mod tests {
    use super::cue;

    #[test]
    fn doses_and_taking_are_cues() {
        for (before, after) in [
            (" Are you still taking", ", once a day?"),
            (" Take 500 milligrams of", " daily."),
            ("", " 12.5 milligrams is a water pill."),
            ("", " five milligrams can help."),
        ] {
            assert!(cue(before, after) > 0.0, "{before:?} {after:?}");
        }
        for (before, after) in [(" My sister", " is here."), (" the end of", " the day"), ("", "")] {
            assert!(cue(before, after) == 0.0, "{before:?} {after:?}");
        }
    }
}
