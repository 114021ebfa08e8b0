//! Chat models that a clinic runs itself, on endpoints of Amazon SageMaker.
//!
//! The service passes on what the endpoint's container writes, in parts that end anywhere. What that is differs, and is
//! a setting: [`Format`].

mod client;
mod codec;
mod config;

pub use client::SageMaker;
pub use config::{Config, Format};
