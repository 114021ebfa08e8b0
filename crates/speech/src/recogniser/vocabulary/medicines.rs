//! The names that may be put right.

/// Pronunciations under headings; the first two headings are medicines.
const SUPPLEMENT: &str = include_str!("../../text/supplement.tsv");
const HEADINGS: [&str; 2] = ["# Generic medicines", "# Brands"];

/// Medicines that the general lexicon can pronounce, which is why the supplement lacks them.
const COMMON: &str = "aspirin codeine cortisone cyclosporine digoxin hydrocortisone ibuprofen lithium melatonin \
    methadone morphine naloxone naproxen nitroglycerin progesterone testosterone Tylenol Valium Viagra Xanax";

/// Names of medicines as written within a sentence.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let mut wanted = false;
    let supplement = SUPPLEMENT.lines().filter_map(move |line| {
        if line.starts_with('#') {
            wanted = HEADINGS.contains(&line);
            return None;
        }
        line.split('\t').next().filter(|_| wanted)
    });
    supplement.chain(COMMON.split_whitespace())
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn medicines_are_there_and_ailments_are_not() {
        let names: Vec<_> = names().collect();
        for name in ["metformin", "Eliquis", "ibuprofen"] {
            assert!(names.contains(&name), "{name}");
        }
        assert!(
            !names.contains(&"diarrhea") && names.len() > 400,
            "{}",
            names.len()
        );
    }
}
