use bedside_conversation::consultation::words::Word;
use bedside_conversation::consultation::{AnswerKind, Value};

use super::numbers::numbers;
use super::{joined, yes_no};

/// A reading, or that there is none.
pub(super) fn answer(heard: &[Word]) -> Option<Value> {
    let none = || {
        let all = joined(heard);
        let no_reading = [
            "not measured",
            "not checked",
            "not taken",
            "did not",
            "have not",
            "do not have",
            "not have",
        ];
        let refused = yes_no(heard) == Some(false) && numbers(heard).is_empty();
        (refused || no_reading.iter().any(|phrase| all.contains(phrase))).then_some(Value::Nothing)
    };
    find(heard, &["over", "/", "on", "by", "upon", "and", "-"], true).or_else(none)
}

/// A reading as one is only ever said: "120 over 80", "120/80".
pub(super) fn stated(heard: &[Word]) -> Option<Value> {
    find(heard, &["over", "/"], false)
}

fn find(heard: &[Word], joints: &[&str], adjacent: bool) -> Option<Value> {
    numbers(heard).windows(2).find_map(|pair| {
        let [upper, lower] = pair else { return None };
        let joint = match &heard[upper.at.end..lower.at.start] {
            [] => adjacent,
            [word] => joints.contains(&word.text.as_str()),
            _ => false,
        };
        (joint && AnswerKind::plausible_pressure(upper.value, lower.value)).then(|| Value::BloodPressure {
            systolic: upper.value.round() as u16,
            diastolic: lower.value.round() as u16,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bedside_conversation::consultation::words::words;

    #[test]
    fn reads_pressures_as_they_are_spoken_and_written() {
        for said in [
            "One twenty over eighty.",
            "120 / 80",
            "120/80",
            "it was 120 over 80 I think",
            "120 80",
            "120-80",
        ] {
            let expected = Value::BloodPressure {
                systolic: 120,
                diastolic: 80,
            };
            assert_eq!(answer(&words(said)), Some(expected), "{said}");
        }
        assert_eq!(answer(&words("I haven't measured it")), Some(Value::Nothing));
        for said in ["80 over 120", "seven out of ten", "high", "12 over 8"] {
            assert_eq!(answer(&words(said)), None, "{said}");
        }
        assert_eq!(stated(&words("120 80")), None);
    }
}
