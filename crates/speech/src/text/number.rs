//! Numbers in words.

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = [
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];
const SCALES: [(u64, &str); 4] = [
    (1_000_000_000_000, "trillion"),
    (1_000_000_000, "billion"),
    (1_000_000, "million"),
    (1_000, "thousand"),
];
/// Longer runs of digits are codes, not quantities.
const MOST_DIGITS: usize = 15;

/// A whole number: `1204` is "one thousand two hundred four".
pub(super) fn cardinal(value: u64) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut rest = value;
    for (scale, name) in SCALES {
        if rest >= scale {
            words.push(cardinal(rest / scale));
            words.push(name.to_owned());
            rest %= scale;
        }
    }
    if rest >= 100 {
        words.push(format!("{} hundred", ONES[(rest / 100) as usize]));
        rest %= 100;
    }
    if rest > 0 || words.is_empty() {
        words.push(below_hundred(rest as usize));
    }
    words.join(" ")
}

fn below_hundred(value: usize) -> String {
    match (value / 10, value % 10) {
        (0 | 1, _) => ONES[value].to_owned(),
        (tens, 0) => TENS[tens].to_owned(),
        (tens, ones) => format!("{} {}", TENS[tens], ONES[ones]),
    }
}

/// A place in an order: `21` is "twenty first".
pub(super) fn ordinal(value: u64) -> String {
    let cardinal = cardinal(value);
    let (front, last) = cardinal
        .rsplit_once(' ')
        .map_or(("", cardinal.as_str()), |(front, last)| (front, last));
    let last = match last {
        "one" => "first".to_owned(),
        "two" => "second".to_owned(),
        "three" => "third".to_owned(),
        "five" => "fifth".to_owned(),
        "eight" => "eighth".to_owned(),
        "nine" => "ninth".to_owned(),
        "twelve" => "twelfth".to_owned(),
        _ => match last.strip_suffix('y') {
            Some(stem) => format!("{stem}ieth"),
            None => format!("{last}th"),
        },
    };
    format!("{front} {last}").trim_start().to_owned()
}

/// Digit by digit, as in a telephone number.
pub(super) fn digits(written: &str) -> String {
    let spoken: Vec<&str> = written
        .bytes()
        .filter(u8::is_ascii_digit)
        .map(|digit| ONES[usize::from(digit - b'0')])
        .collect();
    spoken.join(" ")
}

/// In two halves, as blood pressures and building numbers are said: `120` is "one twenty", `105` "one oh five".
pub(super) fn halves(value: u64) -> String {
    let (high, low) = (value / 100, (value % 100) as usize);
    match (high, low) {
        (0, _) => below_hundred(low),
        (_, 0) => format!("{} hundred", cardinal(high)),
        (_, 1..10) => format!("{} oh {}", cardinal(high), ONES[low]),
        _ => format!("{} {}", cardinal(high), below_hundred(low)),
    }
}

/// A calendar year: `2024` is "twenty twenty four", `2005` "two thousand five".
pub(super) fn year(value: u64) -> String {
    match value {
        2000..2010 => cardinal(value),
        1000..=9999 if !value.is_multiple_of(1000) => halves(value),
        _ => cardinal(value),
    }
}

/// A number as written, with separators and decimals: `1,204.50` is "one thousand two hundred four point five zero".
pub(super) fn written(text: &str) -> String {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    let code = whole.len() > 1 && whole.starts_with('0') || whole.len() > MOST_DIGITS;
    let mut spoken = match whole.parse() {
        _ if code => digits(&whole),
        Ok(value) => cardinal(value),
        Err(_) => String::new(),
    };
    if !decimals.is_empty() {
        spoken = format!("{spoken} point {}", digits(decimals));
    }
    spoken.trim_start().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_written() {
        for (text, spoken) in [
            ("0", "zero"),
            ("19", "nineteen"),
            ("98.6", "ninety eight point six"),
            ("1,204", "one thousand two hundred four"),
            (".05", "point zero five"),
            ("100", "one hundred"),
            ("2000000", "two million"),
            ("007", "zero zero seven"),
            (
                "1234567890123456",
                "one two three four five six seven eight nine zero one two three four five six",
            ),
        ] {
            assert_eq!(written(text), spoken, "{text}");
        }
    }

    #[test]
    fn ordinals() {
        for (value, spoken) in [
            (1, "first"),
            (12, "twelfth"),
            (20, "twentieth"),
            (31, "thirty first"),
            (100, "one hundredth"),
        ] {
            assert_eq!(ordinal(value), spoken);
        }
    }

    #[test]
    fn years_and_halves() {
        for (value, spoken) in [
            (1985, "nineteen eighty five"),
            (1900, "nineteen hundred"),
            (2000, "two thousand"),
            (2007, "two thousand seven"),
            (2026, "twenty twenty six"),
        ] {
            assert_eq!(year(value), spoken);
        }
        assert_eq!(halves(120), "one twenty");
        assert_eq!(halves(105), "one oh five");
        assert_eq!(halves(80), "eighty");
        assert_eq!(halves(100), "one hundred");
    }
}
