//! Measures the local models as a session meets them, fed in real time: `cargo run -p bedside-providers --example
//! local_latency` with the models of the store in `BEDSIDE_MODELS`. Prints medians over ten rounds.

#![allow(clippy::print_stdout, reason = "this is what it is for")]

use std::error::Error;
use std::future::poll_fn;
use std::time::{Duration, Instant};

use bedside_conversation::io::{TranscribeCommand, TranscriptEvent, UtteranceId};
use bedside_conversation::time::AudioPos;
use bedside_inference::store::{ModelStore, Size, Source};
use bedside_media::audio::format::SampleRate;
use bedside_media::audio::resample::Resampler;
use bedside_providers::local::{LocalFiles, LocalModels, LocalOptions};
use bedside_providers::report::Reporter;
use bedside_providers::traits::{
    BusAudio, SpeechDetector, SynthesisInput, SynthesisOutput, SynthesisParams, Synthesizer, Transcriber,
    TranscriberInput, TranscriberParams, TurnJudge,
};

const ROUNDS: usize = 10;
const SENTENCE: &str = "I have had a headache since Monday, and it is getting worse.";

type Measured = Result<Duration, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let store = ModelStore::new(std::env::var("BEDSIDE_MODELS")?, Source::Pip);
    let started = Instant::now();
    let models = LocalModels::load(
        &LocalFiles::from_store(&store, Size::TinyEn)?,
        LocalOptions::default(),
    )?;
    println!("models loaded in {:?}", started.elapsed());

    let samples = speech(&models).await?;
    println!("utterance of {} ms", samples.len() / 16);
    let (mut first, mut judged, mut detected, mut whole, mut live) =
        <(Vec<_>, Vec<_>, Vec<_>, Vec<_>, Vec<_>)>::default();
    for _ in 0..ROUNDS {
        first.push(first_audio(&models).await?);
        judged.push(models.turn_judge().judge(samples.clone()).await?.busy);
        detected.push(window(&models, &samples).await?);
        whole.push(transcript(&models, &samples, false).await?);
        live.push(transcript(&models, &samples, true).await?);
    }
    for (name, times) in [
        ("segment to first audio", first),
        ("end of turn, the model itself", judged),
        ("audio to judgement of its window", detected),
        ("finish to final, no partials", whole),
        ("finish to final, partials in real time", live),
    ] {
        println!("{name}: {:?}", median(times));
    }
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

async fn speech(models: &LocalModels) -> Result<Vec<i16>, Box<dyn Error>> {
    let params = SynthesisParams {
        voice: "joe".into(),
        speed: 1.0,
        avoid: Vec::new(),
    };
    let mut stream = models.synthesizer().open(params, Reporter::silent()).await?;
    stream
        .input
        .send(SynthesisInput {
            segment: 0,
            text: SENTENCE.into(),
        })
        .await?;
    drop(stream.input);
    let mut samples: Vec<i16> = Vec::new();
    let mut resampler = Resampler::new(SampleRate::HZ_22050, SampleRate::HZ_16000)?;
    while let Some(said) = stream.output.recv().await {
        if let SynthesisOutput::Audio { pcm, .. } = said? {
            let spoken: Vec<i16> = pcm
                .chunks_exact(2)
                .map(|p| i16::from_le_bytes([p[0], p[1]]))
                .collect();
            resampler.process(&spoken, &mut samples)?;
        }
    }
    resampler.finish(&mut samples)?;
    samples.truncate(samples.len() / 512 * 512);
    Ok(samples)
}

async fn first_audio(models: &LocalModels) -> Measured {
    let params = SynthesisParams {
        voice: "joe".into(),
        speed: 1.0,
        avoid: Vec::new(),
    };
    let mut stream = models.synthesizer().open(params, Reporter::silent()).await?;
    let started = Instant::now();
    let text = "All right. When did this start?".to_owned();
    stream.input.send(SynthesisInput { segment: 0, text }).await?;
    stream.output.recv().await.ok_or("no audio")??;
    Ok(started.elapsed())
}

fn audio(samples: &[i16], at: usize) -> BusAudio {
    let pcm = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    BusAudio {
        at: AudioPos::from_samples(at as u64),
        pcm,
    }
}

async fn window(models: &LocalModels, samples: &[i16]) -> Measured {
    let mut stream = models.detector().open();
    let started = Instant::now();
    stream.push(&audio(&samples[..512], 0));
    poll_fn(|cx| stream.poll_window(cx)).await?;
    Ok(started.elapsed())
}

/// From `Finish` to the final text; with partials, the audio comes at the pace it is spoken.
async fn transcript(models: &LocalModels, samples: &[i16], live: bool) -> Measured {
    let params = TranscriberParams {
        partials: live,
        ..TranscriberParams::default()
    };
    let mut stream = models.transcriber().open(params, Reporter::silent()).await?;
    let utterance = UtteranceId(1);
    let command = |command| stream.input.send(TranscriberInput::Command(command));
    command(TranscribeCommand::Start {
        utterance,
        from: AudioPos::START,
    })
    .await?;
    let mut pace = tokio::time::interval(Duration::from_millis(20));
    for (index, frame) in samples.chunks(320).enumerate() {
        if live {
            pace.tick().await;
        }
        stream
            .input
            .send(TranscriberInput::Audio(audio(frame, index * 320)))
            .await?;
    }
    let started = Instant::now();
    let to = AudioPos::from_samples(samples.len() as u64);
    command(TranscribeCommand::Finish {
        utterance,
        attempt: 1,
        to,
    })
    .await?;
    loop {
        match stream.output.recv().await.ok_or("no transcript")?.event {
            TranscriptEvent::Partial { .. } => {}
            TranscriptEvent::Final { .. } => return Ok(started.elapsed()),
            TranscriptEvent::Failed { fault, .. } => return Err(fault.into()),
        }
    }
}
