//! Models on this machine: one ONNX runtime ([`model`]), a folder of models fetched, checked and converted ([`store`],
//! [`convert`]), and the threads they run on ([`scheduler`]).
//!
//! It must never know what a result means: no audio formats, no text, no sessions, no async runtime. It takes tensors and
//! gives tensors, takes jobs and gives their results.
//!
//! ```no_run
//! use bedside_inference::model::{Model, ModelError};
//! use bedside_inference::rten::ValueView;
//!
//! fn doubled(samples: &[f32]) -> Result<Vec<f32>, ModelError> {
//!     let model = Model::load("double.onnx".as_ref())?;
//!     let plan = model.plan(&["x"], &["y"])?;
//!     let x = ValueView::from_shape([1, samples.len()], samples).map_err(ModelError::shape)?;
//!     let [y] = plan.run_n([x])?;
//!     Ok(y.into_shape_vec::<f32, 2>()?.1)
//! }
//! ```

pub mod convert;
pub mod model;
pub mod scheduler;
pub mod store;
pub mod weights;

pub use rten;
pub use rten_tensor;
