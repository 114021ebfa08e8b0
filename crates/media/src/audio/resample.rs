//! Streaming conversion between sample rates.
//!
//! A windowed-sinc filter bank (rubato's sinc resampler) with one phase per position that the two rates can have
//! to each other, so that every output sample is an exact convolution and nothing is interpolated between phases.
//! Unlike a block transform it needs no blocks: 22.05 to 16 kHz would have to be transformed 20 ms at a time and so
//! be up to 30 ms late, whereas the filter is late by half its length whatever the pair and the chunking. The price is
//! time: about 28 µs for 20 ms from 48 to 16 kHz where a transform takes 5, and milliseconds to build the filter for
//! the 22.05 and 44.1 kHz pairs, once per stream.

use std::fmt;

use rubato::audioadapter_buffers::SizeError;
use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{
    Async, FixedAsync, Resampler as _, Resizable as _, SincInterpolationParameters, SincInterpolationType,
    WindowFunction, calculate_cutoff,
};
use thiserror::Error;

use super::format::SampleRate;
use super::pcm::Sample;

/// Length of the filter in samples of the slower rate: 8 ms at 16 kHz, 16 ms at 8 kHz, and late by half of that.
/// With this window the response falls from flat to −80 dB in the last 12 % below the slower rate's half.
const FILTER_PERIODS: usize = 128;

/// Blackman–Harris: side lobes at −92 dB, below what 16 bits resolve, with half the transition of its square.
const WINDOW: WindowFunction = WindowFunction::BlackmanHarris;

/// Samples converted in one go at most; longer input is taken in blocks of this.
const BLOCK: usize = 960;

/// Why a resampler stopped: a fault of this module, never of the audio.
#[derive(Debug, Error)]
pub enum ResampleError {
    /// The filter could not be built.
    #[error("the resampler could not be built")]
    Build(#[from] rubato::ResamplerConstructionError),
    /// The filter refused a block.
    #[error("the resampler refused a block")]
    Process(#[from] rubato::ResampleError),
    /// A block was not as long as it was said to be.
    #[error("a block of samples has the wrong length")]
    Block(#[from] SizeError),
}

/// Converts one stream from one rate to another.
///
/// Sample `n` of the output stands at the same time as `n·from/to` of the input: there is no offset, only a hold-back
/// of at most 8.3 ms, which [`Resampler::finish`] releases. `finish` makes the output exactly as long as the input,
/// to the nearest sample. Memory is bounded, and nothing is allocated but room in the caller's output.
pub struct Resampler {
    from: SampleRate,
    to: SampleRate,
    filter: Async<f32>,
    alignment: Alignment,
    input: Vec<f32>,
    output: Vec<f32>,
    taken: u64,
    given: u64,
    skip: usize,
}

impl fmt::Debug for Resampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resampler")
            .field("from", &self.from)
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}

/// How to make the first output sample stand at the first input sample.
#[derive(Debug, Clone, Copy)]
struct Alignment {
    /// Zeros to feed before the stream.
    lead_in: usize,
    /// Output samples to drop before the first.
    skip: usize,
}

impl Resampler {
    /// A resampler from `from` to `to`.
    pub fn new(from: SampleRate, to: SampleRate) -> Result<Self, ResampleError> {
        let ratio = f64::from(to.hz()) / f64::from(from.hz());
        let divisor = greatest_common_divisor(from.hz(), to.hz());
        let (step, phases) = ((from.hz() / divisor) as usize, (to.hz() / divisor) as usize);
        let stretch = (1.0 / ratio).max(1.0);
        let length = ((FILTER_PERIODS as f64 * stretch).ceil() as usize).next_multiple_of(8);
        let parameters = SincInterpolationParameters::new(length, WINDOW)
            .f_cutoff(calculate_cutoff(FILTER_PERIODS, WINDOW))
            .oversampling_factor(phases)
            .interpolation(SincInterpolationType::Nearest);
        let filter = Async::new_sinc(ratio, 1.0, &parameters, BLOCK, 1, FixedAsync::Input)?;
        let mut resampler = Self {
            from,
            to,
            alignment: Alignment::of(length / 2, step, phases),
            input: vec![0.0; BLOCK],
            output: vec![0.0; filter.output_frames_max()],
            filter,
            taken: 0,
            given: 0,
            skip: 0,
        };
        resampler.align()?;
        Ok(resampler)
    }

    /// The rate of the input.
    pub fn from(&self) -> SampleRate {
        self.from
    }

    /// The rate of the output.
    pub fn to(&self) -> SampleRate {
        self.to
    }

    /// Converts the next `input`, of any length, and appends what is due to `output`.
    pub fn process<I: Sample, O: Sample>(
        &mut self,
        input: &[I],
        output: &mut Vec<O>,
    ) -> Result<(), ResampleError> {
        self.taken += input.len() as u64;
        let due = (input.len() as u64 * u64::from(self.to.hz())).div_ceil(u64::from(self.from.hz())) as usize;
        output.reserve(due);
        for block in input.chunks(BLOCK) {
            for (slot, sample) in self.input.iter_mut().zip(block) {
                *slot = sample.to_f32();
            }
            self.filter_block(block.len(), usize::MAX, output)?;
        }
        Ok(())
    }

    /// Ends the stream: appends what was held back to `output`. The resampler is then as new.
    pub fn finish<O: Sample>(&mut self, output: &mut Vec<O>) -> Result<(), ResampleError> {
        let (from, to) = (u64::from(self.from.hz()), u64::from(self.to.hz()));
        let whole = (self.taken * to + from / 2) / from;
        while self.given < whole {
            self.input.fill(0.0);
            self.filter_block(BLOCK, (whole - self.given) as usize, output)?;
        }
        self.reset()
    }

    /// Forgets the stream, what was held back included.
    pub fn reset(&mut self) -> Result<(), ResampleError> {
        self.filter.reset();
        self.align()
    }

    fn align(&mut self) -> Result<(), ResampleError> {
        self.skip = self.alignment.skip;
        let mut left = self.alignment.lead_in;
        while left > 0 {
            let zeros = left.min(BLOCK);
            self.input[..zeros].fill(0.0);
            self.filter_block::<i16>(zeros, 0, &mut Vec::new())?;
            left -= zeros;
        }
        (self.taken, self.given) = (0, 0);
        Ok(())
    }

    /// Filters the first `samples` of the input buffer and appends at most `limit` results.
    fn filter_block<O: Sample>(
        &mut self,
        samples: usize,
        limit: usize,
        output: &mut Vec<O>,
    ) -> Result<(), ResampleError> {
        self.filter.set_chunk_size(samples)?;
        let room = self.filter.output_frames_next();
        let (input, results) = (&self.input[..samples], &mut self.output[..room]);
        let input = SequentialSlice::new(input, 1, samples)?;
        let mut results = SequentialSlice::new_mut(results, 1, room)?;
        self.filter.process_into_buffer(&input, &mut results, None)?;
        let skipped = self.skip.min(room);
        self.skip -= skipped;
        let kept = self.output[skipped..room].iter().take(limit);
        self.given += kept.len() as u64;
        output.extend(kept.map(|value| O::from_f32(*value)));
        Ok(())
    }
}

impl Alignment {
    /// Output `n` of rubato's filter stands at input `(n + 1)·step/phases − half_filter + 1/phases`; the first `n`
    /// at which this is a whole number of samples is made to fall on the first sample of the stream.
    fn of(half_filter: usize, step: usize, phases: usize) -> Self {
        let distance = |lead_in| (lead_in + half_filter) * phases - 1;
        let lead_in = (0..step)
            .find(|lead_in| distance(*lead_in).is_multiple_of(step))
            .unwrap_or(0);
        Self {
            lead_in,
            skip: distance(lead_in) / step - 1,
        }
    }
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
}
