//! Where the parts are put together: models into providers, providers and protocols into profiles.

mod capacity;
mod cloud;
mod instructions;
mod keys;
mod models;
mod profiles;
mod protocols;
mod services;
mod stages;
mod trial;
mod vendors;

pub(crate) use models::{load_face_model, load_models, load_recogniser, load_voice};
pub(crate) use profiles::app;
pub(crate) use protocols::protocols;
pub(crate) use trial::{Trial, trials};
