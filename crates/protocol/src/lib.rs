//! Placeholder.
#![allow(missing_docs)]

#[derive(Debug, Clone, PartialEq)]
pub enum ClientEvent {}
#[derive(Debug, Clone, PartialEq)]
pub enum ServerEvent {}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseCode {}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AudioFormat {
    Pcm { rate: u32 },
    Pcmu,
    Pcma,
    Opus,
}
