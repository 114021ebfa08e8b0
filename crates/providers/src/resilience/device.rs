use std::sync::Arc;

use bedside_conversation::io::StageFault;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::chain::Chain;
use super::request;
use crate::report::Reporter;
use crate::traits::{DevicePicture, DeviceReader, DeviceReading};

impl DeviceReader for Chain<dyn DeviceReader> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn read(
        &self,
        picture: DevicePicture,
        reporter: Reporter,
    ) -> BoxFuture<'static, Result<DeviceReading, StageFault>> {
        let ask = move |link: &Arc<dyn DeviceReader>, reporter| link.read(picture.clone(), reporter);
        request::ask(Arc::clone(&self.0), reporter, ask).boxed()
    }
}
