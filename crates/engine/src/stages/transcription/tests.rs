use std::sync::Mutex;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::*;

type Ends = (
    TranscriberParams,
    mpsc::Receiver<TranscriberInput>,
    mpsc::Sender<TranscriberOutput>,
);

/// Keeps the other ends of the streams it opened.
#[derive(Default)]
struct Opened(Mutex<Vec<Ends>>);

impl Transcriber for Opened {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn open(
        &self,
        params: TranscriberParams,
        _reporter: Reporter,
    ) -> BoxFuture<'static, Result<TranscriberStream, StageFault>> {
        let (input, fed) = mpsc::channel(1_000);
        let (answers, output) = mpsc::channel(10);
        if let Ok(mut opened) = self.0.lock() {
            opened.push((params, fed, answers));
        }
        async move { Ok(TranscriberStream { input, output }) }.boxed()
    }
}

impl Opened {
    fn streams(&self) -> usize {
        self.0.lock().map_or(0, |opened| opened.len())
    }

    fn latest(&self) -> Ends {
        let mut opened = self.0.lock().expect("no test panicked");
        opened.pop().expect("a stream was opened")
    }
}

const FIRST: UtteranceId = UtteranceId(1);

fn stage() -> (Arc<Opened>, Transcription) {
    let opened = Arc::new(Opened::default());
    let limit = Duration::from_secs(3);
    let stage = Transcription::new(
        opened.clone(),
        Reporter::silent(),
        TranscriberParams::default(),
        limit,
    );
    (opened, stage)
}

fn in_german() -> TranscriberParams {
    TranscriberParams {
        language: Some("de".to_owned()),
        ..TranscriberParams::default()
    }
}

/// Tells the stage of audio in frames of 20 ms; how often it had something to poll for.
fn hear(stage: &mut Transcription, from_ms: u64, to_ms: u64) -> usize {
    let frames = (from_ms..to_ms).step_by(20).map(|at| BusAudio {
        at: AudioPos::from_millis(at),
        pcm: Bytes::from_static(&[0; 640]),
    });
    frames.filter(|frame| stage.push(frame)).count()
}

/// What the transcriber was told of: positions and lengths of audio, and commands; in milliseconds.
fn told(fed: &mut mpsc::Receiver<TranscriberInput>) -> Vec<Option<(u64, u64)>> {
    std::iter::from_fn(|| fed.try_recv().ok())
        .map(|item| match item {
            TranscriberInput::Audio(audio) => Some((audio.at.as_millis(), audio.pcm.len() as u64 / 32)),
            TranscriberInput::Command(_) => None,
        })
        .collect()
}

fn start(stage: &mut Transcription, from_ms: u64) {
    stage.command(TranscribeCommand::Start {
        utterance: FIRST,
        from: AudioPos::from_millis(from_ms),
    });
}

fn finish(stage: &mut Transcription, attempt: u32, to_ms: u64) {
    stage.command(TranscribeCommand::Finish {
        utterance: FIRST,
        attempt,
        to: AudioPos::from_millis(to_ms),
    });
}

fn poll(stage: &mut Transcription) -> Poll<Result<TranscriberOutput, StageFault>> {
    let everything = AudioPos::from_samples(u64::MAX);
    stage.poll(&mut Context::from_waker(std::task::Waker::noop()), everything)
}

fn answer(attempt: u32) -> TranscriberOutput {
    TranscriberOutput {
        utterance: FIRST,
        event: TranscriptEvent::Final {
            attempt,
            text: String::new(),
            busy: Duration::ZERO,
            provider: "fake",
        },
    }
}

fn has_failed(stage: &mut Transcription, expected: u32) -> bool {
    let Poll::Ready(Ok(answer)) = poll(stage) else {
        return false;
    };
    matches!(answer.event, TranscriptEvent::Failed { attempt, .. } if attempt == expected)
}

#[tokio::test(start_paused = true)]
async fn frames_are_handed_over_in_pieces_and_all_of_them_before_a_command() {
    let (opened, mut stage) = stage();
    // The stream is opened with the first frame.
    assert_eq!(hear(&mut stage, 0, 260), 3);
    assert!(poll(&mut stage).is_pending());
    let (_, mut fed, _answers) = opened.latest();
    assert_eq!(told(&mut fed), [Some((0, 100)), Some((100, 100))]);
    assert_eq!(stage.backlog(), 60 * 16);
    start(&mut stage, 40);
    assert!(poll(&mut stage).is_pending());
    assert_eq!(told(&mut fed), [None, Some((200, 60))]);
    assert_eq!(hear(&mut stage, 260, 360), 1);
    finish(&mut stage, 1, 340);
    assert!(poll(&mut stage).is_pending());
    assert_eq!(told(&mut fed), [Some((260, 100)), None]);
}

/// A patient paused, the text so far came, and they went on.
fn paused_and_went_on() -> (Arc<Opened>, Transcription, Ends) {
    let (opened, mut stage) = stage();
    hear(&mut stage, 0, 1_000);
    start(&mut stage, 200);
    finish(&mut stage, 1, 900);
    assert!(poll(&mut stage).is_pending());
    let ends = opened.latest();
    ends.2.try_send(answer(1)).expect("there is room");
    assert_eq!(poll(&mut stage), Poll::Ready(Ok(answer(1))));
    hear(&mut stage, 1_000, 2_000);
    (opened, stage, ends)
}

#[tokio::test(start_paused = true)]
async fn a_break_after_a_pause_fails_what_is_asked_next() {
    let (_, mut stage, ends) = paused_and_went_on();
    drop(ends);
    assert!(matches!(poll(&mut stage), Poll::Ready(Err(_))));
    finish(&mut stage, 2, 1_900);
    assert!(has_failed(&mut stage, 2));
    finish(&mut stage, 3, 1_950);
    assert!(has_failed(&mut stage, 3));
}

#[tokio::test(start_paused = true)]
async fn a_turn_lasts_until_it_is_over_and_answered() {
    let (opened, mut stage, ends) = paused_and_went_on();
    stage.configure(in_german(), false);
    assert_eq!((stage.is_idle(), opened.streams()), (false, 0));
    finish(&mut stage, 2, 1_900);
    stage.turn_over();
    assert_eq!((stage.is_idle(), opened.streams()), (false, 0));
    ends.2.try_send(answer(2)).expect("there is room");
    assert!(poll(&mut stage).is_ready());
    assert_eq!((stage.is_idle(), opened.latest().0), (true, in_german()));
}

#[tokio::test(start_paused = true)]
async fn a_new_stream_is_told_the_last_second() {
    let (opened, mut stage) = stage();
    hear(&mut stage, 0, 5_000);
    stage.configure(in_german(), false);
    assert!(poll(&mut stage).is_pending());
    let (_, mut fed, _answers) = opened.latest();
    let first = fed.try_recv().expect("it is told of audio");
    assert!(matches!(first, TranscriberInput::Audio(audio) if audio.at == AudioPos::from_millis(4_000)));
    start(&mut stage, 4_700);
    finish(&mut stage, 1, 4_900);
    assert!(poll(&mut stage).is_pending(), "nothing of the utterance is lost");
}

#[tokio::test(start_paused = true)]
async fn a_held_button_keeps_its_stream_until_the_commit_is_answered() {
    let (opened, mut stage) = stage();
    stage.configure(TranscriberParams::default(), true);
    hear(&mut stage, 0, 3_000);
    assert!(poll(&mut stage).is_pending());
    let (_, _fed, answers) = opened.latest();
    stage.configure(in_german(), true);
    assert_eq!((stage.is_idle(), opened.streams()), (false, 0));
    start(&mut stage, 0);
    finish(&mut stage, 1, 3_000);
    stage.turn_over();
    answers.try_send(answer(1)).expect("there is room");
    assert!(poll(&mut stage).is_ready());
    assert_eq!((stage.is_idle(), opened.latest().0), (true, in_german()));
}

#[tokio::test(start_paused = true)]
async fn a_break_while_the_button_is_held_fails_the_turn() {
    let (opened, mut stage) = stage();
    stage.configure(TranscriberParams::default(), true);
    hear(&mut stage, 0, 3_000);
    assert!(poll(&mut stage).is_pending());
    drop(opened.latest());
    assert!(matches!(poll(&mut stage), Poll::Ready(Err(_))));
    tokio::time::advance(REOPEN_AFTER).await;
    hear(&mut stage, 3_000, 4_000);
    assert!(poll(&mut stage).is_pending());
    start(&mut stage, 0);
    finish(&mut stage, 1, 4_000);
    assert!(has_failed(&mut stage, 1));
}
