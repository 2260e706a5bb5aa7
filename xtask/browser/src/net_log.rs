//! The browser's network log: every request of every frame and process, and every host name that it resolved.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::Result;

/// The path of a browser's log.
pub fn file(folder: &Path) -> PathBuf {
    folder.join("net.json")
}

#[derive(Debug, Default)]
pub struct NetLog {
    requests: Vec<Request>,
    names: Vec<Name>,
}

#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub url: String,
    /// The origin of the page or frame; `null` for a sandboxed frame, `None` for the browser itself.
    pub initiator: Option<String>,
}

/// A host name that was resolved, for a request or as a hint of a page.
#[derive(Debug)]
struct Name {
    host: String,
    /// The site of the page; `null` for the browser itself.
    site: String,
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

impl NetLog {
    /// Reads the file that `--log-net-log` writes.
    pub fn read(file: &Path) -> Result<Self> {
        let text = fs::read(file).map_err(|error| format!("the browser wrote no network log: {error}"))?;
        let log: Value =
            serde_json::from_slice(&text).map_err(|error| format!("the network log is incomplete: {error}"))?;
        let kind = |name: &str| {
            let kind = log["constants"]["logEventTypes"][name].as_i64();
            kind.ok_or_else(|| format!("the network log has no event type {name}"))
        };
        let (requested, resolved) = (kind("URL_REQUEST_START_JOB")?, kind("HOST_RESOLVER_MANAGER_REQUEST")?);
        let mut net_log = Self::default();
        for event in log["events"].as_array().into_iter().flatten() {
            let of = |name: &str| event["params"][name].as_str().map(str::to_owned);
            let kind = event["type"].as_i64().unwrap_or_default();
            if let (true, Some(url)) = (kind == requested, of("url")) {
                let initiator = of("initiator").filter(|it| it != "not an origin");
                net_log.requests.push(Request { method: of("method").unwrap_or_default(), url, initiator });
            } else if let (true, Some(host)) = (kind == resolved, of("host")) {
                net_log.names.push(Name { host, site: of("network_anonymization_key").unwrap_or_default() });
            }
        }
        Ok(net_log)
    }

    /// The requests of pages and frames, without the browser's own requests.
    pub fn page_requests(&self) -> impl Iterator<Item = &Request> {
        self.requests.iter().filter(|it| it.initiator.is_some())
    }

    /// Requests and name lookups of pages that do not go to `base`.
    pub fn external_requests(&self, base: &str) -> Vec<String> {
        let requests = self.page_requests().filter(|it| !it.url.starts_with(base)).map(ToString::to_string);
        let names =
            self.names.iter().filter(|it| it.site.starts_with("http://127.0.0.1") && !base.starts_with(&it.host));
        requests.chain(names.map(|it| format!("lookup of {}", it.host))).collect()
    }
}
