//! No secret is ever shown, however much is asked for.

use super::support::{Ended, InProcess, PASSWORD, cakemail};

#[test]
fn no_password_token_body_or_recipient_is_shown() {
    let server = InProcess::start();
    let (sender, list) = server.sender_and_list();
    let send = ["send", "--sender", &sender, "--list", &list, "--to", "r3cipient@example.com", "--subject", "x"];
    let calls = [
        server.command(&[&send[..], &["--text", "b0dy", "-v", "-v"]].concat()),
        server.command(&["senders", "-v", "-v", "--json"]),
        server.command(&["lists", "show", "99", "-v", "-v"]),
    ];
    for mut call in calls {
        let ended = Ended::of(&mut call);
        assert!(ended.stderr.contains("createToken"), "-v shows calls: {ended:?}");
        let said = ended.stdout + &ended.stderr;
        for secret in [PASSWORD, "hunter2", "r3cipient", "b0dy", "Bearer", "access_token"] {
            assert!(!said.contains(secret), "{secret}: {said}");
        }
    }
}

#[test]
fn nor_what_is_refused() {
    let server = InProcess::start();
    for json in [&[][..], &["--json"]] {
        let mut command = cakemail(&[&["lists", "-vv", "--api-base", server.sandbox.url()], json].concat());
        let ended = Ended::of(command.env("CAKEMAIL_ACCESS_TOKEN", "t0ken-hunter2"));
        assert_eq!(ended.code, Some(1));
        assert!(!(ended.stdout + &ended.stderr).contains("t0ken"));
        let ended = Ended::of(server.command(&[&["lists", "-vv"], json].concat()).env("CAKEMAIL_PASSWORD", "wr0ng"));
        assert_eq!(ended.code, Some(1));
        assert!(!(ended.stdout + &ended.stderr).contains("wr0ng"));
    }
}
