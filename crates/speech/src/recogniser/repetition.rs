//! Recognising that the decoder has begun to repeat itself, which it does when it hears less than the 30 s it was
//! trained on.

/// How many tokens at the end only repeat what stands before them; zero while nothing does.
///
/// Patients repeat themselves too ("no, no, no"), so the shorter the block the more copies it takes: five of one
/// token, four of two, three of three, two of four to forty.
pub(super) fn repeated_tail<T: PartialEq>(tokens: &[T]) -> usize {
    const LONGEST: usize = 40;
    (1..=LONGEST)
        .map(|block| (block, extra_copies(block) * block))
        .take_while(|(block, extra)| block + extra <= tokens.len() || *block < 4)
        .find(|(block, extra)| {
            tokens.len() >= block + extra
                && tokens[tokens.len() - extra..]
                    == tokens[tokens.len() - extra - block..tokens.len() - block]
        })
        .map_or(0, |(_, extra)| extra)
}

fn extra_copies(block: usize) -> usize {
    match block {
        1 => 4,
        2 => 3,
        3 => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, repeated: usize) {
        let tokens: Vec<&str> = text.split_whitespace().collect();
        assert_eq!(repeated_tail(&tokens), repeated, "{text}");
    }

    #[test]
    fn ordinary_speech_is_left_alone() {
        check("", 0);
        check("no no no no", 0);
        check("it hurts it hurts it hurts", 0);
        check("I feel sick I feel sick", 0);
        check("a b c d e a b c d f", 0);
    }

    #[test]
    fn loops_are_found_at_every_length() {
        check("x no no no no no", 4);
        check("x it hurts it hurts it hurts it hurts", 6);
        check("I feel sick I feel sick I feel sick", 6);
        check("go forward ten meters go forward ten meters", 4);
        check("so a b c d e f a b c d e f", 6);
    }

    #[test]
    fn the_longest_block_is_forty() {
        let block: Vec<usize> = (0..40).collect();
        assert_eq!(repeated_tail(&[block.clone(), block].concat()), 40);
        let block: Vec<usize> = (0..41).collect();
        assert_eq!(repeated_tail(&[block.clone(), block].concat()), 0);
    }
}
