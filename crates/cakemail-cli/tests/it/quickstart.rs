//! `cakemail quickstart`: its steps, as text and as JSON.

use super::support::{Finished, cakemail, run};

#[test]
fn with_json_every_line_is_an_object_and_every_step_passes() {
    let output = run(&["quickstart", "--json"]).ok();
    let lines = output.json();
    let (summary, steps) = lines.split_last().unwrap();
    assert_eq!((&summary["summary"], &summary["ok"]), (&true.into(), &true.into()));
    assert_eq!(summary["steps"], steps.len());
    for (index, step) in steps.iter().enumerate() {
        assert_eq!((&step["step"], &step["ok"]), (&(index + 1).into(), &true.into()), "{step}");
        assert!(!step["title"].as_str().unwrap().is_empty() && step["result"].is_object(), "{step}");
    }
    assert_eq!(output.stderr, "");
}

#[test]
fn the_steps_have_the_requests_and_results_of_the_guide() {
    let steps = run(&["quickstart", "--json"]).ok().json();
    let of = |title: &str| steps.iter().find(|step| step["title"] == title).unwrap_or_else(|| panic!("no {title}"));
    let requests = |title: &str| of(title)["http"].to_string();
    assert_eq!(requests("Obtain an access token"), r#"["POST /token → 200"]"#);
    let own = "Create a sender with the account's own address";
    assert_eq!(of(own)["result"]["confirmed"], true);
    let other = of("Create a sender with another address");
    assert_eq!(other["result"]["confirmed"], false);
    assert!(other["result"]["confirmation email"].as_str().unwrap().contains("/_sandbox/confirm?id="));
    assert_eq!(of("Confirm the sender with the ID from the email")["result"]["confirmed"], true);
    assert_eq!(requests("Find your list ID"), r#"["GET /lists → 200"]"#);
    for (title, status) in [
        ("Send an email to a recipient who clicks a link", "queued"),
        ("Wait until the email is delivered", "delivered"),
        ("Wait until the email is opened", "opened"),
        ("Wait until a link is clicked", "clicked"),
        ("Read the status of the bounced email", "bounced"),
        ("Send to a suppressed address, which bounced before", "rejected"),
    ] {
        assert_eq!(of(title)["result"]["status"], status, "{title}");
    }
    for title in
        ["Filter by tag", "Filter by status", "Filter by date: until an hour ago", "Filter by date: since an hour ago"]
    {
        assert_eq!(requests(title), r#"["GET /v2/logs/emails → 200"]"#, "{title}");
    }
    let troubleshooting = |section: &str| {
        let section = format!("Troubleshooting: {section}");
        steps.iter().filter(|step| step["section"] == section.as_str()).count()
    };
    let counts =
        ["authentication errors", "invalid sender", "list ID not found", "email not received"].map(troubleshooting);
    assert_eq!(counts, [4, 3, 2, 3]);
}

#[test]
fn text_in_a_pipe_has_lines_of_80_columns_and_no_colors() {
    let output = run(&["quickstart"]).ok();
    for line in output.stdout.lines() {
        assert!(line.chars().count() <= 80 && !line.contains('\x1b'), "{line}");
        assert_eq!(line, line.trim_end());
    }
    let next: Vec<_> = output.stdout.lines().rev().take(3).collect();
    assert!(next[2].contains("cakemail send") && next[1].contains("cakemail sandbox"), "{next:?}");
    assert!(next[0].contains("https://docs.rs/cakemail"), "{next:?}");
}

#[test]
fn it_ignores_the_account_in_the_environment() {
    let mut command = cakemail(&["quickstart", "--json"]);
    command.env("CAKEMAIL_API_BASE", "http://127.0.0.1:1").env("CAKEMAIL_ACCESS_TOKEN", "none");
    Finished::of(&mut command).ok();
}
