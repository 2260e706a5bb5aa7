//! The configurations of the documentation, for a test.

use std::env;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::certificate::{CERTIFICATE, KEY};
use crate::{PATH, Result};

/// The page that has the configurations.
const PAGE: &str = include_str!("../../../docs/shared-sandbox.md");

/// A program that stands before the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// nginx, as systems package it.
    Nginx,
    /// Traefik.
    Traefik,
}

/// A difference from the documented configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// None: the sandbox gets the request's path and host.
    Documented,
    /// The proxy removes the path of the sandbox from the requests.
    PathRemoved,
    /// The proxy sends the sandbox's address as the host, as nginx does unless told otherwise.
    HostReplaced,
}

impl Program {
    /// Where the program is, if it is installed.
    pub fn path(self) -> Option<PathBuf> {
        let path = env::var_os("PATH").unwrap_or_default();
        let folders = env::split_paths(&path).chain(["/usr/sbin".into()]);
        folders.map(|folder| folder.join(self.name())).find(|file| file.is_file())
    }

    /// The name of the program's file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Traefik => "traefik",
        }
    }

    /// The variants that are tested: each is one that people have.
    pub fn variants(self) -> &'static [Variant] {
        match self {
            Self::Nginx => &[Variant::Documented, Variant::PathRemoved, Variant::HostReplaced],
            Self::Traefik => &[Variant::Documented, Variant::PathRemoved],
        }
    }

    /// Writes the configuration to the folder and returns the program's arguments.
    pub(crate) fn configure(
        self,
        variant: Variant,
        folder: &Path,
        port: u16,
        sandbox: SocketAddr,
    ) -> Result<Vec<String>> {
        let file = |name: &str| folder.join(name).display().to_string();
        let page = self.documented()?.replace("127.0.0.1:8025", &sandbox.to_string());
        let page = page.replace("/etc/ssl/mail.example.com.pem", &file(CERTIFICATE));
        let page = page.replace("/etc/ssl/mail.example.com.key", &file(KEY));
        match self {
            Self::Nginx => {
                let page = page.replace("listen 443 ssl;", &format!("listen 127.0.0.1:{port} ssl;"));
                fs::write(folder.join("nginx.conf"), NGINX.replace("SERVERS", &nginx_variant(page, variant, sandbox)))?;
                Ok(vec!["-p".into(), folder.display().to_string(), "-c".into(), file("nginx.conf")])
            }
            Self::Traefik => {
                fs::write(folder.join("dynamic.yaml"), traefik_variant(page, variant))?;
                Ok(vec![
                    format!("--entryPoints.websecure.address=127.0.0.1:{port}"),
                    format!("--providers.file.filename={}", file("dynamic.yaml")),
                    "--global.checkNewVersion=false".into(),
                    "--global.sendAnonymousUsage=false".into(),
                    "--log.level=WARN".into(),
                ])
            }
        }
    }

    /// The configuration in the documentation.
    fn documented(self) -> Result<String> {
        let fence = match self {
            Self::Nginx => "\n```nginx\n",
            Self::Traefik => "\n```yaml\n# Traefik\n",
        };
        let block = PAGE.split(fence).nth(1).and_then(|rest| rest.split("\n```").next());
        Ok(block.ok_or_else(|| format!("the page has no configuration of {}", self.name()))?.to_owned())
    }
}

/// All that nginx needs besides the documented part, without files outside of its folder.
const NGINX: &str = "\
daemon off;
master_process off;
pid nginx.pid;
error_log stderr warn;
events {}
http {
    access_log off;
    client_body_temp_path client_body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
SERVERS
}
";

fn nginx_variant(page: String, variant: Variant, sandbox: SocketAddr) -> String {
    match variant {
        Variant::Documented => page,
        Variant::PathRemoved => page.replace("proxy_pass http://sandbox;", "proxy_pass http://sandbox/;"),
        Variant::HostReplaced => {
            let page = page.replace("proxy_pass http://sandbox;", &format!("proxy_pass http://{sandbox};"));
            page.replace("proxy_set_header Host $host;", "")
        }
    }
}

fn traefik_variant(page: String, variant: Variant) -> String {
    match variant {
        Variant::PathRemoved => {
            let page = page.replace("      service: sandbox\n", "      service: sandbox\n      middlewares: [strip]\n");
            let middleware = format!("  middlewares:\n    strip:\n      stripPrefix:\n        prefixes: [{PATH}]\n");
            page.replacen("  services:\n", &format!("{middleware}  services:\n"), 1)
        }
        Variant::Documented | Variant::HostReplaced => page,
    }
}
