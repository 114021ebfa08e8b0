//! The web pages: which address answers with which file, how long a browser may keep it, what a page may do.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderMap,
    HeaderName, HeaderValue, IF_NONE_MATCH, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Response, StatusCode};
use axum::routing::get;
use bedside_web::{File, Form};

/// What a browser is told about every file. Pages, workers and worklets obey the policy they came with.
const GUARDS: [(HeaderName, HeaderValue); 6] = [
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
             connect-src 'self'; media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'",
        ),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "camera=(self), microphone=(self), autoplay=(self), screen-wake-lock=(self), fullscreen=(self), \
             geolocation=(), payment=(), usb=(), serial=(), midi=(), display-capture=()",
        ),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

/// The name of a fingerprinted file stands for its content.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Kept, but asked about before each use: a new release is seen at once.
const ASK_FIRST: HeaderValue = HeaderValue::from_static("no-cache");

const NOT_BUILT: &str = "This program was built without its web pages. In a checkout of Bedside, `make run` builds and \
    serves them (it needs Node).\nThe OpenAI Realtime API is at /v1/realtime.\n";

/// The addresses of all embedded files, and of nothing else.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    routes(bedside_web::FILES)
}

fn routes<S: Clone + Send + Sync + 'static>(files: &'static [File]) -> Router<S> {
    let mut router = Router::new();
    for file in files {
        let serve = get(async move |headers: HeaderMap| answer(file, &headers));
        router = match file.path {
            "index.html" => router.route("/", serve),
            "ops.html" => router.route("/ops", serve.clone()).route("/ops/", serve),
            path => router.route(&format!("/{path}"), serve),
        };
    }
    if files.is_empty() {
        for address in ["/", "/ops", "/ops/"] {
            router = router.route(address, get((StatusCode::NOT_FOUND, NOT_BUILT)));
        }
    }
    router
}

fn answer(file: &File, asked: &HeaderMap) -> Response<Body> {
    let (form, encoding) = choose(file, asked);
    let known = is_known(form, asked);
    let body = if known {
        Body::empty()
    } else {
        Body::from(Bytes::from_static(form.bytes))
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.extend(GUARDS);
    headers.insert(ETAG, HeaderValue::from_static(form.tag));
    headers.insert(
        CACHE_CONTROL,
        if file.is_immutable() { FOR_EVER } else { ASK_FIRST },
    );
    if file.brotli.is_some() || file.gzip.is_some() {
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    }
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.media_type()));
    if let Some(encoding) = encoding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// The smallest form of `file` that the client takes, and its content coding.
fn choose(file: &File, asked: &HeaderMap) -> (Form, Option<&'static str>) {
    let forms = [(file.brotli, "br"), (file.gzip, "gzip")];
    let taken = |coding| values(asked, ACCEPT_ENCODING).any(|value| accepts(value, coding));
    for (form, coding) in forms {
        if let Some(form) = form
            && taken(coding)
        {
            return (form, Some(coding));
        }
    }
    (file.plain, None)
}

/// Whether `value`, one of the list in `Accept-Encoding`, names `coding` with a weight above zero.
fn accepts(value: &str, coding: &str) -> bool {
    let mut parts = value.split(';').map(str::trim);
    let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
    let weight = parts.find_map(|part| part.strip_prefix("q="));
    is_named && weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|weight| weight > 0.0))
}

/// Whether the client has these very bytes already.
fn is_known(form: Form, asked: &HeaderMap) -> bool {
    values(asked, IF_NONE_MATCH).any(|tag| tag == "*" || tag.trim_start_matches("W/") == form.tag)
}

/// The values of a header that is a list.
fn values(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let texts = headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use tower::ServiceExt;

    use super::*;

    const fn form(bytes: &'static [u8], tag: &'static str) -> Form {
        Form { bytes, tag }
    }

    static FILES: &[File] = &[
        File {
            path: "assets/page-1a2b.js",
            plain: form(b"let the = 'page';", "\"plain\""),
            brotli: Some(form(b"brotli", "\"br\"")),
            gzip: Some(form(b"gzip", "\"gz\"")),
        },
        File {
            path: "index.html",
            plain: form(b"<!doctype html>", "\"index\""),
            brotli: None,
            gzip: None,
        },
        File {
            path: "ops.html",
            plain: form(b"<!doctype html><title>", "\"ops\""),
            brotli: None,
            gzip: None,
        },
    ];

    const SCRIPT: &str = "/assets/page-1a2b.js";

    async fn send(request: axum::http::request::Builder, files: &'static [File]) -> (Response<Body>, Bytes) {
        let request = request.body(Body::empty()).expect("a request");
        let response = routes(files).oneshot(request).await.expect("an answer");
        let (head, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 4_096).await.expect("a body");
        (Response::from_parts(head, Body::empty()), body)
    }

    async fn ask(path: &str, headers: &[(HeaderName, &str)]) -> (Response<Body>, Bytes) {
        let asked = headers.iter().fold(Request::get(path), |request, (name, value)| {
            request.header(name, *value)
        });
        send(asked, FILES).await
    }

    fn header<'a>(response: &'a Response<Body>, name: &str) -> &'a str {
        let value = response.headers().get(name);
        value.map_or("", |value| value.to_str().expect("text"))
    }

    #[tokio::test]
    async fn the_pages_have_addresses_of_their_own() {
        for (path, body) in [
            ("/", "<!doctype html>"),
            ("/ops", "<!doctype html><title>"),
            ("/ops/", "<!doctype html><title>"),
        ] {
            let (response, sent) = ask(path, &[]).await;
            assert_eq!(
                (response.status(), &sent[..]),
                (StatusCode::OK, body.as_bytes()),
                "{path}"
            );
            assert_eq!(header(&response, "content-type"), "text/html; charset=utf-8");
        }
        for path in [
            "/index.html",
            "/assets/",
            "/assets/nothing.js",
            "/assets/../index.html",
            "/assets/%2e%2e/index.html",
            "//index.html",
            "/ops/api/nothing",
        ] {
            assert_eq!(ask(path, &[]).await.0.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[tokio::test]
    async fn every_file_says_what_it_may_do() {
        for path in ["/", "/ops", SCRIPT] {
            let (response, _) = ask(path, &[]).await;
            let policy = header(&response, "content-security-policy");
            assert!(
                policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"),
                "{policy}"
            );
            assert!(!policy.contains("unsafe"), "{policy}");
            assert_eq!(header(&response, "x-content-type-options"), "nosniff");
            assert_eq!(header(&response, "referrer-policy"), "no-referrer");
            assert_eq!(header(&response, "cross-origin-opener-policy"), "same-origin");
            assert!(header(&response, "permissions-policy").contains("microphone=(self)"));
        }
    }

    #[tokio::test]
    async fn a_script_is_kept_for_ever_and_a_page_asked_about() {
        let (script, _) = ask(SCRIPT, &[]).await;
        assert_eq!(
            header(&script, "cache-control"),
            "public, max-age=31536000, immutable"
        );
        let (page, _) = ask("/", &[]).await;
        assert_eq!(header(&page, "cache-control"), "no-cache");

        let (same, body) = ask("/", &[(IF_NONE_MATCH, "\"older\", W/\"index\"")]).await;
        assert_eq!((same.status(), body.len()), (StatusCode::NOT_MODIFIED, 0));
        assert_eq!(header(&same, "etag"), "\"index\"");
        let (changed, _) = ask("/", &[(IF_NONE_MATCH, "\"older\"")]).await;
        assert_eq!(changed.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn the_smallest_form_that_is_taken_is_sent() {
        for (accepted, coding, body) in [
            ("gzip, deflate, br, zstd", "br", "brotli"),
            ("GZIP;q=0.5, br;q=0", "gzip", "gzip"),
            ("identity", "", "let the = 'page';"),
            ("brotli", "", "let the = 'page';"),
        ] {
            let (response, sent) = ask(SCRIPT, &[(ACCEPT_ENCODING, accepted)]).await;
            assert_eq!(header(&response, "content-encoding"), coding, "{accepted}");
            assert_eq!(sent, body, "{accepted}");
            assert_eq!(header(&response, "vary"), "accept-encoding");
        }
        let (page, _) = ask("/", &[(ACCEPT_ENCODING, "br")]).await;
        assert_eq!(header(&page, "content-encoding"), "");
    }

    #[tokio::test]
    async fn only_the_head_is_sent_to_who_asks_for_it() {
        let (response, body) = send(Request::head("/"), FILES).await;
        assert_eq!((response.status(), body.len()), (StatusCode::OK, 0));
        assert_eq!(header(&response, "content-length"), "15");
        assert_eq!(
            send(Request::post("/"), FILES).await.0.status(),
            StatusCode::METHOD_NOT_ALLOWED
        );
    }

    #[tokio::test]
    async fn a_program_without_pages_says_how_to_get_them() {
        for path in ["/", "/ops"] {
            let (response, body) = send(Request::get(path), &[]).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND);
            assert!(String::from_utf8_lossy(&body).contains("`make run`"), "{path}");
        }
    }
}
