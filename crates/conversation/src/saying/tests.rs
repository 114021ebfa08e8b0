use super::*;

#[test]
fn the_synthesiser_is_one_segment_ahead_and_no_more() {
    let mut saying = Saying::new("item".into(), 0, Some(Epoch(1)));
    saying.push("Where does it hurt? When did it begin? Is it worse at night? ");
    saying.complete();
    assert_eq!(saying.take_ready().map(|s| s.index), Some(0));
    assert_eq!(saying.take_ready().map(|s| s.index), Some(1));
    assert_eq!(saying.take_ready(), None);
    saying.segment_done(0);
    assert_eq!(
        saying.take_ready().map(|s| s.text).as_deref(),
        Some("Is it worse at night? ")
    );
    assert!(saying.all_taken() && !saying.is_over());
    saying.segment_done(1);
    saying.segment_done(2);
    assert!(saying.is_over());
}

#[test]
fn unfinished_segments_are_taken_back_from_the_first_unspoken_word() {
    let mut saying = Saying::new("item".into(), 0, Some(Epoch(1)));
    saying.push("Where does it hurt? When did it begin? ");
    saying.complete();
    while saying.take_ready().is_some() {}
    saying.take_back("Where does ".len());
    let again = saying.take_ready().unwrap();
    assert_eq!(again.text, "it hurt? When did it begin? ");
    assert_eq!(again.index, 2);
}

#[test]
fn what_is_spoken_anew_is_numbered_before_what_follows() {
    let mut saying = Saying::new("item".into(), 0, Some(Epoch(1)));
    saying.push("Where does it hurt? When did it begin? Is it worse at night? ");
    saying.complete();
    while saying.take_ready().is_some() {}
    saying.take_back("Where does ".len());
    let again: Vec<_> = std::iter::from_fn(|| saying.take_ready()).collect();
    assert_eq!(again[1].text, "Is it worse at night? ");
    assert!(again[0].index < again[1].index, "{again:?}");
}

#[test]
fn another_model_goes_on_after_the_last_whole_word() {
    let mut saying = Saying::new("item".into(), 0, Some(Epoch(1)));
    saying.push("Where does it hurt? When did it be");
    assert_eq!(saying.break_off(), 2);
    assert_eq!(
        saying.continued().as_deref(),
        Some("Where does it hurt? When did it")
    );
    for text in [" ", " begin", "?"] {
        saying.push(text);
    }
    saying.complete();
    assert_eq!(saying.said(), "Where does it hurt? When did it begin?");
    let spoken: String = std::iter::from_fn(|| saying.take_ready())
        .map(|s| s.text)
        .collect();
    assert_eq!(spoken, saying.said());
}

#[test]
fn a_written_answer_shows_whole_words_and_its_last_at_the_end() {
    let mut saying = Saying::new("item".into(), 0, None);
    let shown: Vec<_> = ["Take tw", "o ", "tab", "lets."]
        .map(|text| saying.push(text))
        .into_iter()
        .flatten()
        .collect();
    assert_eq!(shown, ["Take ", "two "]);
    assert_eq!(saying.complete().as_deref(), Some("tablets."));
}

#[test]
fn a_filler_comes_first_or_not_at_all() {
    let mut saying = Saying::new("item".into(), 0, Some(Epoch(1)));
    saying.push("Where does it");
    assert!(saying.fill("One moment, please. "));
    assert!(!saying.fill("One moment, please. "));
    saying.push(" hurt?");
    saying.complete();
    let spoken: Vec<_> = std::iter::from_fn(|| saying.take_ready())
        .map(|s| s.text)
        .collect();
    assert_eq!(spoken, ["One moment, please. ", "Where does it hurt?"]);
    assert_eq!(saying.continued().as_deref(), Some("Where does it hurt?"));
}
