//! Quantities: blood pressures, fractions, money, numbers with units.

use super::super::{number, tables};
use super::reader::{Reader, Spoken};

/// `120/80`.
pub(super) fn blood_pressure(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> Option<usize> {
    let ((systolic, _), (diastolic, _)) = (reader.whole(at)?, reader.whole(at + 2)?);
    let plausible = (60..=260).contains(&systolic) && (30..=160).contains(&diastolic) && diastolic < systolic;
    if !plausible || !reader.joined_by(at + 1, '/') {
        return None;
    }
    spoken.say(&number::halves(systolic), reader.span(at..at + 1));
    spoken.say("over", reader.span(at + 1..at + 2));
    spoken.say(&number::halves(diastolic), reader.span(at + 2..at + 3));
    let (taken, (_, many)) = unit(reader, at + 3).unwrap_or((0, ("", "")));
    spoken.say(many, reader.span(at + 3..at + 3 + taken));
    Some(3 + taken)
}

/// `1/2`, `1 1/2`, `½`, `7/10`.
pub(super) fn fraction(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> Option<usize> {
    let whole = reader
        .whole(at)
        .filter(|_| part(reader, at + 1).is_some() && !reader.is(at + 1, '/'));
    let part_at = at + usize::from(whole.is_some());
    let (above, below, taken) = part(reader, part_at)?;
    let end = part_at + taken;
    let said = match (whole, above, below) {
        (Some((whole, _)), 1, 2) => format!("{} and a half", number::cardinal(whole)),
        (Some((whole, _)), ..) => format!("{} and {}", number::cardinal(whole), parts(above, below)?),
        (None, 1, 2) if reader.word(end).is_some() => "half a".to_owned(),
        (None, _, 10) => format!("{} out of ten", number::cardinal(above)),
        (None, ..) => parts(above, below)
            .unwrap_or_else(|| format!("{} over {}", number::cardinal(above), number::cardinal(below))),
    };
    spoken.say(&said, reader.span(at..end));
    let Some((taken, (one, many))) = unit(reader, end) else {
        return Some(end - at);
    };
    let name = match whole {
        Some(_) => many.to_owned(),
        None if said == "half a" => one.to_owned(),
        None => format!("of a {one}"),
    };
    spoken.say(&name, reader.span(end..end + taken));
    Some(end + taken - at)
}

/// Numerator, denominator, tokens taken.
fn part(reader: &Reader<'_>, at: usize) -> Option<(u64, u64, usize)> {
    let vulgar = match reader.symbol(at) {
        Some('½') => Some((1, 2, 1)),
        Some('⅓') => Some((1, 3, 1)),
        Some('⅔') => Some((2, 3, 1)),
        Some('¼') => Some((1, 4, 1)),
        Some('¾') => Some((3, 4, 1)),
        _ => None,
    };
    vulgar.or_else(|| {
        let ((above, _), (below, _)) = (reader.whole(at)?, reader.whole(at + 2)?);
        let alone = !reader.glued(at)
            || reader
                .symbol(at.wrapping_sub(1))
                .is_some_and(|before| before != '/');
        let small = (1..=10).contains(&below) && above <= 10;
        (reader.joined_by(at + 1, '/') && alone && small && !reader.joined_by(at + 3, '/'))
            .then_some((above, below, 3))
    })
}

fn parts(above: u64, below: u64) -> Option<String> {
    let name = match below {
        2 => "half".to_owned(),
        4 => "quarter".to_owned(),
        3 | 5..=9 => number::ordinal(below),
        _ => return None,
    };
    let plural = match (above, below) {
        (1, _) => name,
        (_, 2) => "halves".to_owned(),
        _ => format!("{name}s"),
    };
    (above > 0 && above < below).then(|| format!("{} {plural}", number::cardinal(above)))
}

/// `$12.50`, `$3 million`.
pub(super) fn money(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> Option<usize> {
    let (one, many) = match reader.symbol(at)? {
        '$' => ("dollar", "dollars"),
        '€' => ("euro", "euros"),
        '£' => ("pound", "pounds"),
        _ => return None,
    };
    let amount = reader.number(at + 1)?;
    let scale = reader
        .word(at + 2)
        .filter(|word| ["thousand", "million", "billion"].contains(word));
    let end = at + 2 + usize::from(scale.is_some());
    let said = match (scale, amount.split_once('.')) {
        (Some(scale), _) => format!("{} {scale} {many}", number::written(amount)),
        (None, Some((whole, cents))) if cents.len() == 2 && !whole.is_empty() => {
            let (whole_name, cents_name) = (
                if whole == "1" { one } else { many },
                if cents == "01" { "cent" } else { "cents" },
            );
            let cents = number::cardinal(cents.parse().ok()?);
            format!("{} {whole_name} and {cents} {cents_name}", number::written(whole))
        }
        _ => format!(
            "{} {}",
            number::written(amount),
            if amount == "1" { one } else { many }
        ),
    };
    spoken.say(&said, reader.span(at..end));
    Some(end - at)
}

/// `500 mg`, `98.6°F`, `5 mg/kg/day`.
pub(super) fn quantity(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> Option<usize> {
    let amount = reader.number(at)?;
    let (taken, (one, many)) = unit(reader, at + 1)?;
    spoken.say(&number::written(amount), reader.span(at..at + 1));
    let mut next = at + 1 + taken;
    spoken.say(if amount == "1" { one } else { many }, reader.span(at + 1..next));
    while reader.joined_by(next, '/') {
        let Some((taken, name)) = divisor(reader, next + 1) else {
            break;
        };
        spoken.say(&format!("per {name}"), reader.span(next..next + 1 + taken));
        next += 1 + taken;
    }
    Some(next - at)
}

fn divisor<'t>(reader: &Reader<'t>, at: usize) -> Option<(usize, String)> {
    let squared = reader.is(at + 1, '²') || reader.number(at + 1) == Some("2") && reader.glued(at + 1);
    match unit(reader, at) {
        Some((taken, (one, _))) if squared => Some((taken + 1, format!("square {one}"))),
        Some((taken, (one, _))) => Some((taken, one.to_owned())),
        None => {
            let word: &'t str = reader.word(at)?;
            word.bytes()
                .all(|b| b.is_ascii_lowercase())
                .then(|| (1, word.to_owned()))
        }
    }
}

/// The unit at a token: tokens taken, its name for one and for several.
fn unit(reader: &Reader<'_>, at: usize) -> Option<(usize, (&'static str, &'static str))> {
    if reader.is(at, '%') {
        return Some((1, ("percent", "percent")));
    }
    if reader.is(at, '°') {
        return Some(match reader.word(at + 1) {
            Some("F") => (2, ("degree Fahrenheit", "degrees Fahrenheit")),
            Some("C") => (2, ("degree Celsius", "degrees Celsius")),
            _ => (1, ("degree", "degrees")),
        });
    }
    let word = reader.word(at)?;
    let glued = reader.glued(at);
    match word {
        "F" if glued => return Some((1, ("degree Fahrenheit", "degrees Fahrenheit"))),
        "C" if glued => return Some((1, ("degree Celsius", "degrees Celsius"))),
        "mm" if reader.word(at + 1) == Some("Hg") => {
            return Some((2, ("millimeter of mercury", "millimeters of mercury")));
        }
        "y" if reader.joined_by(at + 1, '/') && reader.word(at + 2) == Some("o") => {
            return Some((3, ("year old", "year old")));
        }
        _ => {}
    }
    let names = tables::unit(word)?;
    let period = reader.is(at + 1, '.') && reader.glued(at + 1) && !reader.ends_sentence(at + 1);
    Some((1 + usize::from(period), names))
}
