//! The browser's own record of its network: whatever any frame or process of it asked for, and every name it looked up.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::Result;

/// Where a browser writes it.
pub fn file(folder: &Path) -> PathBuf {
    folder.join("net.json")
}

#[derive(Debug, Default)]
pub struct Record {
    requests: Vec<Request>,
    names: Vec<Name>,
}

#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub url: String,
    /// The origin of the page or frame that asked; `null` of a sandboxed frame; `None` of the browser itself.
    pub initiator: Option<String>,
}

/// A name that was looked up: by a request, or because a page wanted it known.
#[derive(Debug)]
struct Name {
    host: String,
    /// The site of the page that wanted it; `null` of the browser itself.
    site: String,
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

impl Record {
    /// Reads what `--log-net-log` writes.
    pub fn read(file: &Path) -> Result<Self> {
        let text = fs::read(file).map_err(|error| format!("the browser kept no record: {error}"))?;
        let whole: Value =
            serde_json::from_slice(&text).map_err(|error| format!("its record is not whole: {error}"))?;
        let kind = |name: &str| {
            let kind = whole["constants"]["logEventTypes"][name].as_i64();
            kind.ok_or_else(|| format!("the browser's record knows no {name}"))
        };
        let (asked, looked_up) = (kind("URL_REQUEST_START_JOB")?, kind("HOST_RESOLVER_MANAGER_REQUEST")?);
        let mut record = Self::default();
        for event in whole["events"].as_array().into_iter().flatten() {
            let of = |name: &str| event["params"][name].as_str().map(str::to_owned);
            let kind = event["type"].as_i64().unwrap_or_default();
            if let (true, Some(url)) = (kind == asked, of("url")) {
                let initiator = of("initiator").filter(|it| it != "not an origin");
                record.requests.push(Request { method: of("method").unwrap_or_default(), url, initiator });
            } else if let (true, Some(host)) = (kind == looked_up, of("host")) {
                record.names.push(Name { host, site: of("network_anonymization_key").unwrap_or_default() });
            }
        }
        Ok(record)
    }

    /// The requests that a page or a frame made; a browser has some of its own.
    pub fn of_pages(&self) -> impl Iterator<Item = &Request> {
        self.requests.iter().filter(|it| it.initiator.is_some())
    }

    /// What was asked or looked up elsewhere than at `base`, on a page's behalf.
    pub fn elsewhere(&self, base: &str) -> Vec<String> {
        let requests = self.of_pages().filter(|it| !it.url.starts_with(base)).map(ToString::to_string);
        let names =
            self.names.iter().filter(|it| it.site.starts_with("http://127.0.0.1") && !base.starts_with(&it.host));
        requests.chain(names.map(|it| format!("name of {}", it.host))).collect()
    }
}
