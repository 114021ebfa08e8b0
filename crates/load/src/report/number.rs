//! Numbers as people read them.

/// A number with as many places as matter: `0.42`, `7.3`, `1,204`. A dash if it is none.
pub(super) fn number(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let places = match value.abs() {
        size if size < 0.000_5 => return "0".to_owned(),
        size if size < 1.0 => 3,
        size if size < 10.0 => 2,
        size if size < 100.0 => 1,
        _ => 0,
    };
    let text = format!("{value:.places$}");
    if places > 0 {
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    grouped(&text)
}

/// A count: `1,204`.
pub(super) fn count(value: u64) -> String {
    grouped(&value.to_string())
}

/// A value with its unit, or a dash.
pub(super) fn with_unit(value: f64, unit: &str) -> String {
    if value.is_finite() && !unit.is_empty() {
        format!("{} {unit}", number(value))
    } else {
        number(value)
    }
}

/// A size of memory: `812 kB`, `1.5 GB`, in powers of ten.
pub(super) fn bytes(value: f64) -> String {
    let (divisor, unit) = match value.abs() {
        size if size < 1e3 => (1.0, "B"),
        size if size < 1e6 => (1e3, "kB"),
        size if size < 1e9 => (1e6, "MB"),
        _ => (1e9, "GB"),
    };
    with_unit(value / divisor, unit)
}

/// A length of time: `45 s`, `2 min 5 s`, `1 h 10 min`.
pub(super) fn duration(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return "–".to_owned();
    }
    let whole = seconds.round() as u64;
    let parts = |large: u64, large_unit: &str, small: u64, small_unit: &str| match small {
        0 => format!("{large} {large_unit}"),
        _ => format!("{large} {large_unit} {small} {small_unit}"),
    };
    match whole {
        0 => format!("{} s", number(seconds)),
        1..60 => format!("{whole} s"),
        60..3_600 => parts(whole / 60, "min", whole % 60, "s"),
        _ => parts(whole / 3_600, "h", whole % 3_600 / 60, "min"),
    }
}

/// Round values from 0 to at least `most`, four to seven of them, and evenly spaced.
pub(super) fn ticks(most: f64) -> Vec<f64> {
    let most = if most.is_finite() && most > 0.0 { most } else { 1.0 };
    let rough = most / 5.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .map(|step| step * power)
        .into_iter()
        .find(|&step| step >= rough * 0.999)
        .unwrap_or(rough);
    let count = (most / step - 1e-6).ceil() as usize;
    (0..=count).map(|tick| tick as f64 * step).collect()
}

fn grouped(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let mut out = String::from(sign);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_places_that_matter() {
        for (value, text) in [
            (0.0, "0"),
            (0.000_1, "0"),
            (0.42, "0.42"),
            (7.301, "7.3"),
            (43.25, "43.2"),
            (204.0, "204"),
            (1_204_999.6, "1,205,000"),
            (-1_204.0, "-1,204"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn memory_and_time_have_the_unit_that_fits() {
        assert_eq!(bytes(58_300.0), "58.3 kB");
        assert_eq!(bytes(1.5e9), "1.5 GB");
        assert_eq!(duration(0.25), "0.25 s");
        assert_eq!(duration(125.0), "2 min 5 s");
        assert_eq!(duration(1_800.0), "30 min");
        assert_eq!(duration(4_200.0), "1 h 10 min");
    }

    #[test]
    fn ticks_are_few_and_reach_the_top() {
        for most in [0.003, 1.0, 7.0, 10.0, 99.0, 2_000.0, 123_456.0, f64::NAN, -1.0] {
            let ticks = ticks(most);
            assert!((4..=7).contains(&ticks.len()), "{most}: {ticks:?}");
            assert!(
                ticks.last().is_some_and(|&top| top >= most || !most.is_finite()),
                "{most}: {ticks:?}"
            );
        }
    }
}
