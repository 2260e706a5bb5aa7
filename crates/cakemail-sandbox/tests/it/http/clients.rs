//! Clients that others have written.

use std::process::{Command, Output};

use cakemail_sandbox::Sandbox;

use crate::support::frozen;

async fn run(mut command: Command) -> String {
    let Output { status, stdout, stderr } =
        tokio::task::spawn_blocking(move || command.output()).await.unwrap().expect("the program is installed");
    assert!(status.success(), "{status}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap().replace('\r', "")
}

/// Runs curl with these arguments, where `URL` is the sandbox's. Bodies are printed to standard output unless the
/// arguments say otherwise.
async fn curl(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--max-time", "30", "--noproxy", "proxied.example"]);
    command.args(arguments.iter().map(|argument| argument.replace("URL", sandbox.url())));
    run(command).await
}

/// For each response its status, its version and how many connections were opened for it.
const SUMMARY: [&str; 4] = ["--output", "/dev/null", "--write-out", "%{http_code} %{http_version} %{num_connects}\n"];

#[tokio::test]
async fn curl_is_understood() {
    let sandbox = frozen().await;
    let summary = |arguments: &'static [&'static str]| {
        let sandbox = &sandbox;
        async move { curl(sandbox, &[&SUMMARY, arguments].concat()).await }
    };
    for (arguments, expected) in [
        (&["URL/_sandbox/health", "--output", "/dev/null", "URL/nowhere"][..], "200 1.1 1\n404 1.1 0\n"),
        (&["--http1.0", "URL/_sandbox/health"], "200 1 1\n"),
        (&["--http2", "URL/_sandbox/health"], "200 1.1 1\n"),
        (&["--head", "URL/", "--output", "/dev/null", "URL/openapi.json"], "200 1.1 1\n200 1.1 0\n"),
        (&["--request", "OPTIONS", "URL/lists"], "204 1.1 1\n"),
        (&["--request", "PATCH", "URL/accounts/self"], "405 1.1 1\n"),
        (&["--header", "Transfer-Encoding: chunked", "--data", "{}", "URL/_sandbox/reset"], "200 1.1 1\n"),
        (&["--header", "Expect: 100-continue", "--data", "{}", "URL/_sandbox/reset"], "200 1.1 1\n"),
        (
            &["--header", "Connection: close", "URL/_sandbox/health", "--output", "/dev/null", "URL/"],
            "200 1.1 1\n200 1.1 1\n",
        ),
    ] {
        assert_eq!(summary(arguments).await, expected, "{arguments:?}");
    }
}

#[tokio::test]
async fn curl_as_the_client_of_a_proxy_sends_absolute_targets() {
    let sandbox = frozen().await;
    let body = curl(&sandbox, &["--proxy", "URL", "http://localhost/_sandbox/health"]).await;
    assert!(body.contains("\"status\":\"ok\""), "{body}");
    let body = curl(&sandbox, &["--proxy", "URL", "http://evil.example/_sandbox/health"]).await;
    assert!(body.contains("forbidden"), "{body}");
}

#[tokio::test]
async fn curl_reads_the_response_to_an_upload_that_is_too_large() {
    let sandbox = frozen().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large");
    std::fs::write(&file, vec![b'x'; 40 * 1024 * 1024]).unwrap();
    let upload = format!("@{}", file.display());
    for headers in [
        &["--header", "Expect:"][..],
        &["--header", "Expect: 100-continue"],
        &["--header", "Transfer-Encoding: chunked", "--header", "Expect:"],
    ] {
        let arguments = [&SUMMARY, headers, &["--data-binary", &upload, "URL/_sandbox/rules"]].concat();
        assert_eq!(curl(&sandbox, &arguments).await, "413 1.1 1\n", "{headers:?}");
    }
}

#[tokio::test]
async fn python_is_understood() {
    let sandbox = frozen().await;
    let mut command = Command::new("python3");
    command.args(["-c", include_str!("client.py"), &sandbox.addr().to_string()]);
    run(command).await;
}
