//! The local models as providers: what the voice says is detected, judged and transcribed, and dropped streams stop.
//!
//! The models are those of the store in `BEDSIDE_MODELS`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper that fails fails its test"
)]

use std::future::poll_fn;
use std::sync::LazyLock;
use std::time::Duration;

use bedside_conversation::io::{FaultKind, TranscribeCommand, TranscriptEvent, UtteranceId, WordMark};
use bedside_conversation::time::AudioPos;
use bedside_inference::scheduler::{Class, Config};
use bedside_inference::store::{ModelStore, Size, Source};
use bedside_media::audio::format::SampleRate;
use bedside_media::audio::resample::Resampler;
use bedside_providers::local::{LocalFiles, LocalModels, LocalOptions, LocalTurnJudge};
use bedside_providers::report::Reporter;
use bedside_providers::traits::{
    BusAudio, SpeechDetector, SynthesisInput, SynthesisOutput, SynthesisParams, Synthesizer, Transcriber,
    TranscriberInput, TranscriberOutput, TranscriberParams, TranscriberStream, TurnJudge, TurnJudgement,
};
use bytes::Bytes;
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout};

const SENTENCE: &str = "I have had a headache since Monday, and it is getting worse.";
const FRAME: usize = 320;
const LONG: Duration = Duration::from_secs(20);

static MODELS: LazyLock<LocalModels> = LazyLock::new(|| load(LocalOptions::default()));

fn load(options: LocalOptions) -> LocalModels {
    let root = std::env::var("BEDSIDE_MODELS").expect("BEDSIDE_MODELS names the folder of models");
    let store = ModelStore::new(root, Source::Pip);
    let files = LocalFiles::from_store(&store, Size::TinyEn).expect("the models are ready");
    LocalModels::load(&files, options).expect("the models load")
}

/// What the voice makes of `text`, and the marks of its words.
async fn speak(text: &str) -> (Vec<i16>, u32, Vec<WordMark>) {
    let params = SynthesisParams {
        voice: "joe".into(),
        speed: 1.0,
        avoid: Vec::new(),
    };
    let mut stream = MODELS
        .synthesizer()
        .open(params, Reporter::silent())
        .await
        .unwrap();
    stream
        .input
        .send(SynthesisInput {
            segment: 0,
            text: text.into(),
        })
        .await
        .unwrap();
    drop(stream.input);
    let (mut samples, mut hz, mut marks) = (Vec::new(), 0, Vec::new());
    while let Some(said) = timeout(LONG, stream.output.recv()).await.unwrap() {
        match said.unwrap() {
            SynthesisOutput::Audio { pcm, rate, .. } => {
                samples.extend(
                    pcm.chunks_exact(2)
                        .map(|pair| i16::from_le_bytes([pair[0], pair[1]])),
                );
                hz = rate;
            }
            SynthesisOutput::SegmentDone { words, .. } => marks = words,
        }
    }
    (samples, hz, marks)
}

/// The sentence at 16 kHz, after half a second of silence and before one, in whole frames.
async fn spoken() -> &'static [i16] {
    static SPOKEN: OnceCell<Vec<i16>> = OnceCell::const_new();
    SPOKEN
        .get_or_init(|| async {
            let (pcm, hz, _) = speak(SENTENCE).await;
            let mut samples = vec![0i16; 8_000];
            let mut resampler =
                Resampler::new(SampleRate::try_from(hz).unwrap(), SampleRate::HZ_16000).unwrap();
            resampler.process(&pcm, &mut samples).unwrap();
            resampler.finish(&mut samples).unwrap();
            samples.resize((samples.len() + 16_000).next_multiple_of(FRAME), 0);
            samples
        })
        .await
}

fn frames(samples: &[i16], first: u64) -> impl Iterator<Item = BusAudio> + '_ {
    samples
        .chunks(FRAME)
        .enumerate()
        .map(move |(index, frame)| BusAudio {
            at: AudioPos::from_samples(first + (index * FRAME) as u64),
            pcm: frame
                .iter()
                .flat_map(|sample| sample.to_le_bytes())
                .collect::<Bytes>(),
        })
}

/// Words in lower case, without punctuation.
fn words(text: &str) -> Vec<String> {
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    text.split_whitespace()
        .map(bare)
        .filter(|word| !word.is_empty())
        .collect()
}

/// Whether a transcript has the sentence's words, but for one that may be misheard.
fn is_the_sentence(text: &str) -> bool {
    let (said, heard) = (words(SENTENCE), words(text));
    let same = said.iter().zip(&heard).filter(|(a, b)| a == b).count();
    heard.len() == said.len() && same + 1 >= said.len()
}

struct Listening(TranscriberStream);

impl Listening {
    async fn open(models: &LocalModels, partials: bool) -> Self {
        let params = TranscriberParams {
            partials,
            ..TranscriberParams::default()
        };
        Self(
            models
                .transcriber()
                .open(params, Reporter::silent())
                .await
                .unwrap(),
        )
    }

    async fn hear(&self, samples: &[i16], first: u64) {
        for audio in frames(samples, first) {
            timeout(LONG, self.0.input.send(TranscriberInput::Audio(audio)))
                .await
                .unwrap()
                .unwrap();
        }
    }

    async fn command(&self, command: TranscribeCommand) {
        self.0
            .input
            .send(TranscriberInput::Command(command))
            .await
            .unwrap();
    }

    async fn start(&self, id: u32, from: u64) {
        let from = AudioPos::from_samples(from);
        self.command(TranscribeCommand::Start {
            utterance: UtteranceId(id),
            from,
        })
        .await;
    }

    async fn finish(&self, id: u32, attempt: u32, to: usize) {
        let to = AudioPos::from_samples(to as u64);
        self.command(TranscribeCommand::Finish {
            utterance: UtteranceId(id),
            attempt,
            to,
        })
        .await;
    }

    async fn answer(&mut self) -> TranscriberOutput {
        timeout(LONG, self.0.output.recv())
            .await
            .expect("an answer in time")
            .expect("an open stream")
    }

    /// The next final: utterance, attempt, text.
    async fn next_final(&mut self) -> (u32, u32, String) {
        loop {
            let answer = self.answer().await;
            match answer.event {
                TranscriptEvent::Partial { .. } => {}
                TranscriptEvent::Final { attempt, text, .. } => return (answer.utterance.0, attempt, text),
                TranscriptEvent::Failed { fault, .. } => panic!("{fault}"),
            }
        }
    }
}

#[tokio::test]
async fn speech_is_detected_where_it_is() {
    let samples = spoken().await;
    let mut stream = MODELS.detector().open();
    let mut windows = Vec::new();
    for audio in frames(samples, 0) {
        stream.push(&audio);
        while stream.waiting() >= 512 {
            let window = timeout(LONG, poll_fn(|cx| stream.poll_window(cx))).await;
            windows.push(window.unwrap().unwrap());
        }
    }
    assert_eq!(windows.len(), samples.len() / 512);
    for (index, window) in windows.iter().enumerate() {
        assert_eq!(window.end, AudioPos::from_samples((index as u64 + 1) * 512));
    }
    assert!(
        windows[..14].iter().all(|window| window.probability < 0.5),
        "speech in silence"
    );
    let speech = windows.iter().filter(|window| window.probability > 0.5).count() * 512;
    assert!(
        speech > (samples.len() - 24_000) * 6 / 10,
        "{speech} samples of speech"
    );
}

#[tokio::test(start_paused = true)]
async fn a_window_that_nobody_judges_is_a_fault_after_a_second() {
    let models = load(LocalOptions::default());
    let scheduler = models.scheduler();
    // All threads are at work until the test is over.
    let busy: Vec<_> = (0..=scheduler.threads())
        .map(|_| {
            let (over, wait) = std::sync::mpsc::channel::<()>();
            let work = move || wait.recv().is_ok();
            let deadline = std::time::Instant::now() + LONG;
            (scheduler.submit(Class::SpeechDetection, deadline, work), over)
        })
        .collect();
    let mut stream = models.detector().open();
    tokio::time::advance(Duration::from_millis(700)).await;
    for audio in frames(&[0; 2 * FRAME], 0) {
        stream.push(&audio);
    }
    let pushed = Instant::now();
    let fault = poll_fn(|cx| stream.poll_window(cx)).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Timeout);
    let waited = pushed.elapsed();
    assert!(
        waited >= Duration::from_secs(1) && waited < Duration::from_millis(1_010),
        "{waited:?}"
    );
    drop(busy);
}

/// A judgement, however busy the machine is: the judge itself gives up after half a second.
async fn judged(judge: &LocalTurnJudge, samples: &[i16]) -> TurnJudgement {
    timeout(LONG, async {
        loop {
            match judge.judge(samples.to_vec()).await {
                Err(fault) if fault.kind == FaultKind::Timeout => {}
                judgement => return judgement.unwrap(),
            }
        }
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn a_finished_sentence_sounds_finished() {
    let samples = spoken().await;
    let judge = MODELS.turn_judge();
    let end = samples.len() - 12_800;
    let finished = judged(&judge, &samples[..end]).await;
    let cut_off = judged(&judge, &samples[..end / 2]).await;
    assert!(finished.probability > 0.5, "{}", finished.probability);
    assert!(
        cut_off.probability < finished.probability,
        "{}",
        cut_off.probability
    );
    assert!(finished.busy > Duration::ZERO);
}

#[tokio::test]
async fn what_is_spoken_is_transcribed_with_partials_on_the_way() {
    let samples = spoken().await;
    let mut listening = Listening::open(&MODELS, true).await;
    listening.hear(&samples[..6_400], 0).await;
    listening.start(1, 4_800).await;
    let half = samples.len() / 2 / FRAME * FRAME;
    listening.hear(&samples[6_400..half], 6_400).await;
    let TranscriptEvent::Partial { text } = listening.answer().await.event else {
        panic!("no partial")
    };
    let partial = words(&text);
    assert_eq!(partial[..2], words(SENTENCE)[..2], "{text}");

    listening.hear(&samples[half..], half as u64).await;
    listening.finish(1, 1, samples.len()).await;
    let (utterance, attempt, text) = listening.next_final().await;
    assert_eq!((utterance, attempt), (1, 1));
    assert!(is_the_sentence(&text), "{text}");
}

#[tokio::test]
async fn only_the_last_attempt_is_answered() {
    let samples = spoken().await;
    let mut listening = Listening::open(&MODELS, false).await;
    listening.hear(samples, 0).await;
    listening.start(1, 0).await;
    listening.finish(1, 1, samples.len() / 2).await;
    listening.finish(1, 2, samples.len()).await;
    let (_, attempt, text) = listening.next_final().await;
    assert_eq!(attempt, 2);
    assert!(is_the_sentence(&text), "{text}");
    listening.finish(1, 3, samples.len()).await;
    assert_eq!(
        listening.next_final().await,
        (1, 3, text),
        "the same audio needs no second hearing"
    );
}

#[tokio::test]
async fn a_cancelled_utterance_stops_and_the_next_one_is_heard() {
    let models = load(LocalOptions {
        scheduler: Config {
            threads: 1,
            ..Config::default()
        },
        ..LocalOptions::default()
    });
    let samples = spoken().await;
    let mut listening = Listening::open(&models, false).await;
    listening.hear(samples, 0).await;
    listening.start(1, 0).await;
    listening.finish(1, 1, samples.len()).await;
    listening
        .command(TranscribeCommand::Cancel {
            utterance: UtteranceId(1),
        })
        .await;
    listening.start(2, 0).await;
    listening.finish(2, 1, samples.len()).await;
    assert_eq!(listening.next_final().await.0, 2);
    let (_, metrics) = models
        .scheduler()
        .metrics()
        .into_iter()
        .find(|(class, _)| *class == Class::FinalTranscript)
        .unwrap();
    assert_eq!((metrics.cancelled, metrics.finished), (1, 1));
}

#[tokio::test]
async fn an_utterance_that_never_began_is_refused() {
    let mut listening = Listening::open(&MODELS, false).await;
    listening.finish(7, 1, 16_000).await;
    let TranscriptEvent::Failed { attempt, fault } = listening.answer().await.event else {
        panic!("no fault")
    };
    assert_eq!((attempt, fault.kind), (1, FaultKind::Refused));
}

#[tokio::test]
async fn no_audio_has_no_words() {
    let mut listening = Listening::open(&MODELS, true).await;
    listening.start(1, 16_000).await;
    listening.finish(1, 1, 16_000).await;
    assert_eq!(listening.next_final().await, (1, 1, String::new()));
}

#[tokio::test]
async fn the_last_answer_comes_although_nothing_more_is_fed() {
    let samples = spoken().await;
    let listening = Listening::open(&MODELS, false).await;
    listening.hear(samples, 0).await;
    listening.start(1, 0).await;
    listening.finish(1, 1, samples.len()).await;
    let TranscriberStream { input, mut output } = listening.0;
    drop(input);
    assert!(matches!(
        timeout(LONG, output.recv()).await.unwrap().unwrap().event,
        TranscriptEvent::Final { .. }
    ));
    assert_eq!(timeout(LONG, output.recv()).await.unwrap(), None);
}

#[tokio::test]
async fn every_word_is_marked_in_order_within_the_audio() {
    let text = "Take 10 mg of lisinopril daily. Dr. Lee will call you, as always, on Monday.";
    let (samples, hz, marks) = speak(text).await;
    let marked: Vec<_> = marks.iter().map(|mark| text[mark.text.clone()].trim()).collect();
    assert_eq!(marked, text.split_whitespace().collect::<Vec<_>>());
    let length = Duration::from_secs_f64(samples.len() as f64 / f64::from(hz));
    assert!(
        marks.is_sorted_by(|a, b| a.start < a.end && a.end <= b.start),
        "{marks:?}"
    );
    assert!(marks.last().unwrap().end <= length);
}

#[tokio::test]
async fn a_dropped_stream_ends_its_task() {
    let params = SynthesisParams {
        voice: "joe".into(),
        speed: 1.0,
        avoid: Vec::new(),
    };
    let mut stream = MODELS
        .synthesizer()
        .open(params, Reporter::silent())
        .await
        .unwrap();
    let text = "This is a long story. ".repeat(50);
    stream
        .input
        .send(SynthesisInput { segment: 0, text })
        .await
        .unwrap();
    timeout(LONG, stream.output.recv())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    drop(stream.output);
    timeout(LONG, stream.input.closed())
        .await
        .expect("the voice goes on for nobody");

    let listening = Listening::open(&MODELS, true).await;
    drop(listening.0.output);
    timeout(LONG, listening.0.input.closed())
        .await
        .expect("transcription goes on for nobody");
}
