//! No output contains a secret, even with `-vv`.

use super::support::{Finished, LocalSandbox, PASSWORD, cakemail};

#[test]
fn no_output_contains_a_password_token_body_or_recipient() {
    let server = LocalSandbox::start();
    let (sender, list) = server.sender_and_list();
    let send = ["send", "--sender", &sender, "--list", &list, "--to", "r3cipient@example.com", "--subject", "x"];
    let calls = [
        server.command(&[&send[..], &["--text", "b0dy", "-v", "-v"]].concat()),
        server.command(&["senders", "-v", "-v", "--json"]),
        server.command(&["lists", "show", "99", "-v", "-v"]),
    ];
    for mut call in calls {
        let output = Finished::of(&mut call);
        assert!(output.stderr.contains("createToken"), "-v logs calls: {output:?}");
        let text = output.stdout + &output.stderr;
        for secret in [PASSWORD, "hunter2", "r3cipient", "b0dy", "Bearer", "access_token"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
}

#[test]
fn no_output_contains_rejected_credentials() {
    let server = LocalSandbox::start();
    for json in [&[][..], &["--json"]] {
        let mut command = cakemail(&[&["lists", "-vv", "--api-base", server.sandbox.url()], json].concat());
        let output = Finished::of(command.env("CAKEMAIL_ACCESS_TOKEN", "t0ken-hunter2"));
        assert_eq!(output.code, Some(1));
        assert!(!(output.stdout + &output.stderr).contains("t0ken"));
        let output =
            Finished::of(server.command(&[&["lists", "-vv"], json].concat()).env("CAKEMAIL_PASSWORD", "wr0ng"));
        assert_eq!(output.code, Some(1));
        assert!(!(output.stdout + &output.stderr).contains("wr0ng"));
    }
}
