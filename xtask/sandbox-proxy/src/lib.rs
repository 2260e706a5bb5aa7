//! A proxy with TLS before a sandbox, for tests: nginx or Traefik, in a temporary folder, with the configuration of
//! `docs/shared-sandbox.md`. It stops when the process ends, however it ends.

mod certificate;
mod configuration;
mod proxy;
mod walk;

pub use certificate::{AUTHORITY, use_ring};
pub use configuration::{Program, Variant};
pub use proxy::Proxy;
pub use walk::walk;

/// The error is a sentence that says what is wrong.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// A result of this crate.
pub type Result<T = (), E = Error> = std::result::Result<T, E>;

/// The name that the proxy has in the documentation.
pub const HOST: &str = "mail.example.com";

/// The path of the sandbox in the documentation.
pub const PATH: &str = "/sandbox";

#[cfg(test)]
mod tests {
    use super::{Program, Variant, walk};

    #[tokio::test]
    async fn the_sandbox_works_behind_nginx_with_tls_and_a_path() {
        if Program::Nginx.path().is_none() {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "nginx is not installed");
            println!("not run: nginx is not installed");
            return;
        }
        walk(Program::Nginx, Variant::Documented).await.unwrap();
    }
}
