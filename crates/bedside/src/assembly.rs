//! Where the parts are put together: models into providers, providers and protocols into profiles.

mod models;
mod profiles;
mod protocols;

pub(crate) use models::{load_face_model, load_models, load_recogniser, load_voice};
pub(crate) use profiles::app;
pub(crate) use protocols::protocols;
