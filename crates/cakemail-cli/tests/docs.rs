//! The documents' shell commands, run by the command as it is built, with a sandbox for Cakemail.
#![cfg(test)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use tempfile::TempDir;

/// What is not run here, and why. It may be longer than what stands here.
const NOT_HERE: [(&str, &str); 7] = [
    ("cargo test --workspace", "this test is part of it"),
    (".ci/run", "it runs this test"),
    ("cargo xtask bench", "it measures for minutes, and wants the machine for itself"),
    ("cargo xtask codegen", "it writes into the tree; a test of xtask makes its check"),
    ("cargo xtask codegen --check", "a test of xtask makes the same check"),
    ("cargo xtask release", "it makes a release; what it consists of has tests of its own"),
    ("git push", "it publishes"),
];

const ACCOUNT: &str = "ada@example.com";
const PASSWORD: &str = "not-a-secret";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The documents' blocks of a kind, each with its page.
fn blocks(kind: &str) -> Vec<(String, String)> {
    let files = |folder: PathBuf| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let readmes = files(root().join("crates")).map(|folder| folder.join("README.md"));
    let pages = readmes.chain(files(root())).chain(files(root().join("docs")));
    let mut blocks = Vec::new();
    for page in pages.filter(|page| page.extension().is_some_and(|extension| extension == "md") && page.exists()) {
        let text = fs::read_to_string(&page).unwrap();
        let fence = format!("\n```{kind}\n");
        let after = text.split(&fence).skip(1);
        blocks.extend(after.map(|rest| (page.display().to_string(), rest.split("\n```").next().unwrap().to_owned())));
    }
    blocks
}

/// A command's words, as a shell makes them of a line with nothing but quotes in it.
fn words(line: &str) -> Vec<String> {
    assert!(!line.contains(['$', '\\', '|', '>', '\'']), "this test is no shell: {line}");
    let mut words = Vec::new();
    for (index, part) in line.split('"').enumerate() {
        match index % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

/// A sandbox in a process of its own, which ends with it.
struct Sandbox {
    process: Child,
    url: String,
    /// It stays open: nobody reads on, but it is written to.
    _out: BufReader<ChildStdout>,
    _folder: TempDir,
}

impl Sandbox {
    fn start(arguments: &[String]) -> Self {
        let mut arguments = arguments.to_vec();
        if !arguments.iter().any(|argument| argument == "--listen") {
            // The usual port may be taken.
            arguments.extend(words("--listen 127.0.0.1:0"));
        }
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_cakemail"));
        command.args(arguments).current_dir(&folder).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let url = line.trim_end().strip_prefix("Cakemail sandbox listening on ").map(str::to_owned);
        let sandbox = Self { process, url: url.clone().unwrap_or_default(), _out: out, _folder: folder };
        assert!(url.is_some(), "{line}");
        sandbox
    }

    /// Runs the command against it, and returns what it prints.
    fn run(&self, arguments: &[String]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_cakemail"))
            .args(arguments)
            .env("CAKEMAIL_API_BASE", &self.url)
            .env("CAKEMAIL_EMAIL", ACCOUNT)
            .env("CAKEMAIL_PASSWORD", PASSWORD)
            .env_remove("CAKEMAIL_ACCESS_TOKEN")
            .output()
            .unwrap();
        let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {}\n{out}{err}", output.status);
        out
    }

    /// The id in the JSON object that a command prints first.
    fn id(&self, line: &str) -> String {
        let out = self.run(&words(line));
        let object: serde_json::Value = serde_json::from_str(out.lines().next().unwrap()).unwrap();
        object["id"].as_str().map_or_else(|| object["id"].to_string(), str::to_owned)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // When it cannot be killed it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn sandbox() -> Sandbox {
    Sandbox::start(&words(&format!("sandbox --listen 127.0.0.1:0 --account {ACCOUNT} --password {PASSWORD}")))
}

#[test]
fn every_command_does_what_it_says() {
    let sandbox = sandbox();
    let sender = sandbox.id(&format!("senders create Ada {ACCOUNT} --json"));
    let list = sandbox.id("lists --json");
    let mut left_out = Vec::new();
    let mut count = 0;
    for (page, block) in blocks("sh") {
        for line in block.lines() {
            if let Some((start, _)) = NOT_HERE.iter().rfind(|(start, _)| line.starts_with(start)) {
                left_out.push(*start);
                continue;
            }
            let arguments = line.strip_prefix("cakemail ").or_else(|| line.strip_prefix("cargo run -- "));
            let arguments = arguments.unwrap_or_else(|| panic!("{page}: is this run anywhere? {line}"));
            let arguments = words(&arguments.replace("SENDER_ID", &sender).replace("LIST_ID", &list));
            count += 1;
            match arguments[0].as_str() {
                "sandbox" => drop(Sandbox::start(&arguments)),
                _ => drop(sandbox.run(&arguments)),
            }
        }
    }
    assert!(count > 5, "only {count} commands were found");
    for (start, _) in NOT_HERE {
        assert!(left_out.contains(&start), "no document has `{start}`: take it off the list");
    }
}

/// Asks the sandbox: a method and a path, and a body in the lines after them. The answer, which has to be 2xx.
fn ask(url: &str, request: &str) -> serde_json::Value {
    let (line, body) = request.split_once('\n').unwrap_or((request, ""));
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    let length = body.len();
    let head = format!("{line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 2"), "{request}\n{answer}");
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[test]
fn every_request_does_what_it_says() {
    let sandbox = sandbox();
    let sample = ask(&sandbox.url, "POST /_sandbox/sample\n{\"emails\": 2}");
    let email = sample["emails"][0].as_str().unwrap();
    ask(&sandbox.url, "POST /_sandbox/clock\n{\"advance_ms\": 3000}");
    let blocks = blocks("http");
    assert!(blocks.len() > 4);
    for (_, request) in blocks {
        ask(&sandbox.url, &request.replace("EMAIL_ID", email));
    }
}

/// Identifiers differ from run to run.
fn without_ids(text: &str) -> String {
    let is_id = |word: &str| word.len() == 36 && word.matches('-').count() == 4;
    text.split('\n')
        .map(|line| {
            line.split(' ').map(|word| if is_id(word) { "…" } else { word }).collect::<Vec<_>>().join(" ") + "\n"
        })
        .collect()
}

#[test]
fn the_quickstart_looks_as_the_readme_shows() {
    let shown = blocks("text").into_iter().map(|(_, block)| block).find(|block| block.contains("✓")).unwrap();
    let printed = sandbox().run(&words("quickstart"));
    assert!(without_ids(&printed).contains(&without_ids(&shown)), "{printed}");
}
