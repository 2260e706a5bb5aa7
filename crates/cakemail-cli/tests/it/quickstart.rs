//! `quickstart`: all that the issue asks for is there, for people and for programs.

use super::support::{Ended, cakemail, run};

#[test]
fn every_line_is_json_and_every_step_is_ok() {
    let ended = run(&["quickstart", "--json"]).ok();
    let lines = ended.json();
    let (summary, steps) = lines.split_last().unwrap();
    assert_eq!((&summary["summary"], &summary["ok"]), (&true.into(), &true.into()));
    assert_eq!(summary["steps"], steps.len());
    for (index, step) in steps.iter().enumerate() {
        assert_eq!((&step["step"], &step["ok"]), (&(index + 1).into(), &true.into()), "{step}");
        assert!(!step["title"].as_str().unwrap().is_empty() && step["result"].is_object(), "{step}");
    }
    assert_eq!(ended.stderr, "");
}

#[test]
fn it_goes_the_guides_way() {
    let steps = run(&["quickstart", "--json"]).ok().json();
    let of = |title: &str| steps.iter().find(|step| step["title"] == title).unwrap_or_else(|| panic!("no {title}"));
    let requests = |title: &str| of(title)["http"].to_string();
    assert_eq!(requests("Obtain an access token"), r#"["POST /token → 200"]"#);
    let own = "Create a sender with the account's own address";
    assert_eq!(of(own)["result"]["confirmed"], true);
    let other = of("Create a sender with another address: it gets a mail");
    assert_eq!(other["result"]["confirmed"], false);
    assert!(other["result"]["mail"].as_str().unwrap().contains("/_sandbox/confirm?id="));
    assert_eq!(of("Confirm it with the id from that mail")["result"]["confirmed"], true);
    assert_eq!(requests("Find your list ID"), r#"["GET /lists → 200"]"#);
    for (title, status) in [
        ("Send one, to a recipient who will click a link", "queued"),
        ("It is delivered", "delivered"),
        ("It is opened", "opened"),
        ("A link in it is clicked", "clicked"),
        ("It bounces", "bounced"),
        ("An address that has bounced before: it is suppressed", "rejected"),
    ] {
        assert_eq!(of(title)["result"]["status"], status, "{title}");
    }
    for title in
        ["Filter by tag", "Filter by status", "Filter by date: up to an hour ago", "Filter by date: since then"]
    {
        assert_eq!(requests(title), r#"["GET /v2/logs/emails → 200"]"#, "{title}");
    }
    let mistakes = |section: &str| {
        let section = format!("Troubleshooting: {section}");
        steps.iter().filter(|step| step["section"] == section.as_str()).count()
    };
    let counts = ["authentication errors", "invalid sender", "list ID not found", "email not received"].map(mistakes);
    assert_eq!(counts, [4, 3, 2, 3]);
}

#[test]
fn people_read_short_lines_without_colours_in_a_pipe() {
    let ended = run(&["quickstart"]).ok();
    for line in ended.stdout.lines() {
        assert!(line.chars().count() <= 80 && !line.contains('\x1b'), "{line}");
        assert_eq!(line, line.trim_end());
    }
    let next: Vec<_> = ended.stdout.lines().rev().take(3).collect();
    assert!(next[2].contains("cakemail send") && next[1].contains("cakemail sandbox"), "{next:?}");
    assert!(next[0].contains("https://docs.rs/cakemail"), "{next:?}");
}

#[test]
fn it_needs_no_account_and_uses_none() {
    let mut command = cakemail(&["quickstart", "--json"]);
    command.env("CAKEMAIL_API_BASE", "http://127.0.0.1:1").env("CAKEMAIL_ACCESS_TOKEN", "none");
    Ended::of(&mut command).ok();
}
