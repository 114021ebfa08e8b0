//! A patient's voice: the program's own, at another pace.

use std::collections::hash_map::DefaultHasher;
use std::fs::File;
use std::hash::{Hash, Hasher};
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use bedside_media::audio::format::SampleRate;
use bedside_media::audio::pcm;
use bedside_media::audio::resample::Resampler;
use bedside_media::audio::wav::Wav;
use bedside_protocol::encode_audio;

use crate::loudspeaker::is_audible;
use crate::program::run;

/// Samples per second of what [`say`] gives: the standard rate of clients.
pub const RATE: usize = 24_000;

/// Files begun by this process.
static DRAFTS: AtomicU64 = AtomicU64::new(0);

/// Samples of 20 ms.
const FRAME: usize = RATE / 50;

/// `text` as speech. Kept on disk, as every test says the same few things.
pub fn say(text: &str) -> Vec<i16> {
    let path = place(text);
    if !path.exists() {
        // Several may say it at a time.
        let number = DRAFTS.fetch_add(1, Ordering::Relaxed);
        let draft = path.with_extension(format!("{}-{number}.wav", std::process::id()));
        let spoken = run(&["speak", text, "--out", &draft.to_string_lossy()]);
        assert!(
            spoken.status.success(),
            "{}",
            String::from_utf8_lossy(&spoken.stderr)
        );
        std::fs::rename(&draft, &path).expect("the speech can be kept");
    }
    let wav = Wav::read(BufReader::new(File::open(&path).expect("a file"))).expect("a WAV file");
    let own = SampleRate::try_from(wav.rate_hz).expect("a usual rate");
    let mut resampler = Resampler::new(own, SampleRate::HZ_24000).expect("usual rates");
    let mut samples = Vec::new();
    resampler.process(&wav.samples, &mut samples).expect("samples");
    resampler.finish(&mut samples).expect("samples");
    samples
}

/// [`say`] without the silence after the last sound.
pub fn voiced(text: &str) -> Vec<i16> {
    let mut samples = say(text);
    let last = samples.iter().rposition(|sample| is_audible(*sample));
    samples.truncate(last.map_or(0, |last| last + 1));
    samples
}

/// The base64 of each 20 ms of `samples`; the last one is filled up with silence.
pub fn frames(samples: &[i16]) -> Vec<String> {
    let frame = |chunk: &[i16]| {
        let mut chunk = chunk.to_vec();
        chunk.resize(FRAME, 0);
        encode_audio(&pcm::to_le(&chunk))
    };
    samples.chunks(FRAME).map(frame).collect()
}

fn place(text: &str) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let folder = std::env::temp_dir().join("bedside-e2e-speech");
    std::fs::create_dir_all(&folder).expect("a folder for speech");
    folder.join(format!("{:016x}.wav", hasher.finish()))
}
