//! The web inbox, and the documents: what is served as it is.

use crate::api::document::CONTROL;
use crate::api::response::Answer;
use crate::app::context::Incoming;

/// Nothing from elsewhere, nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

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

/// What the inbox is made of, besides its page.
const WEB: &[Page] = web! {
    "accounts.js"
    "api.js"
    "delivery.js"
    "dom.js"
    "fault-form.js"
    "faults.js"
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
    "message.js"
    "paged-table.js"
    "pages.css"
    "requests.js"
    "route.js"
    "rules.js"
    "search-box.js"
    "senders.js"
    "settings-form.js"
    "settings.js"
    "sidebar.js"
    "style.css"
    "suppressions.js"
    "tabs.js"
    "time.js"
    "timeline.js"
    "webhooks.js"
};

pub(crate) fn page(request: &Incoming<'_>) -> Option<Answer> {
    let (path, text) = PAGES.iter().chain(WEB).find(|(path, _)| *path == request.path)?;
    if request.method != "GET" {
        return Some(Answer::wrong_method("GET"));
    }
    let answer = Answer::other(kind(path), text.as_bytes())
        .with_header("content-security-policy", POLICY)
        .with_header("cache-control", "no-cache")
        .with_header("x-content-type-options", "nosniff")
        .with_header("referrer-policy", "no-referrer");
    Some(answer)
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
    fn the_whole_folder_is_served() {
        let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/web")).unwrap();
        let there: BTreeSet<_> = folder.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        let served = super::WEB.iter().map(|(path, _)| path.rsplit('/').next().unwrap().to_owned());
        assert_eq!(served.chain(["index.html".to_owned()]).collect::<BTreeSet<_>>(), there);
    }
}
