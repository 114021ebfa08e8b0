//! Models on this machine: one ONNX runtime, the model store, and the deadline scheduler.

pub mod model;
