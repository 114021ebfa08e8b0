//! What escalates and what does not, utterance by utterance.

use bedside_conversation::consultation::{Protocol, RedFlags};

#[rustfmt::skip]
const ESCALATES: &[(&str, &str)] = &[
    ("chest-pain", "I have chest pain."),
    ("chest-pain", "I've got this crushing pain in my chest"),
    ("chest-pain", "my chest hurts"),
    ("chest-pain", "My chest feels really tight when I walk upstairs."),
    ("chest-pain", "it's like an elephant sitting on my chest"),
    ("chest-pain", "there is a pressure across the middle of my chest"),
    ("chest-pain", "I think I'm having a heart attack"),
    ("chest-pain", "No, chest pain."),
    ("chest-pain", "No. I have chest pain."),
    ("chest-pain", "No, I have chest pain"),
    ("chest-pain", "no fever and chest pain since this morning"),
    ("chest-pain", "I don't know if this is chest pain"),
    ("chest-pain", "I'm not sure, maybe chest pain?"),
    ("chest-pain", "I've never had chest pain like this before"),
    ("chest-pain", "I can't walk to the mailbox without chest pain"),
    ("chest-pain", "I don't have a cough, but my chest hurts"),
    ("chest-pain", "i dont have a headache i have chest pain"),
    ("chest-pain", "I didn't sleep because of the chest pain"),
    ("chest-pain", "I had chest pain yesterday"),
    ("chest-pain", "My chest pain started three years ago"),
    ("chest-pain", "my husband has chest pain right now"),
    ("chest-pain", "What if I get chest pain again?"),
    ("chest-pain", "Chest pain. No idea why."),
    ("chest-pain", "It's not only chest pain"),
    ("chest-pain", "No fever, chest pain."),
    ("chest-pain", "I cannot sleep or eat, my chest hurts or burns"),
    ("not-breathing", "I can't breathe"),
    ("not-breathing", "i cant breath"),
    ("not-breathing", "I can hardly breathe, please help"),
    ("not-breathing", "she's not breathing"),
    ("not-breathing", "No chest pain, but some trouble breathing"),
    ("not-breathing", "I'm really short of breath"),
    ("not-breathing", "I can't catch my breath"),
    ("not-breathing", "He is gasping for air"),
    ("not-breathing", "his lips are turning blue"),
    ("stroke", "my face is drooping on one side"),
    ("stroke", "the left side of my mouth droops"),
    ("stroke", "Her speech is slurred"),
    ("stroke", "my words are coming out slurred"),
    ("stroke", "my right arm suddenly went weak"),
    ("stroke", "I can't move my left arm"),
    ("stroke", "there's numbness down my left side"),
    ("stroke", "I can't get my words out"),
    ("stroke", "I suddenly lost vision in one eye"),
    ("stroke", "I think my dad is having a stroke"),
    ("anaphylaxis", "my throat is closing up"),
    ("anaphylaxis", "My throat feels like it's swelling"),
    ("anaphylaxis", "my tongue is swelling"),
    ("anaphylaxis", "My lips are all swollen after eating peanuts"),
    ("anaphylaxis", "I used my EpiPen"),
    ("suicide", "I don't want to live anymore"),
    ("suicide", "i dont wanna live"),
    ("suicide", "I do not want to be here any more."),
    ("suicide", "I want to kill myself"),
    ("suicide", "I can't stop thinking about killing myself"),
    ("suicide", "I've been thinking about suicide"),
    ("suicide", "I just want to end it all"),
    ("suicide", "Everyone would be better off without me"),
    ("suicide", "I wish I was dead"),
    ("suicide", "there's no reason to live"),
    ("suicide", "I have nothing to live for"),
    ("suicide", "I can't go on like this"),
    ("suicide", "I tried to kill myself three years ago"),
    ("suicide", "I keep having thoughts of hurting myself"),
    ("suicide", "I don't think I want to kill myself"),
    ("suicide", "life is just not worth living"),
    ("suicide", "I don't want to wake up tomorrow"),
    ("overdose", "I took too many pills"),
    ("overdose", "I think I've overdosed"),
    ("overdose", "I swallowed a whole bottle of tablets"),
    ("overdose", "My son drank bleach"),
    ("overdose", "I took all my sleeping pills"),
    ("severe-bleeding", "it won't stop bleeding"),
    ("severe-bleeding", "I can't stop the bleeding"),
    ("severe-bleeding", "I'm bleeding heavily"),
    ("severe-bleeding", "I've been vomiting blood"),
    ("severe-bleeding", "He lost a lot of blood"),
    ("severe-bleeding", "there's blood everywhere"),
    ("unconscious", "I passed out in the kitchen"),
    ("unconscious", "She's unconscious"),
    ("unconscious", "I fainted this morning"),
    ("unconscious", "my wife won't wake up"),
    ("unconscious", "he is having a seizure"),
    ("thunderclap-headache", "This is the worst headache of my life"),
    ("thunderclap-headache", "the worst headache I've ever had"),
    ("thunderclap-headache", "It was a sudden, terrible headache"),
    ("thunderclap-headache", "I've never had a headache like this"),
];

#[rustfmt::skip]
const PASSES: &[&str] = &[
    "No chest pain.",
    "no chest pain",
    "I don't have any chest pain",
    "i dont have chest pain",
    "I do not have chest pain right now",
    "No, I don't have any chest pain.",
    "I haven't had any chest pain.",
    "There is no chest pain",
    "There isn't any pain in my chest.",
    "Patient denies chest pain",
    "I've never had chest pain",
    "It hurts, but without chest pain",
    "No fever, chest pain or cough.",
    "No fever, cough or chest pain.",
    "I don't have fever, chest pain, or shortness of breath",
    "neither chest pain nor dizziness",
    "Chest pain? No.",
    "Chest pain? No, nothing like that.",
    "Chest pain, no.",
    "chest pain no",
    "My chest doesn't hurt.",
    "I don't feel any tightness in my chest",
    "I had a chest x-ray last week",
    "I have a chest cold",
    "My father had a heart attack when he was fifty",
    "My mother died of a stroke",
    "My dad had a stroke at seventy.",
    "I had a heart attack five years ago",
    "I had a stroke in 2015",
    "I passed out once when I was a kid",
    "I fainted as a child, that was all",
    "I can breathe fine",
    "I don't have any trouble breathing",
    "I get a bit short of breath on the stairs",
    "My breathing is okay",
    "I don't have trouble speaking",
    "My speech is not slurred",
    "my face isn't drooping",
    "My arm is not weak or numb",
    "no weakness in my arms or legs",
    "My arm hurts a little at the elbow",
    "My face is a bit red",
    "My throat is sore",
    "My throat isn't swelling",
    "my tongue isn't swollen",
    "no allergic reactions",
    "I don't want to die",
    "I don't want to kill myself",
    "I am not suicidal.",
    "I have no thoughts of suicide",
    "I've never thought about suicide",
    "I'm not thinking about hurting myself",
    "I live alone and I don't live near anyone",
    "I hurt myself playing football",
    "I cut myself shaving",
    "I want to live long enough to see my grandchildren",
    "The pain stops at the end, it goes away",
    "I took two ibuprofen",
    "I take all my pills every morning",
    "I haven't taken too many pills",
    "I missed a couple of tablets",
    "I drank too much coffee",
    "It bled a little but stopped",
    "I'm not bleeding heavily",
    "there is no blood in my stool",
    "I did a blood test",
    "I didn't pass out",
    "I never lost consciousness",
    "I haven't had any seizures or fainting",
    "I have a mild headache",
    "I get headaches sometimes",
    "It's not the worst headache of my life",
    "My blood pressure was one twenty over eighty",
    "Yes.",
    "No, nothing else.",
    "About a week",
    "It's like six out of ten",
    "I take lisinopril and metformin",
    "I can't talk long, I'm at work",
    "",
    "...",
];

#[test]
fn every_danger_is_heard_in_both_protocols() {
    for protocol in [Protocol::general_intake(), Protocol::blood_pressure_follow_up()] {
        let flags = RedFlags::new(&protocol.unwrap());
        let wrong: Vec<_> = ESCALATES
            .iter()
            .map(|(id, said)| (id, said, flags.find(said)))
            .filter(|(id, _, found)| found.as_ref().is_none_or(|f| f.id != **id))
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

#[test]
fn nothing_else_escalates() {
    let flags = RedFlags::new(&Protocol::general_intake().unwrap());
    let wrong: Vec<_> = PASSES
        .iter()
        .filter_map(|said| Some((said, flags.find(said)?)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_match_quotes_the_transcript() {
    let flags = RedFlags::new(&Protocol::general_intake().unwrap());
    let found = flags
        .find("Well… it’s, um. I’ve got Chest Pain, you know?")
        .unwrap();
    assert_eq!(found.matched, "Chest Pain");
    assert_eq!(found.reason, "Chest pain: possible heart attack");
    assert_eq!(
        flags.find("Honestly, I can’t breathe!").unwrap().matched,
        "can’t breathe"
    );
}

#[test]
fn the_gravest_of_several_is_reported() {
    let flags = RedFlags::new(&Protocol::general_intake().unwrap());
    assert_eq!(
        flags
            .find("I fainted. Then my chest hurt, I have chest pain.")
            .unwrap()
            .id,
        "chest-pain"
    );
}
