//! Real models, and speech to try them on: our own voice reading aloud.
#![allow(dead_code, reason = "every test uses its own part")]

pub(crate) mod silero;

use std::sync::OnceLock;

use bedside_inference::store::{ModelStore, Source};
use bedside_media::audio::format::SampleRate;
use bedside_media::audio::resample::Resampler;
use bedside_speech::synthesis::{Synthesiser, Voice, clauses};

/// The prepared models in the folder `BEDSIDE_MODELS` names.
pub(crate) fn store() -> ModelStore {
    let root = std::env::var("BEDSIDE_MODELS").expect("BEDSIDE_MODELS names a folder of prepared models");
    ModelStore::new(root, Source::Pip)
}

/// Text read aloud, at 16 kHz.
pub(crate) fn say(text: &str) -> Vec<i16> {
    static VOICE: OnceLock<Synthesiser> = OnceLock::new();
    let voice = VOICE.get_or_init(|| {
        let files = store().voice().expect("the voice is prepared");
        Synthesiser::new(Voice::load(&files.model, &files.config).expect("the voice loads"))
    });
    let rate = SampleRate::try_from(voice.rate()).expect("a rate we know");
    let mut resampler = Resampler::new(rate, SampleRate::HZ_16000).expect("a ratio we can do");
    let mut samples = Vec::new();
    for clause in clauses(text) {
        let speech = voice.synthesise(&text[clause], 1.0).expect("the voice speaks");
        resampler.process(&speech.pcm, &mut samples).expect("resampled");
    }
    resampler.finish(&mut samples).expect("resampled");
    samples
}

/// White noise of a given peak, the same every time.
pub(crate) fn noise(samples: usize, peak: f32) -> Vec<i16> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..samples).map(|_| (next() * peak * 32_767.0) as i16).collect()
}
