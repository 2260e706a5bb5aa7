//! Runs the shell commands and the HTTP requests of the documentation.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::support::{EMAIL, SandboxProcess, run};

/// Commands that this test does not run, and why not. Each matches the start of a line; the last match counts.
const SKIPPED: [(&str, &str); 7] = [
    ("cargo test --workspace", "this test is part of it"),
    (".ci/run", "it runs this test"),
    ("cargo xtask bench", "it measures for minutes on an idle machine"),
    ("cargo xtask codegen", "it writes files; a test of xtask covers `--check`"),
    ("cargo xtask codegen --check", "a test of xtask runs it"),
    ("cargo xtask release", "it makes a release; its parts have their own tests"),
    ("git push", "it publishes"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The fenced blocks of a language in all pages, each with its page.
fn blocks(language: &str) -> Vec<(String, String)> {
    let files = |folder: PathBuf| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let readmes = files(root().join("crates")).map(|folder| folder.join("README.md"));
    let pages = readmes.chain(files(root())).chain(files(root().join("docs")));
    let mut blocks = Vec::new();
    for page in pages.filter(|page| page.extension().is_some_and(|extension| extension == "md") && page.exists()) {
        let text = fs::read_to_string(&page).unwrap();
        let fence = format!("\n```{language}\n");
        let after = text.split(&fence).skip(1);
        blocks.extend(after.map(|rest| (page.display().to_string(), rest.split("\n```").next().unwrap().to_owned())));
    }
    blocks
}

/// Splits a command line into words. Understands double quotes only.
fn words(line: &str) -> Vec<String> {
    assert!(!line.contains(['$', '\\', '|', '>', '\'']), "this test cannot parse the shell line: {line}");
    let mut words = Vec::new();
    for (index, part) in line.split('"').enumerate() {
        match index % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

/// The ID in the first JSON object that a command prints.
fn id(sandbox: &SandboxProcess, args: &[&str]) -> String {
    let object = sandbox.run(args).ok().json().remove(0);
    object["id"].as_str().map_or_else(|| object["id"].to_string(), str::to_owned)
}

/// Runs curl in a folder, with the sandbox in place of the one that the pages name.
fn curl(sandbox: &SandboxProcess, folder: &Path, args: &str) {
    let args = args.replace("http://127.0.0.1:8025", &sandbox.url);
    let line = format!("command -v curl > /dev/null || exit 99; curl --fail --silent --show-error {args}");
    let status = Command::new("sh").arg("-c").arg(&line).current_dir(folder).stdout(Stdio::null()).status().unwrap();
    match status.code() {
        Some(99) if std::env::var_os("CI").is_none() => eprintln!("not run, since curl is missing: curl {args}"),
        code => assert_eq!(code, Some(0), "curl {args}"),
    }
}

#[test]
fn every_shell_command_succeeds() {
    let sandbox = SandboxProcess::start(&[]);
    let sender = id(&sandbox, &["senders", "create", "Ada", EMAIL, "--json"]);
    let list = id(&sandbox, &["lists", "--json"]);
    let folder = tempfile::tempdir().unwrap();
    let mut skipped = Vec::new();
    let mut count = 0;
    for (page, block) in blocks("sh") {
        for line in block.lines() {
            if let Some((start, _)) = SKIPPED.iter().rfind(|(start, _)| line.starts_with(start)) {
                skipped.push(*start);
                continue;
            }
            if let Some(args) = line.strip_prefix("curl ") {
                curl(&sandbox, folder.path(), args);
                count += 1;
                continue;
            }
            let args = line.strip_prefix("cakemail ").or_else(|| line.strip_prefix("cargo run -- "));
            let args = args.unwrap_or_else(|| panic!("{page}: this test cannot run `{line}`"));
            let args = words(&args.replace("SENDER_ID", &sender).replace("LIST_ID", &list));
            let args: Vec<_> = args.iter().map(String::as_str).collect();
            count += 1;
            match args.split_first() {
                Some((&"sandbox", args)) => drop(SandboxProcess::start(args)),
                _ => drop(sandbox.run(&args).ok()),
            }
        }
    }
    assert!(count > 5, "only {count} commands were found");
    for (start, _) in SKIPPED {
        assert!(skipped.contains(&start), "no page has `{start}`: remove it from SKIPPED");
    }
}

/// Sends a request: method and path on the first line, the body after it. Returns the body of the 2xx response.
fn send(url: &str, request: &str) -> serde_json::Value {
    let (line, body) = request.split_once('\n').unwrap_or((request, ""));
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    let length = body.len();
    let head = format!("{line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 2"), "{request}\n{response}");
    serde_json::from_str(response.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[test]
fn every_http_request_succeeds() {
    let sandbox = SandboxProcess::start(&[]);
    let sample = send(&sandbox.url, "POST /_sandbox/sample\n{\"emails\": 2}");
    let email = sample["emails"][0].as_str().unwrap();
    send(&sandbox.url, "POST /_sandbox/clock\n{\"advance_ms\": 3000}");
    let blocks = blocks("http");
    assert!(blocks.len() > 4);
    for (_, request) in blocks {
        send(&sandbox.url, &request.replace("EMAIL_ID", email));
    }
}

/// Replaces UUIDs, which differ from run to run.
fn without_ids(text: &str) -> String {
    let is_id = |word: &str| word.len() == 36 && word.matches('-').count() == 4;
    text.split('\n')
        .map(|line| {
            line.split(' ').map(|word| if is_id(word) { "…" } else { word }).collect::<Vec<_>>().join(" ") + "\n"
        })
        .collect()
}

#[test]
fn the_readme_shows_the_output_of_the_quickstart() {
    let shown = blocks("text").into_iter().map(|(_, block)| block).find(|block| block.contains("✓")).unwrap();
    let printed = run(&["quickstart"]).ok().stdout;
    assert!(without_ids(&printed).contains(&without_ids(&shown)), "{printed}");
}
