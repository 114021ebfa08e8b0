use std::collections::BTreeMap;

/// How soon further mentions of a word stop counting, and how much long passages are held against: the values of
/// Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009).
const K1: f64 = 1.2;
const B: f64 = 0.75;

/// Words of a query that are looked up.
const MOST_WORDS: usize = 64;

/// Which word stands in which text how often. Ranks by BM25.
#[derive(Debug, Default)]
pub(super) struct Index {
    words: BTreeMap<String, Vec<(u32, u32)>>,
    lengths: Vec<u32>,
    total: u64,
}

impl Index {
    /// Adds the next text.
    pub(super) fn add(&mut self, text: &str) {
        let at = self.lengths.len() as u32;
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        let mut length = 0;
        for word in terms(text) {
            *counts.entry(word).or_default() += 1;
            length += 1;
        }
        for (word, count) in counts {
            self.words.entry(word).or_default().push((at, count));
        }
        self.lengths.push(length);
        self.total += u64::from(length);
    }

    /// The texts that fit best, best first, with their scores; of equal ones the earlier first.
    pub(super) fn best(&self, query: &str, most: usize) -> Vec<(usize, f64)> {
        let mut words: Vec<_> = terms(query).take(MOST_WORDS).collect();
        words.sort();
        words.dedup();
        let texts = self.lengths.len() as f64;
        let mean = self.total as f64 / texts.max(1.0);
        let mut scores: BTreeMap<u32, f64> = BTreeMap::new();
        for found in words.iter().filter_map(|word| self.words.get(word)) {
            let holding = found.len() as f64;
            let rarity = ((texts - holding + 0.5) / (holding + 0.5) + 1.0).ln();
            for &(at, count) in found {
                let count = f64::from(count);
                let length = f64::from(self.lengths[at as usize]) / mean.max(1.0);
                let weight = count * (K1 + 1.0) / (count + K1 * (1.0 - B + B * length));
                *scores.entry(at).or_default() += rarity * weight;
            }
        }
        let mut ranked: Vec<_> = scores
            .into_iter()
            .map(|(at, score)| (at as usize, score))
            .collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        ranked.truncate(most);
        ranked
    }
}

/// Words too common to tell one text from another.
#[rustfmt::skip]
const COMMON: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "for", "from", "have", "how", "i", "if", "in", "is", "it",
    "my", "of", "on", "or", "should", "that", "the", "this", "to", "was", "what", "when", "which", "with", "you", "your",
];

/// The words of a text as they are compared: lower case, without the `s` of a plural.
fn terms(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .filter(|word| !COMMON.contains(&word.as_str()))
        .map(|word| match word.strip_suffix('s') {
            Some(stem) if stem.len() > 2 && !stem.ends_with('s') => stem.to_owned(),
            _ => word,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked(texts: &[&str], query: &str) -> Vec<usize> {
        let mut index = Index::default();
        for text in texts {
            index.add(text);
        }
        index.best(query, 10).into_iter().map(|(at, _)| at).collect()
    }

    #[test]
    fn rare_words_short_texts_and_mentions_count() {
        let texts = [
            "Take the tablet with water.",
            "Grapefruit raises the level of some tablets in the blood.",
            "Grapefruit is a fruit, and this long text goes on about fruit, gardens, weather and many other things.",
            "Nothing of use.",
        ];
        assert_eq!(ranked(&texts, "Can I eat grapefruit with my tablets?"), [1, 0, 2]);
        assert_eq!(ranked(&texts, "the of and"), [] as [usize; 0]);
        assert_eq!(ranked(&texts, ""), [] as [usize; 0]);
        assert_eq!(ranked(&[], "water"), [] as [usize; 0]);
    }

    #[test]
    fn scores_are_those_of_the_formula() {
        let mut index = Index::default();
        index.add("dose dose");
        index.add("water water");
        // One of two texts holds the word: ln(1.5 / 1.5 + 1); twice in a text of mean length: 2 · 2.2 / 3.2.
        let expected = 2.0_f64.ln() * 2.0 * 2.2 / 3.2;
        assert!(matches!(index.best("doses", 1)[..], [(0, score)] if (score - expected).abs() < 1e-12));
    }
}
