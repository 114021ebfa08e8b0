//! placeholder
pub mod absence; pub mod chrom; pub mod detrend; pub mod filter; pub mod gate; pub mod heart_rate; pub mod pos; pub mod projection; pub mod pulse; pub mod region; pub mod sample; pub mod spectrum; pub mod trace;
