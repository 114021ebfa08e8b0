use std::sync::Arc;

use bedside_conversation::io::StageFault;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::chain::Chain;
use super::request;
use crate::report::Reporter;
use crate::traits::{Knowledge, Passage};

impl Knowledge for Chain<dyn Knowledge> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn search(
        &self,
        query: String,
        most: usize,
        reporter: Reporter,
    ) -> BoxFuture<'static, Result<Vec<Passage>, StageFault>> {
        let ask = move |link: &Arc<dyn Knowledge>, reporter| link.search(query.clone(), most, reporter);
        request::ask(Arc::clone(&self.0), reporter, ask).boxed()
    }
}
