//! The reader of a pipe may close it at any time.

use std::io::{BufRead, BufReader, Read};

use super::support::cakemail;

#[test]
fn a_pipe_closed_after_the_first_line_is_success() {
    for args in [&["quickstart"][..], &["quickstart", "--json"], &["--sandbox", "logs"]] {
        let mut child = cakemail(args).spawn().unwrap();
        let mut line = String::new();
        BufReader::with_capacity(1, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{args:?}: {stderr}");
        assert!(!line.is_empty() && !stderr.contains("panicked"), "{args:?}: {stderr}");
    }
}

#[test]
fn the_exit_code_tells_what_happened_after_the_pipe_was_closed() {
    let send = ["--sandbox", "--json", "send", "--subject", "x", "--text", "y", "--wait", "delivered", "--to"];
    for (to, code) in [("delivered@example.org", 0), ("bounced@example.com", 1)] {
        let mut child = cakemail(&[&send[..], &[to]].concat()).spawn().unwrap();
        let mut line = String::new();
        BufReader::with_capacity(1, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("\"id\""), "{line}");
        assert_eq!(child.wait().unwrap().code(), Some(code), "{to}");
    }
}

#[test]
fn a_pipe_closed_at_once_does_not_panic() {
    for args in [&["--help"][..], &["--version"], &["lists"], &["--json", "lists"], &["--nonsense"]] {
        let mut child = cakemail(args).spawn().unwrap();
        drop((child.stdout.take(), child.stderr.take()));
        let code = child.wait().unwrap().code();
        assert!(matches!(code, Some(0..=2)), "{args:?}: {code:?}"); // a panic exits with 101
    }
}
