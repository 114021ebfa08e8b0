//! Dates, years and times of day.

use super::super::{number, tables};
use super::numeric::is_ordinal;
use super::reader::{Reader, Spoken};

/// `03/15/2024`, month first; `15/03/2024` can only be day first.
pub(super) fn date(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> Option<usize> {
    let ((first, _), (second, _), (year, digits)) =
        (reader.whole(at)?, reader.whole(at + 2)?, reader.whole(at + 4)?);
    let joined = reader.joined_by(at + 1, '/') && reader.joined_by(at + 3, '/');
    let (month, day) = if first > 12 {
        (second, first)
    } else {
        (first, second)
    };
    if !joined || !(1..=31).contains(&day) || digits != 4 && digits != 2 {
        return None;
    }
    let year = if digits == 4 {
        number::year(year)
    } else {
        format!("twenty {}", number::cardinal(year))
    };
    let name = tables::month_name(month)?;
    spoken.say(
        &format!("{name} {} {year}", number::ordinal(day)),
        reader.span(at..at + 5),
    );
    Some(5)
}

/// `2024-03-15`.
pub(super) fn iso_date(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> Option<usize> {
    let ((year, digits), (month, _), (day, _)) =
        (reader.whole(at)?, reader.whole(at + 2)?, reader.whole(at + 4)?);
    let joined = reader.joined_by(at + 1, '-') && reader.joined_by(at + 3, '-');
    if !joined || digits != 4 || !(1..=31).contains(&day) {
        return None;
    }
    let name = tables::month_name(month)?;
    let said = format!("{name} {} {}", number::ordinal(day), number::year(year));
    spoken.say(&said, reader.span(at..at + 5));
    Some(5)
}

/// `June 3, 2024`, `Sept. 21st`.
pub(super) fn month_day(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> Option<usize> {
    let written = reader.word(at)?;
    let month = tables::month(written)?;
    let day_at = at + 1 + usize::from(reader.is(at + 1, '.'));
    let (day, digits) = reader.whole(day_at)?;
    if !(1..=31).contains(&day) || digits > 2 || !written.starts_with(char::is_uppercase) {
        return None;
    }
    spoken.say(month_as_written(written, month)?, reader.span(at..day_at));
    let mut next = day_at + 1 + usize::from(is_ordinal(reader, day_at));
    spoken.say(&number::ordinal(day), reader.span(day_at..next));
    let year_at = next + usize::from(reader.is(next, ','));
    if let Some((value, 4)) = reader
        .whole(year_at)
        .filter(|&(value, _)| (1900..2100).contains(&value))
    {
        spoken.say(&number::year(value), reader.span(year_at..year_at + 1));
        next = year_at + 1;
    }
    Some(next - at)
}

/// `3 June 2024`.
pub(super) fn day_month(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> Option<usize> {
    let (day, digits) = reader.whole(at)?;
    let month_at = at + 1 + usize::from(is_ordinal(reader, at));
    let written = reader.word(month_at)?;
    let month = tables::month(written)?;
    if !(1..=31).contains(&day)
        || digits > 2
        || !written.starts_with(char::is_uppercase)
        || reader.glued(month_at)
    {
        return None;
    }
    let article = reader
        .word_before(at)
        .is_some_and(|word| word.eq_ignore_ascii_case("the"));
    let lead = if article { "" } else { "the " };
    spoken.say(
        &format!("{lead}{} of", number::ordinal(day)),
        reader.span(at..month_at),
    );
    spoken.say(
        month_as_written(written, month)?,
        reader.span(month_at..month_at + 1),
    );
    let mut next = month_at + 1;
    if let Some((value, 4)) = reader
        .whole(next)
        .filter(|&(value, _)| (1900..2100).contains(&value))
    {
        spoken.say(&number::year(value), reader.span(next..next + 1));
        next += 1;
    }
    Some(next - at)
}

fn month_as_written(written: &str, month: usize) -> Option<&str> {
    let name = tables::month_name(month as u64)?;
    Some(if name.eq_ignore_ascii_case(written) {
        written
    } else {
        name
    })
}

/// A year, where the words around it say so.
pub(super) fn year(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> Option<usize> {
    const BEFORE: &[&str] = &[
        "in", "since", "until", "till", "by", "from", "year", "before", "after", "during", "early", "late",
    ];
    let (value, digits) = reader.whole(at)?;
    let before = reader.word_before(at).map(str::to_lowercase);
    let month = before
        .as_deref()
        .is_some_and(|word| tables::month(word).is_some());
    let introduced = before.is_some_and(|word| BEFORE.contains(&word.as_str()));
    if digits != 4 || !(1900..2100).contains(&value) || !(introduced || month) {
        return None;
    }
    spoken.say(&number::year(value), reader.span(at..at + 1));
    Some(1)
}

/// `8:30 am`, `14:30`, `9 AM`.
pub(super) fn time(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> Option<usize> {
    let (hour, digits) = reader.whole(at)?;
    let minutes = reader
        .whole(at + 2)
        .filter(|&(minutes, digits)| reader.joined_by(at + 1, ':') && digits == 2 && minutes < 60);
    let half_at = at + if minutes.is_some() { 3 } else { 1 };
    let half = reader.word(half_at).and_then(half_of_day);
    if digits > 2 || hour > 24 || minutes.is_none() && half.is_none() {
        return None;
    }
    let hours = number::cardinal(hour);
    let said = match minutes {
        None => hours,
        Some((0, _)) if half.is_some() => hours,
        Some((0, _)) if hour <= 12 => format!("{hours} o'clock"),
        Some((0, _)) => format!("{hours} hundred hours"),
        Some((minutes, _)) if minutes < 10 => format!("{hours} oh {}", number::cardinal(minutes)),
        Some((minutes, _)) => format!("{hours} {}", number::cardinal(minutes)),
    };
    spoken.say(&said, reader.span(at..half_at));
    let Some(half) = half else {
        return Some(half_at - at);
    };
    spoken.say(half, reader.span(half_at..half_at + 1));
    if reader.word(half_at).is_some_and(|word| word.ends_with('.')) && reader.ends_sentence(half_at) {
        spoken.pause(super::Break::Stop);
    }
    Some(half_at + 1 - at)
}

fn half_of_day(word: &str) -> Option<&'static str> {
    match word.to_lowercase().as_str() {
        "am" | "a.m." | "a.m" => Some("A M"),
        "pm" | "p.m." | "p.m" => Some("P M"),
        _ => None,
    }
}
