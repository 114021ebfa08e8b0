//! What symbols, units and abbreviations are called.

/// Units after a number: as written, one of them, several of them.
const UNITS: &[(&str, &str, &str)] = &[
    ("mg", "milligram", "milligrams"),
    ("mcg", "microgram", "micrograms"),
    ("ug", "microgram", "micrograms"),
    ("µg", "microgram", "micrograms"),
    ("μg", "microgram", "micrograms"),
    ("ng", "nanogram", "nanograms"),
    ("pg", "picogram", "picograms"),
    ("g", "gram", "grams"),
    ("gm", "gram", "grams"),
    ("kg", "kilogram", "kilograms"),
    ("kgs", "kilogram", "kilograms"),
    ("lb", "pound", "pounds"),
    ("lbs", "pound", "pounds"),
    ("oz", "ounce", "ounces"),
    ("L", "liter", "liters"),
    ("l", "liter", "liters"),
    ("dL", "deciliter", "deciliters"),
    ("mL", "milliliter", "milliliters"),
    ("cc", "c c", "c c"),
    ("µL", "microliter", "microliters"),
    ("tsp", "teaspoon", "teaspoons"),
    ("tbsp", "tablespoon", "tablespoons"),
    ("mol", "mole", "moles"),
    ("mmol", "millimole", "millimoles"),
    ("mEq", "milliequivalent", "milliequivalents"),
    ("IU", "international unit", "international units"),
    ("U", "unit", "units"),
    ("mmHg", "millimeter of mercury", "millimeters of mercury"),
    ("kPa", "kilopascal", "kilopascals"),
    ("bpm", "beat per minute", "beats per minute"),
    ("Hz", "hertz", "hertz"),
    ("dB", "decibel", "decibels"),
    ("mm", "millimeter", "millimeters"),
    ("cm", "centimeter", "centimeters"),
    ("m", "meter", "meters"),
    ("km", "kilometer", "kilometers"),
    ("ft", "foot", "feet"),
    ("mi", "mile", "miles"),
    ("mph", "mile per hour", "miles per hour"),
    ("kcal", "kilocalorie", "kilocalories"),
    ("cal", "calorie", "calories"),
    ("ms", "millisecond", "milliseconds"),
    ("sec", "second", "seconds"),
    ("secs", "second", "seconds"),
    ("s", "second", "seconds"),
    ("min", "minute", "minutes"),
    ("mins", "minute", "minutes"),
    ("h", "hour", "hours"),
    ("hr", "hour", "hours"),
    ("hrs", "hour", "hours"),
    ("wk", "week", "weeks"),
    ("wks", "week", "weeks"),
    ("mo", "month", "months"),
    ("mos", "month", "months"),
    ("yr", "year", "years"),
    ("yrs", "year", "years"),
    ("yo", "year old", "year old"),
    ("tab", "tablet", "tablets"),
    ("tabs", "tablet", "tablets"),
    ("cap", "capsule", "capsules"),
    ("caps", "capsule", "capsules"),
    ("gtt", "drop", "drops"),
    ("gtts", "drop", "drops"),
];

/// Abbreviations that a period ends, in lower case; with the period they mean nothing else.
const WITH_PERIOD: &[(&str, &str)] = &[
    ("dr", "doctor"),
    ("mr", "mister"),
    ("mrs", "missus"),
    ("ms", "miz"),
    ("prof", "professor"),
    ("st", "saint"),
    ("jr", "junior"),
    ("sr", "senior"),
    ("vs", "versus"),
    ("etc", "et cetera"),
    ("approx", "approximately"),
    ("appt", "appointment"),
    ("dept", "department"),
    ("est", "estimated"),
    ("hosp", "hospital"),
    ("max", "maximum"),
    ("vol", "volume"),
    ("tel", "telephone"),
    ("ext", "extension"),
    ("avg", "average"),
    ("jan", "january"),
    ("feb", "february"),
    ("aug", "august"),
    ("sept", "september"),
    ("sep", "september"),
    ("oct", "october"),
    ("nov", "november"),
    ("dec", "december"),
    ("mon", "monday"),
    ("tues", "tuesday"),
    ("thurs", "thursday"),
    ("fri", "friday"),
];

/// Abbreviations in lower case that mean the same with or without a period.
const ANYWHERE: &[(&str, &str)] = &[
    ("dr", "doctor"),
    ("mr", "mister"),
    ("mrs", "missus"),
    ("vs", "versus"),
    ("etc", "et cetera"),
    ("approx", "approximately"),
    ("appt", "appointment"),
    ("eg", "for example"),
    ("ie", "that is"),
    ("tid", "three times daily"),
    ("qid", "four times daily"),
    ("qhs", "at bedtime"),
    ("qd", "once daily"),
    ("qod", "every other day"),
    ("prn", "as needed"),
    ("hx", "history"),
    ("rx", "prescription"),
    ("tx", "treatment"),
    ("dx", "diagnosis"),
    ("sx", "symptoms"),
];

/// Abbreviations that are another word in lower case: only as written here, or with periods between the letters.
const AS_WRITTEN: &[(&str, &str)] = &[
    ("BP", "blood pressure"),
    ("HR", "heart rate"),
    ("RR", "respiratory rate"),
    ("BID", "twice daily"),
    ("PO", "by mouth"),
    ("AC", "before meals"),
    ("PC", "after meals"),
    ("HS", "at bedtime"),
    ("BMI", "B M I"),
    ("AM", "A M"),
    ("PM", "P M"),
    ("US", "U S"),
    ("UK", "U K"),
    ("IT", "I T"),
    ("ER", "E R"),
    ("OR", "O R"),
    ("NA", "not applicable"),
    ("SpO2", "oxygen saturation"),
];

/// Capitals that are said as a word.
const SAID_AS_WORDS: &[&str] = &[
    "AIDS", "CABG", "CAT", "COVID", "FAST", "GERD", "HELLP", "HIPAA", "LASIK", "MERS", "MRSA", "NASA",
    "NICU", "NSAID", "NSAIDS", "OK", "PET", "PICU", "RICE", "SARS", "SIDS", "TENS", "ZIP",
];

/// Words that a following `A` names a kind of, so that it is the letter and not the article.
const LETTERED: &[&str] = &[
    "vitamin",
    "hepatitis",
    "influenza",
    "type",
    "group",
    "grade",
    "plan",
    "part",
];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

fn find<'a>(table: &'a [(&str, &str)], key: &str) -> Option<&'a str> {
    table
        .iter()
        .find(|(written, _)| *written == key)
        .map(|(_, spoken)| *spoken)
}

/// The names of a unit, one and several. Case matters where it distinguishes units.
pub(super) fn unit(written: &str) -> Option<(&'static str, &'static str)> {
    let named = |key: &str| {
        UNITS
            .iter()
            .find(|(symbol, ..)| *symbol == key)
            .map(|&(_, one, many)| (one, many))
    };
    named(written).or_else(|| {
        let long_enough = written.chars().count() > 1;
        let folded = |symbol: &str| symbol.eq_ignore_ascii_case(written);
        let found = UNITS.iter().find(|(symbol, ..)| long_enough && folded(symbol));
        found.map(|&(_, one, many)| (one, many))
    })
}

/// What an abbreviation stands for; `period` when one follows it.
pub(super) fn abbreviation(written: &str, period: bool) -> Option<&'static str> {
    let plain: String = written.chars().filter(|&c| c != '.').collect();
    let lower = plain.to_lowercase();
    let dotted = plain.len() < written.len();
    let exact = if dotted { plain.to_uppercase() } else { plain };
    find(AS_WRITTEN, &exact)
        .or_else(|| find(ANYWHERE, &lower))
        .or_else(|| if period { find(WITH_PERIOD, &lower) } else { None })
}

/// Whether a period after this word belongs to it and ends no sentence.
pub(crate) fn takes_period(word: &str) -> bool {
    let lower = word.to_lowercase();
    find(WITH_PERIOD, &lower).is_some() || matches!(lower.as_str(), "g" | "e" | "no")
}

/// Whether capitals are said as a word rather than spelled.
pub(super) fn said_as_word(capitals: &str) -> bool {
    SAID_AS_WORDS.contains(&capitals)
}

/// Whether a single letter after this word is its name.
pub(super) fn is_lettered(word: &str) -> bool {
    LETTERED.contains(&word.to_lowercase().as_str())
}

/// The month a word names, 1 to 12.
pub(super) fn month(word: &str) -> Option<usize> {
    let lower = word.to_lowercase();
    let short =
        |name: &&str| lower.len() >= 3 && (lower == name[..3] || lower == "sept" && name.starts_with("sept"));
    MONTHS
        .iter()
        .position(|name| lower == *name || short(name))
        .map(|index| index + 1)
}

/// The name of a month, 1 to 12.
pub(super) fn month_name(number: u64) -> Option<&'static str> {
    MONTHS.get(usize::try_from(number.checked_sub(1)?).ok()?).copied()
}

/// What a symbol between or before words is called; none for those that are not spoken.
pub(super) fn symbol(symbol: char) -> Option<&'static str> {
    Some(match symbol {
        '&' => "and",
        '%' => "percent",
        '+' => "plus",
        '=' => "equals",
        '@' => "at",
        '<' => "less than",
        '>' => "greater than",
        '≤' => "at most",
        '≥' => "at least",
        '±' => "plus or minus",
        '×' => "times",
        '÷' => "divided by",
        '→' => "to",
        '~' | '≈' => "about",
        '$' => "dollars",
        '€' => "euros",
        '£' => "pounds",
        '°' => "degrees",
        '½' => "one half",
        '¼' => "one quarter",
        '¾' => "three quarters",
        '⅓' => "one third",
        '⅔' => "two thirds",
        '²' => "squared",
        '³' => "cubed",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_fold_case_where_it_distinguishes_nothing() {
        assert_eq!(unit("ML"), Some(("milliliter", "milliliters")));
        assert_eq!(unit("MG"), Some(("milligram", "milligrams")));
        assert_eq!(unit("G"), None);
        assert_eq!(unit("M"), None);
    }

    #[test]
    fn abbreviations_that_are_also_words_need_their_capitals_or_their_periods() {
        assert_eq!(abbreviation("BID", false), Some("twice daily"));
        assert_eq!(abbreviation("b.i.d.", false), Some("twice daily"));
        assert_eq!(abbreviation("bid", false), None);
        assert_eq!(abbreviation("max", true), Some("maximum"));
        assert_eq!(abbreviation("max", false), None);
    }

    #[test]
    fn months_long_and_short() {
        assert_eq!(month("June"), Some(6));
        assert_eq!(month("Sept"), Some(9));
        assert_eq!(month("mar"), Some(3));
        assert_eq!(month("marvel"), None);
        assert_eq!(month_name(13), None);
    }
}
