//! Static pages: the inbox and the OpenAPI documents.

use bytes::Bytes;
use serde_json::json;

use super::public_url::PublicUrl;
use crate::api::document::CONTROL;
use crate::api::request::Request;
use crate::api::response::ApiResponse;

/// Allows no content of other sites and no inline scripts.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      frame-src 'self'; form-action 'none'; base-uri 'self'; frame-ancestors 'none'";

/// Path and content.
type Page = (&'static str, &'static str);

const PAGES: [Page; 3] = [
    ("/", include_str!("../../web/index.html")),
    ("/openapi.json", cakemail_model::OPENAPI),
    ("/_sandbox/openapi.json", CONTROL),
];

macro_rules! web {
    ($($name:literal)*) => {
        &[$((concat!("/_sandbox/web/", $name), include_str!(concat!("../../web/", $name)))),*]
    };
}

/// The files of the inbox, besides its page.
const WEB: &[Page] = web! {
    "accounts.js"
    "api.js"
    "attachments.js"
    "checks.js"
    "copy.js"
    "deletions.js"
    "delivery.js"
    "dom.js"
    "email-row.js"
    "fault-form.js"
    "faults.js"
    "filter-chips.js"
    "findings.js"
    "format.js"
    "getting-started.js"
    "http-message.js"
    "icon.svg"
    "inbox.js"
    "keyboard.js"
    "lists.js"
    "live.js"
    "main.js"
    "message-deliveries.js"
    "message.js"
    "paged-table.js"
    "pages.css"
    "preview.js"
    "requests.js"
    "route.js"
    "rules.js"
    "search-box.js"
    "search-query.js"
    "senders.js"
    "settings-form.js"
    "settings.js"
    "sidebar.js"
    "sign-in.js"
    "splitter.js"
    "style.css"
    "suppressions.js"
    "tabs.js"
    "theme.js"
    "time.js"
    "timeline.js"
    "toast.js"
    "virtual-list.js"
    "webhooks.js"
};

pub(crate) fn page(base: &PublicUrl, request: &Request<'_>) -> Option<ApiResponse> {
    let (path, text) = PAGES.iter().chain(WEB).find(|(path, _)| *path == request.path)?;
    if !matches!(request.method, "GET" | "HEAD") {
        return Some(ApiResponse::other_method(request.method, "GET, HEAD, OPTIONS"));
    }
    let response = ApiResponse::other(kind(path), content(base, path, text))
        .with_header("content-security-policy", POLICY)
        .with_header("cache-control", "no-cache")
        .with_header("x-content-type-options", "nosniff")
        .with_header("referrer-policy", "no-referrer");
    Some(response)
}

/// The content of a page, for a sandbox at this URL: the links of the inbox are relative to it, and it is the server of the
/// documents.
fn content(base: &PublicUrl, path: &str, text: &'static str) -> Bytes {
    let server = json!(&**base).to_string();
    let (place, url) = match path {
        "/" => ("<base href=\"/\">", format!("<base href=\"{}/\">", base.path())),
        "/openapi.json" => ("\"https://api.cakemail.dev\"", server),
        "/_sandbox/openapi.json" => ("\"http://127.0.0.1:8025\"", server),
        _ => return text.into(),
    };
    text.replacen(place, &url, 1).into()
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        _ => "text/html; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn the_pages_name_paths_of_the_sandbox_only_after_its_url() {
        for (path, text) in super::WEB.iter().filter(|(path, _)| path.ends_with(".js")) {
            assert!(!text.contains("location.origin"), "{path}: use `baseUrl`, which has the path of a proxy");
            for (at, _) in text.match_indices("/_sandbox/").filter(|_| !path.ends_with("/api.js")) {
                let before = &text[..at];
                assert!(
                    before.ends_with("${baseUrl}") || before.ends_with("openApiDocument('"),
                    "{path}: {}",
                    &text[at..at + 20]
                );
            }
        }
    }

    #[test]
    fn every_file_of_the_folder_is_served() {
        let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/web")).unwrap();
        let there: BTreeSet<_> = folder.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        let served = super::WEB.iter().map(|(path, _)| path.rsplit('/').next().unwrap().to_owned());
        assert_eq!(served.chain(["index.html".to_owned()]).collect::<BTreeSet<_>>(), there);
    }
}
