//! The web pages as files in the program: the patient's page and the operations console.
//!
//! `app` and `client` beside this crate are their sources, `app/dist` what Vite makes of them (`make pages`); `build.rs`
//! embeds that folder. A program built without it has no pages. This crate must never know how files are served.
//!
//! ```
//! // Only what the build fingerprints may be kept for ever by a browser.
//! for file in bedside_web::FILES {
//!     assert_eq!(file.is_immutable(), file.path.starts_with("assets/"), "{}", file.path);
//!     assert_ne!(file.media_type(), "application/octet-stream", "{}", file.path);
//!     let packed = file.gzip.map_or(0, |gzip| gzip.bytes.len());
//!     assert!(packed <= file.plain.bytes.len(), "{}", file.path);
//! }
//! ```

/// A file of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct File {
    /// Path below the site's root, such as `index.html`.
    pub path: &'static str,
    /// The file as it is.
    pub plain: Form,
    /// Compressed by Brotli (RFC 7932), where that is worth it.
    pub brotli: Option<Form>,
    /// Compressed by gzip (RFC 1952), where that is worth it.
    pub gzip: Option<Form>,
}

/// One of the forms a file is sent in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// What is sent.
    pub bytes: &'static [u8],
    /// An entity tag of these bytes, with its quotes.
    pub tag: &'static str,
}

/// Every file of the pages, by path; empty if the program was built without them.
pub static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

impl File {
    /// Whether the name changes with the content, so that a copy stays right for ever.
    pub fn is_immutable(&self) -> bool {
        self.path.starts_with("assets/")
    }

    /// What the file is, for `Content-Type`.
    pub fn media_type(&self) -> &'static str {
        match self.path.rsplit('.').next() {
            Some("html") => "text/html; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("svg") => "image/svg+xml",
            Some("png") => "image/png",
            Some("webmanifest") => "application/manifest+json",
            _ => "application/octet-stream",
        }
    }
}
